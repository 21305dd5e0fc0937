use std::io::{Cursor, Write};

use megashop_files::{Kind, Refusal};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::support::{accepted, png, png_header, refusal};

const SCENE: &[u8] = b"#usda 1.0\ndef Mesh \"Box\" { asset file = @textures/wood.png@ }\n";

fn stored() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
}

fn usdz(files: &[(&str, &[u8])]) -> Vec<u8> {
    with_options(files, stored())
}

fn with_options(files: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        archive.start_file(*name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_scene_with_its_textures_is_accepted() {
    assert_eq!(accepted(&usdz(&[("scene.usda", SCENE)])).kind, Kind::Usdz);
    let packed = usdz(&[("scene.usdc", b"PXR-USDC\0\0\0"), ("textures/wood.png", &png(4, 4))]);
    assert_eq!(accepted(&packed).kind, Kind::Usdz);
}

#[test]
fn a_common_archive_is_not_a_model() {
    assert_eq!(refusal(&usdz(&[])), Refusal::UnknownType);
    assert_eq!(refusal(&usdz(&[("wood.png", &png(4, 4)), ("scene.usda", SCENE)])), Refusal::UnknownType);
    assert_eq!(refusal(&usdz(&[("scene.usda", SCENE), ("run.sh", b"#!/bin/sh")])), Refusal::BrokenModel);
    assert_eq!(refusal(&usdz(&[("scene.usda", b"plain text")])), Refusal::BrokenModel);
}

#[test]
fn compressed_entries_are_refused() {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let bomb = with_options(&[("scene.usda", &[b'a'; 100_000])], options);
    assert_eq!(refusal(&bomb), Refusal::BrokenModel);

    // Сжатие объявлено, а размеры равны: способ стоит в местном (PK34) и в общем (PK12) заголовке.
    let mut disguised = usdz(&[("scene.usda", SCENE)]);
    disguised[8] = 8;
    let central = disguised.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    disguised[central + 10] = 8;
    assert_eq!(refusal(&disguised), Refusal::BrokenModel);
}

#[test]
fn paths_that_lead_outside_are_refused() {
    for name in ["../evil.png", "a/../../evil.png", "/etc/evil.png", "C:\\evil.png", "a\\b.png", "a//b.png", "./b.png"]
    {
        assert_eq!(refusal(&usdz(&[("scene.usda", SCENE), (name, &png(4, 4))])), Refusal::BrokenModel, "{name}");
    }
    let mut link = ZipWriter::new(Cursor::new(Vec::new()));
    link.start_file("scene.usda", stored()).unwrap();
    link.write_all(SCENE).unwrap();
    link.add_symlink("wood.wav", "/etc/passwd", stored()).unwrap();
    assert_eq!(refusal(&link.finish().unwrap().into_inner()), Refusal::BrokenModel);
}

#[test]
fn outside_references_are_refused() {
    for reference in ["https://evil.example/a.usda", "/etc/passwd", "../../a.png", "file:///etc/passwd"] {
        let scene = format!("#usda 1.0\ndef \"A\" (references = @{reference}@) {{}}\n");
        assert_eq!(refusal(&usdz(&[("scene.usda", scene.as_bytes())])), Refusal::ExternalReference, "{reference}");
    }
}

#[test]
fn textures_are_checked() {
    let with_texture = |texture: &[u8]| usdz(&[("scene.usda", SCENE), ("textures/wood.png", texture)]);
    assert_eq!(refusal(&with_texture(&png_header(50_000, 50_000))), Refusal::TooManyPixels);
    assert_eq!(refusal(&with_texture(b"not a picture")), Refusal::BrokenModel);
}

#[test]
fn an_archive_that_is_also_something_else_is_refused() {
    let good = usdz(&[("scene.usda", SCENE)]);
    let prefixed = [b"PK\x03\x04 something else ", &good[..]].concat();
    assert_eq!(refusal(&prefixed), Refusal::BrokenModel);
    let commented = {
        let mut bytes = good.clone();
        let length = bytes.len();
        bytes[length - 2..].copy_from_slice(&[4, 0]);
        [bytes, b"tail".to_vec()].concat()
    };
    assert_eq!(refusal(&commented), Refusal::BrokenModel);
    assert_eq!(
        refusal(&usdz(&[("scene.usda", SCENE), ("a.wav", b"<script>alert(1)</script>")])),
        Refusal::ActiveContent
    );
}

#[test]
fn too_many_entries_are_refused() {
    let names: Vec<String> = (0..1001).map(|number| format!("{number}.wav")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    assert_eq!(refusal(&usdz(&files)), Refusal::ModelTooComplex);
}
