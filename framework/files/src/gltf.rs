//! glTF 2.0: двоичный (GLB) и текстовый со всем внутри.
//!
//! Правила — спецификация Khronos glTF 2.0: §4.4 (GLB), §3.6 (буферы и доступ к ним).

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{Refusal, Rules, images};

const HEADER: usize = 12;
const CHUNK_HEADER: usize = 8;
const CHUNK_JSON: u32 = 0x4e4f_534a;
const CHUNK_BIN: u32 = 0x004e_4942;
/// Описание сцены; вершины лежат не здесь, поэтому больше бывает только у битых файлов.
const MAX_JSON_BYTES: usize = 8 * 1024 * 1024;
/// Узлов, сеток, материалов и прочего, каждого.
const MAX_ITEMS: usize = 65_536;
const MAX_TEXTURES: usize = 256;
/// Чисел во всех вершинах, индексах и ключевых кадрах вместе.
const MAX_ELEMENTS: u64 = 50_000_000;
/// Заголовок текстуры ищется в её начале.
const TEXTURE_HEAD: usize = 1024 * 1024;
const KTX2_MAGIC: [u8; 12] = [0xab, b'K', b'T', b'X', b' ', b'2', b'0', 0xbb, b'\r', b'\n', 0x1a, b'\n'];

pub(crate) fn check_binary(bytes: &[u8], rules: &Rules) -> Result<(), Refusal> {
    let (json, binary) = split_chunks(bytes).ok_or(Refusal::BrokenModel)?;
    check_document(json, binary, rules, Refusal::BrokenModel)
}

/// Файл JSON, который не glTF, — файл неизвестного вида.
pub(crate) fn check_json(bytes: &[u8], rules: &Rules) -> Result<(), Refusal> {
    check_document(bytes, None, rules, Refusal::UnknownType)
}

/// JSON и, если есть, двоичная часть; лишние куски и хвост за объявленной длиной не принимаются.
fn split_chunks(bytes: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let is_version_2 = word(bytes, 4)? == 2;
    let is_whole = word(bytes, 8)? as usize == bytes.len();
    (is_version_2 && is_whole).then_some(())?;
    let (json, rest) = chunk(bytes.get(HEADER..)?, CHUNK_JSON)?;
    if rest.is_empty() {
        return Some((json, None));
    }
    let (binary, rest) = chunk(rest, CHUNK_BIN)?;
    rest.is_empty().then_some((json, Some(binary)))
}

fn chunk(bytes: &[u8], kind: u32) -> Option<(&[u8], &[u8])> {
    let length = word(bytes, 0)? as usize;
    (word(bytes, 4)? == kind && length.is_multiple_of(4)).then_some(())?;
    bytes.get(CHUNK_HEADER..)?.split_at_checked(length)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..)?.get(..4)?.try_into().ok()?))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    asset: Asset<'a>,
    #[serde(borrow, default)]
    buffers: Vec<Buffer<'a>>,
    #[serde(default)]
    buffer_views: Vec<View>,
    #[serde(borrow, default)]
    accessors: Vec<Accessor<'a>>,
    #[serde(borrow, default)]
    images: Vec<Image<'a>>,
    #[serde(default)]
    nodes: Vec<IgnoredAny>,
    #[serde(default)]
    meshes: Vec<IgnoredAny>,
    #[serde(default)]
    materials: Vec<IgnoredAny>,
    #[serde(default)]
    textures: Vec<IgnoredAny>,
    #[serde(default)]
    animations: Vec<IgnoredAny>,
    #[serde(default)]
    skins: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Asset<'a> {
    #[serde(borrow)]
    version: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Buffer<'a> {
    byte_length: u64,
    #[serde(borrow)]
    uri: Option<Cow<'a, str>>,
    #[serde(default)]
    extensions: BufferExtensions,
}

