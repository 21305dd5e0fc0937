//! Заготовки файлов.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};
use megashop_files::{Detected, Refusal, Rules, inspect};
use serde_json::Value;

pub fn accepted(bytes: &[u8]) -> Detected {
    inspect(bytes, &Rules::default()).unwrap()
}

pub fn refusal(bytes: &[u8]) -> Refusal {
    inspect(bytes, &Rules::default()).unwrap_err()
}

/// Картинка с плавными переходами и мелкой рябью: сжимается примерно как снимок.
pub fn picture(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| {
        let noise = hash(x, y) >> 28;
        let level = |a: u32| u8::try_from((a % 240 + noise).min(255)).unwrap();
        image::Rgb([level(x / 4), level(y / 4), level((x + y) / 8)])
    })
    .into()
}

/// Перемешивание без видимого узора: узор сжатие без потерь нашло бы.
fn hash(x: u32, y: u32) -> u32 {
    let mixed = (x ^ y.rotate_left(16)).wrapping_mul(0x85eb_ca6b);
    let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xc2b2_ae35);
    (mixed ^ (mixed >> 16)).wrapping_mul(0x9e37_79b1)
}

pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(&picture(width, height), ImageFormat::Png)
}

/// PNG из одного заголовка: размеры объявлены, точек нет.
pub fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    bytes.extend(&header);
    bytes.extend(crc32(&header).to_be_bytes());
    bytes.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// Собрать GLB из описания и двоичной части.
pub fn glb(json: &Value, binary: &[u8]) -> Vec<u8> {
    glb_of_text(&json.to_string(), binary)
}

pub fn glb_of_text(json: &str, binary: &[u8]) -> Vec<u8> {
    let mut body = chunk(b"JSON", json.as_bytes(), b' ');
    if !binary.is_empty() {
        body.extend(chunk(b"BIN\0", binary, 0));
    }
    glb_of_chunks(&body)
}

pub fn glb_of_chunks(chunks: &[u8]) -> Vec<u8> {
    let mut bytes = b"glTF\x02\0\0\0".to_vec();
    bytes.extend(u32::try_from(chunks.len() + 12).unwrap().to_le_bytes());
    bytes.extend(chunks);
    bytes
}

pub fn chunk(kind: &[u8; 4], content: &[u8], padding: u8) -> Vec<u8> {
    let mut content = content.to_vec();
    content.resize(content.len().next_multiple_of(4), padding);
    let mut bytes = u32::try_from(content.len()).unwrap().to_le_bytes().to_vec();
    bytes.extend(kind);
    bytes.extend(content);
    bytes
}
