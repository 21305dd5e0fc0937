//! USDZ: несжатый zip, в котором первым лежит описание сцены USD.

use std::io::Cursor;

use zip::{CompressionMethod, ZipArchive};

use crate::gltf::check_texture;
use crate::{Refusal, Rules};

const MAX_ENTRIES: usize = 1_000;
const SCENES: [&str; 3] = ["usd", "usda", "usdc"];
/// Что ещё спецификация разрешает класть в USDZ.
const ASSETS: [&str; 8] = ["png", "jpg", "jpeg", "exr", "avif", "m4a", "mp3", "wav"];

pub(crate) fn check(bytes: &[u8], rules: &Rules) -> Result<(), Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::BrokenModel)?;
    if archive.len() > MAX_ENTRIES {
        return Err(Refusal::ModelTooComplex);
    }
    // Zip читается с конца: данные перед ним или за ним — признак двуликого файла.
    if archive.offset() != 0 || !archive.comment().is_empty() {
        return Err(Refusal::BrokenModel);
    }
    let mut has_scene = false;
    for index in 0..archive.len() {
        let (name, content) = entry(&mut archive, bytes, index)?;
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
        match extension.as_str() {
            scene if SCENES.contains(&scene) => {
                check_scene(content)?;
                has_scene |= index == 0;
            }
            "png" | "jpg" | "jpeg" => check_texture(content, rules)?,
            asset if ASSETS.contains(&asset) => {}
            _ => return Err(Refusal::BrokenModel),
        }
    }
    // Обычный zip без сцены — не «сломанная модель», а файл неизвестного вида.
    if has_scene { Ok(()) } else { Err(Refusal::UnknownType) }
}

/// Имя и содержимое файла архива; сжатые, зашифрованные и с путём наружу не принимаются.
fn entry<'a>(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    bytes: &'a [u8],
    index: usize,
) -> Result<(String, &'a [u8]), Refusal> {
    let file = archive.by_index_raw(index).map_err(|_| Refusal::BrokenModel)?;
    let name = std::str::from_utf8(file.name_raw()).map_err(|_| Refusal::BrokenModel)?;
    let is_plain = file.is_file() && !file.encrypted() && file.compression() == CompressionMethod::Stored;
    if !is_plain || file.size() != file.compressed_size() || !is_safe_path(name) {
        return Err(Refusal::BrokenModel);
    }
    let start = file.data_start().and_then(|start| usize::try_from(start).ok()).ok_or(Refusal::BrokenModel)?;
    let size = usize::try_from(file.size()).map_err(|_| Refusal::BrokenModel)?;
    let content = bytes.get(start..).and_then(|rest| rest.get(..size)).ok_or(Refusal::BrokenModel)?;
    Ok((name.to_owned(), content))
}

fn is_safe_path(name: &str) -> bool {
    let has_odd_signs = name.contains(['\\', ':', '\0']);
    let has_odd_parts = name.split('/').any(|part| matches!(part, "" | "." | ".."));
    !has_odd_signs && !has_odd_parts
}

/// Сцена узнаётся по содержимому; в текстовой не должно быть ссылок наружу (`@https://…@`).
fn check_scene(content: &[u8]) -> Result<(), Refusal> {
    if content.starts_with(b"PXR-USDC") {
        return Ok(());
    }
    if !content.starts_with(b"#usda ") {
        return Err(Refusal::BrokenModel);
    }
    let text = std::str::from_utf8(content).map_err(|_| Refusal::BrokenModel)?;
    let has_outside_reference = text.split('@').skip(1).step_by(2).any(is_outside);
    if has_outside_reference { Err(Refusal::ExternalReference) } else { Ok(()) }
}

fn is_outside(reference: &str) -> bool {
    reference.contains("://") || reference.starts_with('/') || reference.split('/').any(|part| part == "..")
}