#[derive(Deserialize, Default)]
struct BufferExtensions {
    /// Буфер, который заполнит распаковщик: данных в файле у него нет.
    #[serde(rename = "EXT_meshopt_compression")]
    meshopt: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct View {
    buffer: usize,
    #[serde(default)]
    byte_offset: u64,
    byte_length: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accessor<'a> {
    buffer_view: Option<usize>,
    component_type: u32,
    count: u64,
    #[serde(borrow, rename = "type")]
    shape: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Image<'a> {
    #[serde(borrow)]
    uri: Option<Cow<'a, str>>,
    buffer_view: Option<usize>,
}

/// `not_gltf` — чем назвать JSON, в котором нет glTF.
fn check_document(json: &[u8], binary: Option<&[u8]>, rules: &Rules, not_gltf: Refusal) -> Result<(), Refusal> {
    // Внутри текстового glTF лежат и данные, его предел — предел модели.
    if binary.is_some() && json.len() > MAX_JSON_BYTES {
        return Err(Refusal::ModelTooComplex);
    }
    refuse_outside_uris(json, not_gltf)?;
    let document: Document = serde_json::from_slice(json).map_err(|_| not_gltf)?;
    if !document.asset.version.starts_with("2.") {
        return Err(Refusal::BrokenModel);
    }
    check_counts(&document)?;
    let buffers = document
        .buffers
        .iter()
        .enumerate()
        .map(|(index, buffer)| buffer_data(buffer, binary.filter(|_| index == 0)))
        .collect::<Result<Vec<_>, _>>()?;
    check_views(&document)?;
    check_accessors(&document)?;
    document.images.iter().try_for_each(|image| check_image(image, &document, &buffers, rules))
}

fn check_counts(document: &Document) -> Result<(), Refusal> {
    let counts = [
        document.buffers.len(),
        document.buffer_views.len(),
        document.accessors.len(),
        document.nodes.len(),
        document.meshes.len(),
        document.materials.len(),
        document.textures.len(),
        document.animations.len(),
        document.skins.len(),
    ];
    let is_sane = counts.into_iter().all(|count| count <= MAX_ITEMS) && document.images.len() <= MAX_TEXTURES;
    if is_sane { Ok(()) } else { Err(Refusal::ModelTooComplex) }
}

/// Данные буфера: двоичная часть GLB или `data:`; объявленной длины в них не меньше.
fn buffer_data<'a>(buffer: &'a Buffer, binary: Option<&'a [u8]>) -> Result<Cow<'a, [u8]>, Refusal> {
    let data = match (&buffer.uri, binary) {
        (Some(uri), _) => Cow::Owned(decode_data_uri(uri)?),
        (None, Some(binary)) => Cow::Borrowed(binary),
        (None, None) if buffer.extensions.meshopt.is_some() => return Ok(Cow::Borrowed(&[])),
        (None, None) => return Err(Refusal::BrokenModel),
    };
    if buffer.byte_length > data.len() as u64 {
        return Err(Refusal::BrokenModel);
    }
    Ok(data)
}

fn check_views(document: &Document) -> Result<(), Refusal> {
    let fits = |view: &View| {
        let buffer = document.buffers.get(view.buffer)?;
        let end = view.byte_offset.checked_add(view.byte_length)?;
        (end <= buffer.byte_length).then_some(())
    };
    document.buffer_views.iter().try_for_each(|view| fits(view).ok_or(Refusal::BrokenModel))
}

fn check_accessors(document: &Document) -> Result<(), Refusal> {
    let mut elements: u64 = 0;
    for accessor in &document.accessors {
        let (numbers, bytes) = element_size(accessor).ok_or(Refusal::BrokenModel)?;
        elements = elements.saturating_add(accessor.count.saturating_mul(numbers));
        if elements > MAX_ELEMENTS {
            return Err(Refusal::ModelTooComplex);
        }
        // Без bufferView данные нулевые, разреженные или в сжатии Draco.
        let Some(index) = accessor.buffer_view else {
            continue;
        };
        let view = document.buffer_views.get(index).ok_or(Refusal::BrokenModel)?;
        if accessor.count.saturating_mul(bytes) > view.byte_length {
            return Err(Refusal::BrokenModel);
        }
    }
    Ok(())
}

/// Сколько чисел и байт в одном элементе.
fn element_size(accessor: &Accessor) -> Option<(u64, u64)> {
    let numbers = match accessor.shape.as_ref() {
        "SCALAR" => 1,
        "VEC2" => 2,
        "VEC3" => 3,
        "VEC4" | "MAT2" => 4,
        "MAT3" => 9,
        "MAT4" => 16,
        _ => return None,
    };
    let bytes = match accessor.component_type {
        5120 | 5121 => 1,
        5122 | 5123 => 2,
        5125 | 5126 => 4,
        _ => return None,
    };
    Some((numbers, numbers * bytes))
}

fn check_image(image: &Image, document: &Document, buffers: &[Cow<[u8]>], rules: &Rules) -> Result<(), Refusal> {
    if let Some(uri) = &image.uri {
        return check_texture(&decode_data_uri(uri)?, rules);
    }
    let find = || {
        let view = document.buffer_views.get(image.buffer_view?)?;
        let start = usize::try_from(view.byte_offset).ok()?;
        let length = usize::try_from(view.byte_length).ok()?;
        buffers.get(view.buffer)?.get(start..)?.get(..length)
    };
    check_texture(find().ok_or(Refusal::BrokenModel)?, rules)
}

/// Текстура внутри модели — картинка, и предел точек у неё тот же: раскодирует её видеокарта покупателя.
pub(crate) fn check_texture(bytes: &[u8], rules: &Rules) -> Result<(), Refusal> {
    let head = &bytes[..bytes.len().min(TEXTURE_HEAD)];
    if head.starts_with(&KTX2_MAGIC) {
        let (width, height) = word(head, 20).zip(word(head, 24)).ok_or(Refusal::BrokenModel)?;
        let is_sane = u64::from(width) * u64::from(height) <= rules.max_pixels;
        return if is_sane { Ok(()) } else { Err(Refusal::TooManyPixels) };
    }
    let kind = images::sniff(head).ok_or(Refusal::BrokenModel)?;
    match images::dimensions(head, kind, rules.max_pixels) {
        Ok(_) => Ok(()),
        Err(Refusal::TooManyPixels) => Err(Refusal::TooManyPixels),
        Err(_) => Err(Refusal::BrokenModel),
    }
}

fn decode_data_uri(uri: &str) -> Result<Vec<u8>, Refusal> {
    let (head, data) = uri.split_once(',').ok_or(Refusal::BrokenModel)?;
    if !head.ends_with(";base64") {
        return Err(Refusal::BrokenModel);
    }
    STANDARD.decode(data).map_err(|_| Refusal::BrokenModel)
}

/// Пройти весь JSON, не держа его в памяти: `uri` где угодно (и в расширениях) — только `data:`.
/// Глубину ограничивает serde_json (128 уровней).
fn refuse_outside_uris(json: &[u8], not_gltf: Refusal) -> Result<(), Refusal> {
    let has_outside = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_slice(json);
    let walk = Walk { has_outside: &has_outside, is_uri: false };
    match walk.deserialize(&mut reader) {
        _ if has_outside.get() => Err(Refusal::ExternalReference),
        Ok(()) => Ok(()),
        Err(_) => Err(not_gltf),
    }
}

#[derive(Clone, Copy)]
struct Walk<'a> {
    has_outside: &'a Cell<bool>,
    is_uri: bool,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if self.is_uri && !text.starts_with("data:") {
            self.has_outside.set(true);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Walk { is_uri: false, ..self })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(name) = fields.next_key::<Cow<str>>()? {
            fields.next_value_seed(Walk { is_uri: name == "uri", ..self })?;
        }
        Ok(())
    }
}
