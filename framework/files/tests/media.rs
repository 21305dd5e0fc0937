use std::collections::HashSet;

use megashop_files::{Kind, Refusal};

use crate::support::{accepted, refusal};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n";

fn mp4_box(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len() + 8).unwrap();
    [&size.to_be_bytes()[..], name, content].concat()
}

fn mp4(brand: &[u8; 4]) -> Vec<u8> {
    let start = mp4_box(b"ftyp", &[brand, &[0, 0, 2, 0][..], brand].concat());
    [start, mp4_box(b"moov", &[0; 32]), mp4_box(b"mdat", &[7; 100])].concat()
}

fn webm(doc_type: &[u8; 4]) -> Vec<u8> {
    let header = [&[0x42, 0x86, 0x81, 1][..], &[0x42, 0x82, 0x84], doc_type].concat();
    let size = 0x80 | u8::try_from(header.len()).unwrap();
    [&[0x1a, 0x45, 0xdf, 0xa3, size][..], &header, &[0x18, 0x53, 0x80, 0x67, 0xff], &[0; 40]].concat()
}

#[test]
fn video_and_documents_are_known_by_content() {
    assert_eq!(accepted(&mp4(b"isom")).kind, Kind::Mp4);
    assert_eq!(accepted(&mp4(b"mp42")).kind, Kind::Mp4);
    assert_eq!(accepted(&webm(b"webm")).kind, Kind::Webm);
    assert_eq!(accepted(PDF).kind, Kind::Pdf);
    assert_eq!(accepted(PDF).dimensions, None);
}

#[test]
fn other_containers_are_not_video() {
    for brand in [b"qt  ", b"heic", b"avif", b"evil"] {
        assert_eq!(refusal(&mp4(brand)), Refusal::UnknownType);
    }
    assert_eq!(refusal(&webm(b"mkv ")), Refusal::UnknownType);
}

#[test]
fn broken_video_is_refused() {
    let good = mp4(b"isom");
    assert_eq!(refusal(&good[..good.len() - 1]), Refusal::BrokenVideo);
    assert_eq!(refusal(&[&good[..], b"tail"].concat()), Refusal::BrokenVideo);
    assert_eq!(refusal(&mp4_box(b"ftyp", b"isom\0\0\0\0isom")), Refusal::BrokenVideo);
    // Ящик короче собственного заголовка, а длинный ящик и вовсе нулевой: обход не должен зациклиться.
    for size in [&[0, 0, 0, 4][..], &[0, 0, 0, 1]] {
        let stuck = [&mp4_box(b"ftyp", b"isom\0\0\0\0"), size, b"moov", &[0; 8]].concat();
        assert_eq!(refusal(&stuck), Refusal::BrokenVideo);
    }
    let good = webm(b"webm");
    assert_eq!(refusal(&good[..16]), Refusal::BrokenVideo);
    assert_eq!(refusal(&good[..7]), Refusal::BrokenVideo);
}

#[test]
fn a_long_box_and_a_box_to_the_end_are_understood() {
    let start = mp4_box(b"ftyp", b"isom\0\0\0\0");
    let long = [&[0, 0, 0, 1][..], b"moov", &24_u64.to_be_bytes(), &[0; 8]].concat();
    let rest = [&[0, 0, 0, 0][..], b"mdat", &[5; 50]].concat();
    assert_eq!(accepted(&[start, long, rest].concat()).kind, Kind::Mp4);
}

#[test]
fn a_document_has_its_beginning_and_its_end() {
    assert_eq!(refusal(&PDF[..PDF.len() - 4]), Refusal::BrokenDocument);
    assert_eq!(refusal(b"%PDF-x.y\n%%EOF"), Refusal::BrokenDocument);
    // Читалки простили бы мусор перед заголовком, им и пользуются двуликие файлы.
    assert_eq!(refusal(&[b"GIF?", PDF].concat()), Refusal::UnknownType);
    assert_eq!(refusal(&[PDF, &[b' '; 2000]].concat()), Refusal::BrokenDocument);
}

#[test]
fn a_page_hidden_in_a_document_or_a_video_is_refused() {
    for markup in ["<html>", "<ScRiPt>alert(1)</sCrIpT>", "<!DOCTYPE html>", "<iframe src=x>", "a<b<script>"] {
        let document = [b"%PDF-1.7\n", markup.as_bytes(), b"\n%%EOF\n"].concat();
        assert_eq!(refusal(&document), Refusal::ActiveContent, "{markup}");
    }
    let video = [mp4(b"isom"), mp4_box(b"free", b"<script>alert(1)</script>")].concat();
    assert_eq!(refusal(&video), Refusal::ActiveContent);
}

#[test]
fn everything_else_is_refused() {
    let hostile: [&[u8]; 12] = [
        b"<html><script>alert(1)</script></html>",
        b"<!DOCTYPE html><p>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"\xef\xbb\xbf<svg/>",
        b"#!/bin/sh\nrm -rf /",
        b"MZ\x90\0",
        b"\x7fELF",
        b"plain text",
        b"{\"json\": true}",
        b"[]",
        b"\0",
    ];
    for bytes in hostile {
        assert_eq!(refusal(bytes), Refusal::UnknownType, "{:?}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(refusal(b""), Refusal::Empty);
}

#[test]
fn every_refusal_has_its_own_code_and_both_texts() {
    let codes: HashSet<_> = Refusal::ALL.iter().map(|refusal| refusal.code()).collect();
    assert_eq!(codes.len(), Refusal::ALL.len());
    for refusal in Refusal::ALL {
        assert!(refusal.code().starts_with("files."), "{refusal:?}");
        assert!(refusal.ru().chars().any(|letter| ('а'..='я').contains(&letter)), "{refusal:?}");
        assert!(refusal.en().is_ascii() && !refusal.en().is_empty(), "{refusal:?}");
    }
}
