//! Видео и документы: ровно столько разбора, чтобы убедиться в виде и целости.

use crate::Refusal;

/// Марки MP4 (ISO 14496-12), которые играет браузер. QuickTime, HEIC и AVIF сюда не входят.
const MP4_BRANDS: [&[u8; 4]; 9] = [b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "];

/// Ящики верхнего уровня занимают файл целиком, первый — `ftyp`, среди них есть `moov`.
pub(crate) fn check_mp4(bytes: &[u8]) -> Result<(), Refusal> {
    let brand = bytes.get(8..12).ok_or(Refusal::BrokenVideo)?;
    if !MP4_BRANDS.iter().any(|known| known.as_slice() == brand) {
        return Err(Refusal::UnknownType);
    }
    let mut rest = bytes;
    let mut has_movie = false;
    while !rest.is_empty() {
        let (name, size) = box_head(rest).ok_or(Refusal::BrokenVideo)?;
        has_movie |= name == b"moov";
        rest = rest.get(size..).ok_or(Refusal::BrokenVideo)?;
    }
    if has_movie { Ok(()) } else { Err(Refusal::BrokenVideo) }
}

/// Имя и полный размер ящика; размер не меньше его заголовка, поэтому обход всегда движется.
fn box_head(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let short = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
    let name = bytes.get(4..8)?;
    let (size, head) = match short {
        0 => (bytes.len() as u64, 8),
        1 => (u64::from_be_bytes(bytes.get(8..16)?.try_into().ok()?), 16),
        _ => (u64::from(short), 8),
    };
    let is_printable = name.iter().all(|byte| matches!(byte, b' '..=b'~'));
    (is_printable && size >= head).then_some(())?;
    Some((name, usize::try_from(size).ok()?))
}

const EBML: u32 = 0x1a45_dfa3;
const DOC_TYPE: u32 = 0x4282;
const SEGMENT: u32 = 0x1853_8067;

/// Заголовок EBML с `DocType` «webm», за ним сегмент. Прочая Matroska не принимается.
pub(crate) fn check_webm(bytes: &[u8]) -> Result<(), Refusal> {
    let (header, rest) = element(bytes, EBML).ok_or(Refusal::BrokenVideo)?;
    if doc_type(header).ok_or(Refusal::BrokenVideo)? != b"webm" {
        return Err(Refusal::UnknownType);
    }
    element_id(rest).filter(|(id, _)| *id == SEGMENT).map(|_| ()).ok_or(Refusal::BrokenVideo)
}

fn doc_type(mut header: &[u8]) -> Option<&[u8]> {
    while let Some((id, _)) = element_id(header) {
        let (value, rest) = element(header, id)?;
        if id == DOC_TYPE {
            return Some(value);
        }
        header = rest;
    }
    None
}

/// Содержимое элемента EBML с этим номером и то, что за ним.
fn element(bytes: &[u8], wanted: u32) -> Option<(&[u8], &[u8])> {
    let (id, after_id) = element_id(bytes)?;
    let length = after_id.first()?.leading_zeros() as usize + 1;
    let raw = after_id.get(..length)?;
    let mask = 0xff_u64.checked_shr(length as u32)?;
    let size = raw[1..].iter().fold(u64::from(raw[0]) & mask, |size, byte| (size << 8) | u64::from(*byte));
    let body = after_id.get(length..)?;
    let (value, rest) = body.split_at_checked(usize::try_from(size).ok()?)?;
    (id == wanted).then_some((value, rest))
}

/// Номер элемента EBML (с его меткой длины) и остаток.
fn element_id(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let length = bytes.first()?.leading_zeros() as usize + 1;
    if length > 4 {
        return None;
    }
    let (raw, rest) = bytes.split_at_checked(length)?;
    Some((raw.iter().fold(0, |id, byte| (id << 8) | u32::from(*byte)), rest))
}

/// Сколько последних байт просматривать в поисках конца документа: так же поступают читалки.
const PDF_TAIL: usize = 1024;

/// Заголовок с первого байта (читалки терпят его и позже, чем пользуются двуликие файлы) и отметка конца.
pub(crate) fn check_pdf(bytes: &[u8]) -> Result<(), Refusal> {
    let has_version = matches!(bytes, [b'%', b'P', b'D', b'F', b'-', b'1' | b'2', b'.', b'0'..=b'9', ..]);
    let tail = &bytes[bytes.len().saturating_sub(PDF_TAIL)..];
    let has_end = tail.windows(5).any(|five| five == b"%%EOF");
    if has_version && has_end { Ok(()) } else { Err(Refusal::BrokenDocument) }
}
