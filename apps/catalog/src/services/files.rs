//! Файлы галереи: принять, уменьшить, положить в хранилище, забыть.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use futures::TryStreamExt;
use http::StatusCode;
use kernel::texts::Lang;
use kernel::{Ctx, Error, Job, JobError, Result, Work};
use megashop_files::{Family, Key, Kind, Refusal, Rules, Storage, StorageError, WIDTHS, inspect, thumbnails};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::models::product_media::{self, MediaKind};
use crate::schemas::MediaIn;

/// Откуда магазин отдаёт файлы.
pub const MEDIA_BASE: &str = "/api/v1/media/";

/// Раскодированная картинка занимает до 400 МБ: двух разом довольно.
static PICTURES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// Проверяет файл, кладёт его в хранилище и отдаёт строку галереи. Картинка хранится только перекодированной.
///
/// `field` — имя поля формы для отказа. Вид узнаётся по содержимому, имя и тип от клиента не участвуют.
pub async fn store(ctx: &Ctx, field: &str, bytes: Bytes, rules: &Rules) -> Result<MediaIn> {
    let (checked, own_rules) = (bytes.clone(), rules.clone());
    let found = blocking(move || inspect(&checked, &own_rules)).await?;
    let detected = found.map_err(|refusal| bad_file(ctx.lang(), field, refusal))?;
    let storage = ctx.service::<Storage>();
    let key = Key::new(random_id(ctx), detected.kind);
    if detected.kind.family() != Family::Image {
        storage.put(&key, bytes).await.map_err(storage_failed)?;
        return Ok(MediaIn { url: url_of(&key), kind: media_kind(detected.kind), ..Default::default() });
    }
    let rules = rules.clone();
    let permit = PICTURES.acquire().await.map_err(Error::internal)?;
    let copies = blocking(move || thumbnails(&bytes, &rules, &WIDTHS)).await?;
    drop(permit);
    let copies = copies.map_err(|refusal| bad_file(ctx.lang(), field, refusal))?;
    let mut widest = None;
    for copy in copies {
        let copy_key = key.variant(copy.width);
        storage.put(&copy_key, copy.webp).await.map_err(storage_failed)?;
        widest = Some(copy_key);
    }
    let widest = widest.ok_or_else(|| bad_file(ctx.lang(), field, Refusal::BrokenImage))?;
    Ok(MediaIn { url: url_of(&widest), kind: MediaKind::Image, ..Default::default() })
}

/// Уменьшенные копии своей картинки: ширина → адрес. Ширины известны заранее, поэтому в базе не хранятся.
pub fn copies_of(url: &str) -> BTreeMap<String, String> {
    let Some(widest) = url.strip_prefix(MEDIA_BASE).and_then(Key::parse).as_ref().and_then(width_of) else {
        return BTreeMap::new();
    };
    let base = url.rsplit_once("-w").map_or(url, |(base, _)| base);
    let widths = WIDTHS.into_iter().filter(|width| *width < widest).chain([widest]);
    widths.map(|width| (width.to_string(), format!("{base}-w{width}.webp"))).collect()
}

/// Ширина уменьшенной копии: `…-w480.webp`.
fn width_of(key: &Key) -> Option<u32> {
    key.as_str().rsplit_once("-w")?.1.strip_suffix(".webp")?.parse().ok()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

fn random_id(ctx: &Ctx) -> Uuid {
    sea_orm::prelude::Uuid::from_bytes(ctx.random().bytes::<16>())
}

fn url_of(key: &Key) -> String {
    format!("{MEDIA_BASE}{key}")
}

fn media_kind(kind: Kind) -> MediaKind {
    match kind.family() {
        Family::Image => MediaKind::Image,
        Family::Model => MediaKind::Model3d,
        Family::Video => MediaKind::Video,
        Family::Document | Family::Exchange => MediaKind::Document,
    }
}

fn bad_file(lang: Lang, field: &str, refusal: Refusal) -> Error {
    let words = if lang == Lang::En { refusal.en() } else { refusal.ru() };
    Error::refused("catalog.bad_file").with("reason", words).field(field, &format!("catalog.bad_file_field:{words}"))
}

/// Тело — не форма с файлами.
pub fn not_a_form(_: MultipartRejection) -> Error {
    Error::new(kernel::Kind::UnsupportedMediaType, "catalog.not_a_form")
}

/// Форма оборвалась или велика.
pub fn broken_form(error: MultipartError) -> Error {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(kernel::Kind::TooLarge, "request.too_large"),
        _ => Error::new(kernel::Kind::Invalid, "catalog.broken_form"),
    }
}

/// Отказ хранилища: нет файла — 404, остальное — «повторите».
pub fn storage_failed(error: StorageError) -> Error {
    match error {
        StorageError::NotFound => Error::not_found(crate::errors::MEDIA_NOT_FOUND),
        error => {
            tracing::error!(%error, "file storage failed");
            Error::unavailable("catalog.storage_unavailable", 5)
        }
    }
}

/// Строки галереи удалены: свои файлы удалит задача, когда удаление зафиксируется. Чужие адреса её не касаются.
pub(super) async fn forget(work: &mut Work, media: &[product_media::Model]) -> Result<()> {
    let keys: Vec<String> = media.iter().filter_map(|row| own_key(&row.url)).map(|key| key.to_string()).collect();
    if keys.is_empty() { Ok(()) } else { work.enqueue(&DeleteFiles { keys }).await }
}

/// Задача, которая удалит свой файл с этим адресом; чужой адрес — `None`.
pub fn deletion(url: &str) -> Option<DeleteFiles> {
    own_key(url).map(|key| DeleteFiles { keys: vec![key.to_string()] })
}

fn own_key(url: &str) -> Option<Key> {
    url.strip_prefix(MEDIA_BASE).and_then(Key::parse)
}

/// Удаляет файл со всеми уменьшенными копиями.
pub async fn delete_file(storage: &Storage, key: &Key) -> Result<(), StorageError> {
    let files: Vec<Key> = storage.list(key.stem()).await?.try_collect().await?;
    for file in files {
        storage.delete(&file).await?;
    }
    Ok(())
}

/// Удаляет только что принятые файлы: вся загрузка не удалась.
pub async fn undo(ctx: &Ctx, stored: &[MediaIn]) {
    let storage = ctx.service::<Storage>();
    for key in stored.iter().filter_map(|media| own_key(&media.url)) {
        if let Err(error) = delete_file(&storage, &key).await {
            tracing::warn!(%error, file = %key, "an unused upload was not removed");
        }
    }
}

/// Удаляет файлы, на которые больше не ссылается ни одна галерея.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeleteFiles {
    pub keys: Vec<String>,
}

impl Job for DeleteFiles {
    const NAME: &'static str = "catalog.delete_files";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let storage = ctx.service::<Storage>();
        for key in self.keys.iter().filter_map(|key| Key::parse(key)) {
            let same = product_media::Entity::find().filter(product_media::Column::Url.eq(url_of(&key)));
            let used = same.count(ctx.db_fresh()).await.map_err(|error| JobError::Retry(error.into()))?;
            if used == 0 {
                delete_file(&storage, &key).await.map_err(|error| JobError::Retry(storage_failed(error)))?;
            }
        }
        Ok(())
    }
}
