//! Картинки: размеры по заголовку и уменьшенные копии.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, imageops::FilterType};

use crate::{Family, Kind, Refusal, Rules, inspect};

/// Обычная лесенка ширин, точек: список, карточка, карточка на плотном экране, во весь экран.
pub const WIDTHS: [u32; 4] = [160, 480, 960, 1920];

/// Сторона WebP по его формату.
const MAX_WEBP_SIDE: u32 = 16_383;
/// Сжатие с потерями: 80 на глаз неотличимо, а файл в разы меньше, чем без потерь.
const WEBP_QUALITY: f32 = 80.0;
/// Память раскодировщика на точку: до четырёх каналов по два байта.
const BYTES_PER_PIXEL: u64 = 8;

/// Уменьшенная копия.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    pub width: u32,
    pub height: u32,
    pub webp: Vec<u8>,
}

pub(crate) fn sniff(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(Kind::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Kind::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Kind::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Kind::Webp),
        _ => None,
    }
}

/// Размеры из заголовка, не раскодируя.
pub(crate) fn dimensions(bytes: &[u8], kind: Kind, max_pixels: u64) -> Result<(u32, u32), Refusal> {
    let format = format_of(kind).ok_or(Refusal::BrokenImage)?;
    let reader = ImageReader::with_format(Cursor::new(bytes), format);
    let (width, height) = reader.into_dimensions().map_err(|_| Refusal::BrokenImage)?;
    if u64::from(width) * u64::from(height) > max_pixels {
        return Err(Refusal::TooManyPixels);
    }
    Ok((width, height))
}

/// Уменьшенные копии в WebP, от узкой к широкой. Увеличения нет: если картинка уже нужной ширины, последней идёт
/// копия в её собственную ширину.
///
/// Картинка кодируется заново: EXIF с координатами и всё, что спрятано в файле, исчезает, поворот применяется.
/// Из анимации остаётся первый кадр. Работа тяжёлая: вызывайте на блокирующем потоке и под семафором
/// (50 млн точек — это до 400 МБ памяти).
pub fn thumbnails(bytes: &[u8], rules: &Rules, widths: &[u32]) -> Result<Vec<Thumbnail>, Refusal> {
    let detected = inspect(bytes, rules)?;
    if detected.kind.family() != Family::Image {
        return Err(Refusal::TypeNotAllowed);
    }
    let mut picture = decode(bytes, detected.kind, rules.max_pixels)?;
    let mut thumbnails = Vec::new();
    for width in steps(widths, picture.width()).into_iter().rev() {
        // Каждая следующая делается из предыдущей: после первого шага точек уже мало.
        picture = shrink(picture, width);
        thumbnails.push(encode(&picture)?);
    }
    thumbnails.reverse();
    Ok(thumbnails)
}

/// Ширины копий по возрастанию, не больше собственной.
fn steps(widths: &[u32], own: u32) -> Vec<u32> {
    let mut steps: Vec<u32> = widths.iter().map(|width| (*width).max(1).min(own)).collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

fn decode(bytes: &[u8], kind: Kind, max_pixels: u64) -> Result<DynamicImage, Refusal> {
    let format = format_of(kind).ok_or(Refusal::BrokenImage)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(max_pixels.saturating_mul(BYTES_PER_PIXEL));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Refusal::BrokenImage)?;
    let orientation = decoder.orientation().map_err(|_| Refusal::BrokenImage)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| Refusal::BrokenImage)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn shrink(picture: DynamicImage, width: u32) -> DynamicImage {
    if picture.width() <= width && picture.height() <= MAX_WEBP_SIDE {
        return picture;
    }
    picture.resize(width, MAX_WEBP_SIDE, FilterType::CatmullRom)
}

fn encode(picture: &DynamicImage) -> Result<Thumbnail, Refusal> {
    let (width, height) = (picture.width(), picture.height());
    let webp = if picture.color().has_alpha() {
        webp::Encoder::from_rgba(&picture.to_rgba8(), width, height).encode_simple(false, WEBP_QUALITY)
    } else {
        webp::Encoder::from_rgb(&picture.to_rgb8(), width, height).encode_simple(false, WEBP_QUALITY)
    };
    let webp = webp.map_err(|_| Refusal::BrokenImage)?.to_vec();
    Ok(Thumbnail { width, height, webp })
}

fn format_of(kind: Kind) -> Option<ImageFormat> {
    match kind {
        Kind::Jpeg => Some(ImageFormat::Jpeg),
        Kind::Png => Some(ImageFormat::Png),
        Kind::Gif => Some(ImageFormat::Gif),
        Kind::Webp => Some(ImageFormat::WebP),
        _ => None,
    }
}
