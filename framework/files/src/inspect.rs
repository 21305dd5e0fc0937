//! Проверка присланного файла: вид по содержимому, пределы своего вида.

use crate::{Family, Kind, Refusal, gltf, images, markup, media, usdz};

const MIB: usize = 1024 * 1024;

/// Что можно загрузить в данном месте и до какого размера.
#[derive(Debug, Clone)]
pub struct Rules {
    pub families: Vec<Family>,
    /// Пределы размера, байт.
    pub max_image_bytes: usize,
    pub max_model_bytes: usize,
    pub max_video_bytes: usize,
    pub max_document_bytes: usize,
    /// Точек в картинке и в каждой текстуре модели; проверяется по заголовку, до раскодирования.
    pub max_pixels: u64,
}

impl Rules {
    /// Обычные пределы для файлов перечисленных родов.
    pub fn only(families: &[Family]) -> Self {
        Self {
            families: families.to_vec(),
            max_image_bytes: 20 * MIB,
            max_model_bytes: 50 * MIB,
            max_video_bytes: 64 * MIB,
            max_document_bytes: 20 * MIB,
            max_pixels: 50_000_000,
        }
    }

    fn max_bytes(&self, family: Family) -> usize {
        match family {
            Family::Image => self.max_image_bytes,
            Family::Model => self.max_model_bytes,
            Family::Video => self.max_video_bytes,
            Family::Document => self.max_document_bytes,
            Family::Exchange => 0,
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::only(&[Family::Image, Family::Model, Family::Video, Family::Document])
    }
}

/// Что за файл прислали.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detected {
    pub kind: Kind,
    /// Ширина и высота картинки в точках, как записаны в файле (до поворота по EXIF).
    pub dimensions: Option<(u32, u32)>,
}

/// Узнать вид файла по содержимому и проверить его. Имя и тип, названные клиентом, не участвуют.
///
/// Разбор идёт в памяти без раскодирования картинок; большие файлы проверяйте на блокирующем потоке.
pub fn inspect(bytes: &[u8], rules: &Rules) -> Result<Detected, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    let kind = sniff(bytes).ok_or(Refusal::UnknownType)?;
    if !rules.families.contains(&kind.family()) {
        return Err(Refusal::TypeNotAllowed);
    }
    if bytes.len() > rules.max_bytes(kind.family()) {
        return Err(Refusal::TooLarge);
    }
    // Картинки хранятся перекодированными (`thumbnails`), разметке в них не уцелеть.
    if kind.family() != Family::Image && markup::is_inside(bytes) {
        return Err(Refusal::ActiveContent);
    }
    let mut dimensions = None;
    match kind {
        Kind::Jpeg | Kind::Png | Kind::Gif | Kind::Webp => {
            dimensions = Some(images::dimensions(bytes, kind, rules.max_pixels)?);
        }
        Kind::Glb => gltf::check_binary(bytes, rules)?,
        Kind::Gltf => gltf::check_json(bytes, rules)?,
        Kind::Usdz => usdz::check(bytes, rules)?,
        Kind::Mp4 => media::check_mp4(bytes)?,
        Kind::Webm => media::check_webm(bytes)?,
        Kind::Pdf => media::check_pdf(bytes)?,
        Kind::Exchange => return Err(Refusal::UnknownType),
    }
    Ok(Detected { kind, dimensions })
}

/// Вид по первым байтам. Строка `{` — ещё не glTF: это решает разбор.
fn sniff(bytes: &[u8]) -> Option<Kind> {
    if let Some(kind) = images::sniff(bytes) {
        return Some(kind);
    }
    match bytes {
        [b'g', b'l', b'T', b'F', ..] => Some(Kind::Glb),
        [b'P', b'K', 3, 4, ..] => Some(Kind::Usdz),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some(Kind::Webm),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(Kind::Pdf),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(Kind::Mp4),
        _ => (bytes.trim_ascii_start().first() == Some(&b'{')).then_some(Kind::Gltf),
    }
}
