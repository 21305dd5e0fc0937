use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use megashop_files::{Kind, Refusal, Rules, inspect};
use serde_json::{Value, json};

use crate::support::{accepted, chunk, glb, glb_of_chunks, glb_of_text, png, png_header, refusal};

const BOX: &[u8] = include_bytes!("fixtures/Box.glb");
const BOX_TEXT: &[u8] = include_bytes!("fixtures/Box-embedded.gltf");

#[test]
fn real_models_are_accepted() {
    for bytes in [
        BOX,
        include_bytes!("fixtures/BoxVertexColors.glb"),
        include_bytes!("fixtures/TwoCubes.glb"),
        include_bytes!("fixtures/DenseSphere.glb"),
    ] {
        assert_eq!(accepted(bytes).kind, Kind::Glb);
    }
    assert_eq!(accepted(BOX_TEXT).kind, Kind::Gltf);
}

#[test]
fn a_text_model_with_outside_files_is_refused() {
    assert_eq!(refusal(include_bytes!("fixtures/unicode-name.gltf")), Refusal::ExternalReference);
}

/// Наименьшая модель: один треугольник без текстур, 36 байт вершин.
fn triangle() -> Value {
    json!({
        "asset": {"version": "2.0"},
        "buffers": [{"byteLength": 36}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "nodes": [{"mesh": 0}],
    })
}

/// Модель, в которой одно место заменено.
fn changed(pointer: &str, value: Value) -> Vec<u8> {
    let mut model = triangle();
    *model.pointer_mut(pointer).unwrap() = value;
    glb(&model, &[0; 36])
}

#[test]
fn html_named_as_a_model_is_refused() {
    assert_eq!(refusal(b"<html><body>model.glb</body></html>"), Refusal::UnknownType);
    assert_eq!(refusal(b"glTF<html><script>alert(1)</script></html>"), Refusal::ActiveContent);
    assert_eq!(refusal(b"glTF and nothing more"), Refusal::BrokenModel);
}

#[test]
fn a_model_that_is_also_a_page_is_refused() {
    let tail = [BOX, b"<html><script>alert(1)</script>"].concat();
    assert_eq!(refusal(&tail), Refusal::ActiveContent);
    assert_eq!(refusal(&[BOX, b"tail"].concat()), Refusal::BrokenModel);

    let mut model = triangle();
    model["asset"]["extras"] = json!("<img src=x><script>alert(1)</script>");
    assert_eq!(refusal(&glb(&model, &[0; 36])), Refusal::ActiveContent);

    let mut chunks = chunk(b"JSON", triangle().to_string().as_bytes(), b' ');
    chunks.extend(chunk(b"BIN\0", &[0; 36], 0));
    assert_eq!(accepted(&glb_of_chunks(&chunks)).kind, Kind::Glb);
    chunks.extend(chunk(b"HTML", b"<p>hi", b' '));
    assert_eq!(refusal(&glb_of_chunks(&chunks)), Refusal::BrokenModel);
}

#[test]
fn the_container_must_be_whole() {
    for end in 0..BOX.len() {
        assert!(inspect(&BOX[..end], &Rules::default()).is_err(), "cut at {end}");
    }
    let with_byte = |at: usize, value: u8| {
        let mut bytes = BOX.to_vec();
        bytes[at] = value;
        bytes
    };
    assert_eq!(refusal(&with_byte(4, 1)), Refusal::BrokenModel);
    assert_eq!(refusal(&with_byte(8, 0)), Refusal::BrokenModel);
    assert_eq!(refusal(&with_byte(12, 1)), Refusal::BrokenModel);
    assert_eq!(refusal(&with_byte(16, b'X')), Refusal::BrokenModel);
    assert_eq!(refusal(&glb_of_chunks(&chunk(b"BIN\0", &[0; 8], 0))), Refusal::BrokenModel);
    let unaligned = [&[29, 0, 0, 0][..], b"JSON", br#"{"asset": {"version": "2.0"}}"#].concat();
    assert_eq!(refusal(&glb_of_chunks(&unaligned)), Refusal::BrokenModel);
    let aligned = chunk(b"JSON", br#"{"asset": {"version": "2.0"}}"#, b' ');
    assert_eq!(accepted(&glb_of_chunks(&aligned)).kind, Kind::Glb);
    assert_eq!(refusal(&glb_of_text("not json", &[])), Refusal::BrokenModel);
    assert_eq!(refusal(&glb_of_text("{} {}", &[])), Refusal::BrokenModel);
}

#[test]
fn outside_references_are_refused_wherever_they_are() {
    for uri in
        ["https://evil.example/x.bin", "//evil.example/x", "x.bin", "../x.bin", "file:///etc/passwd", "", "DATA:,"]
    {
        assert_eq!(refusal(&changed("/buffers/0", json!({"byteLength": 36, "uri": uri}))), Refusal::ExternalReference);
    }
    let mut model = triangle();
    model["images"] = json!([{"uri": "https://evil.example/pixel.png"}]);
    assert_eq!(refusal(&glb(&model, &[0; 36])), Refusal::ExternalReference);
    let mut model = triangle();
    model["extensions"] = json!({"MPEG_media": {"media": [{"alternatives": [{"uri": "https://evil.example/v.mp4"}]}]}});
    assert_eq!(refusal(&glb(&model, &[0; 36])), Refusal::ExternalReference);
    let text = json!({"asset": {"version": "2.0"}, "buffers": [{"byteLength": 1, "\u{75}ri": "x.bin"}]}).to_string();
    assert_eq!(refusal(text.replace("\"uri\"", "\"\\u0075ri\"").as_bytes()), Refusal::ExternalReference);
}

#[test]
fn impossible_counts_are_refused() {
    for count in [1_u64 << 31, 1 << 62, u64::MAX] {
        assert_eq!(refusal(&changed("/accessors/0/count", json!(count))), Refusal::ModelTooComplex);
    }
    let many = vec![json!({"componentType": 5126, "count": 1, "type": "SCALAR"}); 70_000];
    assert_eq!(refusal(&changed("/accessors", json!(many))), Refusal::ModelTooComplex);
    assert_eq!(refusal(&changed("/nodes", json!(vec![json!({}); 70_000]))), Refusal::ModelTooComplex);
    let sum = vec![json!({"componentType": 5126, "count": 1_000_000, "type": "MAT4"}); 4];
    assert_eq!(refusal(&changed("/accessors", json!(sum))), Refusal::ModelTooComplex);
}

#[test]
fn data_outside_the_file_is_refused() {
    assert_eq!(refusal(&changed("/accessors/0/count", json!(4))), Refusal::BrokenModel);
    assert_eq!(refusal(&changed("/accessors/0/bufferView", json!(1))), Refusal::BrokenModel);
    assert_eq!(refusal(&changed("/accessors/0/count", json!(-1))), Refusal::BrokenModel);
    assert_eq!(refusal(&changed("/accessors/0/type", json!("VEC9"))), Refusal::BrokenModel);
    assert_eq!(refusal(&changed("/accessors/0/componentType", json!(1))), Refusal::BrokenModel);
    assert_eq!(refusal(&changed("/bufferViews/0/byteLength", json!(37))), Refusal::BrokenModel);
    assert_eq!(
        refusal(&changed("/bufferViews/0", json!({"buffer": 0, "byteOffset": u64::MAX, "byteLength": 36}))),
        Refusal::BrokenModel
    );
    assert_eq!(refusal(&changed("/bufferViews/0/buffer", json!(1))), Refusal::BrokenModel);
    assert_eq!(refusal(&changed("/buffers/0/byteLength", json!(37))), Refusal::BrokenModel);
    assert_eq!(refusal(&glb(&triangle(), &[])), Refusal::BrokenModel);
    assert_eq!(refusal(&changed("/asset/version", json!("1.0"))), Refusal::BrokenModel);
    assert_eq!(
        refusal(&changed("/buffers/0", json!({"byteLength": 3, "uri": "data:application/octet-stream;base64,AA=="}))),
        Refusal::BrokenModel
    );
    assert_eq!(
        refusal(&changed("/buffers/0", json!({"byteLength": 1, "uri": "data:text/plain,hello"}))),
        Refusal::BrokenModel
    );
}

#[test]
fn compressed_models_are_accepted() {
    let mut draco = triangle();
    draco["accessors"][0] = json!({"componentType": 5126, "count": 3, "type": "VEC3"});
    assert_eq!(accepted(&glb(&draco, &[0; 36])).kind, Kind::Glb);
    let mut meshopt = triangle();
    let fallback = json!({"byteLength": 72, "extensions": {"EXT_meshopt_compression": {"fallback": true}}});
    meshopt["buffers"].as_array_mut().unwrap().push(fallback);
    meshopt["bufferViews"].as_array_mut().unwrap().push(json!({"buffer": 1, "byteLength": 72}));
    assert_eq!(accepted(&glb(&meshopt, &[0; 36])).kind, Kind::Glb);
    meshopt["buffers"][1] = json!({"byteLength": 72});
    assert_eq!(refusal(&glb(&meshopt, &[0; 36])), Refusal::BrokenModel);
}

/// Модель с текстурой, лежащей в двоичной части.
fn textured(texture: &[u8]) -> Vec<u8> {
    let mut model = triangle();
    model["buffers"][0] = json!({"byteLength": 36 + texture.len()});
    model["bufferViews"]
        .as_array_mut()
        .unwrap()
        .push(json!({"buffer": 0, "byteOffset": 36, "byteLength": texture.len()}));
    model["images"] = json!([{"bufferView": 1, "mimeType": "image/png"}]);
    glb(&model, &[&[0; 36], texture].concat())
}

#[test]
fn textures_are_pictures_of_sane_size() {
    let ktx2 = |width: u32| {
        let magic = b"\xabKTX 20\xbb\r\n\x1a\n";
        [&magic[..], &[0; 8], &width.to_le_bytes(), &1024_u32.to_le_bytes(), &[0; 32]].concat()
    };
    assert_eq!(accepted(&textured(&png(8, 8))).kind, Kind::Glb);
    assert_eq!(accepted(&textured(&ktx2(1024))).kind, Kind::Glb);
    assert_eq!(refusal(&textured(&png_header(50_000, 50_000))), Refusal::TooManyPixels);
    assert_eq!(refusal(&textured(&ktx2(1 << 31))), Refusal::TooManyPixels);
    assert_eq!(refusal(&textured(b"<svg onload='alert(1)'/>")), Refusal::BrokenModel);
    assert_eq!(refusal(&changed("/nodes", json!([]))[..12]), Refusal::BrokenModel);

    let embedded = |texture: &[u8]| {
        let mut model = triangle();
        model["images"] = json!([{"uri": format!("data:image/png;base64,{}", STANDARD.encode(texture))}]);
        glb(&model, &[0; 36])
    };
    assert_eq!(accepted(&embedded(&png(8, 8))).kind, Kind::Glb);
    assert_eq!(refusal(&embedded(&png_header(50_000, 50_000))), Refusal::TooManyPixels);
    assert_eq!(refusal(&embedded(b"<svg/>")), Refusal::BrokenModel);

    let mut model = triangle();
    model["images"] = json!([{"bufferView": 9}]);
    assert_eq!(refusal(&glb(&model, &[0; 36])), Refusal::BrokenModel);
    model["images"] = json!(vec![json!({"bufferView": 0}); 257]);
    assert_eq!(refusal(&glb(&model, &[0; 36])), Refusal::ModelTooComplex);
}

#[test]
fn deep_json_does_not_exhaust_the_stack() {
    let deep = "[".repeat(100_000);
    let bomb = format!(r#"{{"asset":{{"version":"2.0","extras":{deep}"#);
    assert_eq!(refusal(&glb_of_text(&bomb, &[])), Refusal::BrokenModel);
    assert_eq!(refusal(bomb.as_bytes()), Refusal::UnknownType);
    let closed = format!(r#"{{"asset":{{"version":"2.0"}},"extras":{deep}{}}}"#, "]".repeat(100_000));
    assert_eq!(refusal(&glb_of_text(&closed, &[])), Refusal::BrokenModel);
}

#[test]
fn the_description_of_a_binary_model_is_bounded() {
    let padded = triangle().to_string() + &" ".repeat(8 * 1024 * 1024);
    assert_eq!(refusal(&glb_of_text(&padded, &[0; 36])), Refusal::ModelTooComplex);
}
