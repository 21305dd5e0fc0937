//! Галерея и файлы.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use kernel::http::{Created, NoContent, PathParam, Valid};
use kernel::{Actor, Ctx, Error, OrNotFound, Result, Work};
use megashop_files::{Family, Key, Kind, Rules, Storage};
use utoipa::ToSchema;

use crate::errors;
use crate::models::product_media::MediaKind;
use crate::queries::media_out;
use crate::schemas::{MediaIn, MediaList, MediaOrder, MediaOut, MediaPatch};
use crate::services::{files, media};

/// Больше файлов за одну загрузку не бывает.
const MAX_FILES: usize = 20;

/// Добавить в галерею файл по адресу.
#[utoipa::path(post, path = "/products/{id}/media", params(("id" = i64, Path)), request_body = MediaIn, responses((status = 201, body = MediaOut)))]
pub async fn add_media(
    ctx: Ctx,
    actor: Actor,
    PathParam(product): PathParam<i64>,
    Valid(input): Valid<MediaIn>,
) -> Result<Created<MediaOut>> {
    attach(ctx, actor, product, input).await
}

async fn attach(ctx: Ctx, actor: Actor, product: i64, input: MediaIn) -> Result<Created<MediaOut>> {
    let added =
        ctx.atomic(&actor, async move |work: &mut Work| media::add_media(work, product, input.clone()).await).await?;
    Ok(Created(media_out(added)))
}

/// Поля загрузки: описание для OpenAPI.
#[derive(ToSchema)]
#[expect(dead_code, reason = "описывает форму, разбирает её Multipart")]
pub struct MediaForm {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    alt: Option<String>,
    /// `sketch` — эскиз; остальное узнаётся по файлу.
    kind: Option<String>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "описывает форму, разбирает её Multipart")]
pub struct ImagesForm {
    #[schema(value_type = Vec<String>, format = Binary)]
    files: Vec<Vec<u8>>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "описывает форму, разбирает её Multipart")]
pub struct ImageForm {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Загрузить файл в галерею: картинку, видео, 3D-модель, документ.
#[utoipa::path(post, path = "/products/{id}/media/upload", params(("id" = i64, Path)), request_body(content = MediaForm, content_type = "multipart/form-data"), responses((status = 201, body = MediaOut)))]
pub async fn upload_media(
    ctx: Ctx,
    actor: Actor,
    PathParam(product): PathParam<i64>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Created<MediaOut>> {
    let mut form = form.map_err(files::not_a_form)?;
    let (mut bytes, mut alt, mut sketch) = (None, String::new(), false);
    while let Some(field) = form.next_field().await.map_err(files::broken_form)? {
        match field.name().unwrap_or_default() {
            "file" => bytes = Some(field.bytes().await.map_err(files::broken_form)?),
            "alt" => alt = field.text().await.map_err(files::broken_form)?,
            "kind" => sketch = field.text().await.map_err(files::broken_form)? == "sketch",
            _ => {}
        }
    }
    let bytes = bytes.ok_or_else(|| Error::invalid("file", "required"))?;
    if alt.chars().count() > 255 {
        return Err(Error::invalid("alt", "too_long:255"));
    }
    let stored = files::store(&ctx, "file", bytes, &Rules::default()).await?;
    let kind = if sketch && stored.kind == MediaKind::Image { MediaKind::Sketch } else { stored.kind };
    let input = MediaIn { alt, kind, ..stored };
    let added = attach(ctx.clone(), actor, product, input.clone()).await;
    if added.is_err() {
        files::undo(&ctx, &[input]).await;
    }
    added
}

/// Загрузить картинки, ещё не привязанные к товару; ответ — их адреса.
#[utoipa::path(post, path = "/products/upload-images", request_body(content = ImagesForm, content_type = "multipart/form-data"), responses((status = 200, body = Vec<String>)))]
pub async fn upload_images(ctx: Ctx, form: Result<Multipart, MultipartRejection>) -> Result<Json<Vec<String>>> {
    let mut form = form.map_err(files::not_a_form)?;
    let mut stored = Vec::new();
    match store_images(&ctx, &mut form, "files", &mut stored).await {
        Ok(()) => Ok(Json(stored.into_iter().map(|media| media.url).collect())),
        Err(error) => {
            files::undo(&ctx, &stored).await;
            Err(error)
        }
    }
}

/// Загрузить одну картинку; ответ — её адрес.
#[utoipa::path(post, path = "/products/upload-preview-image", request_body(content = ImageForm, content_type = "multipart/form-data"), responses((status = 200, body = String, content_type = "application/json")))]
pub async fn upload_preview_image(ctx: Ctx, form: Result<Multipart, MultipartRejection>) -> Result<Json<String>> {
    let mut form = form.map_err(files::not_a_form)?;
    let mut stored = Vec::new();
    let result = store_images(&ctx, &mut form, "file", &mut stored).await;
    if result.is_err() || stored.len() != 1 {
        files::undo(&ctx, &stored).await;
    }
    result?;
    match stored.pop() {
        Some(media) if stored.is_empty() => Ok(Json(media.url)),
        _ => Err(Error::invalid("file", "catalog.one_value")),
    }
}

/// Принимает картинки по одной: в памяти не больше одной сразу.
async fn store_images(ctx: &Ctx, form: &mut Multipart, name: &str, stored: &mut Vec<MediaIn>) -> Result<()> {
    let rules = Rules::only(&[Family::Image]);
    while let Some(field) = form.next_field().await.map_err(files::broken_form)? {
        if field.name() != Some(name) {
            continue;
        }
        if stored.len() == MAX_FILES {
            return Err(Error::invalid(name, &format!("catalog.too_many_files:{MAX_FILES}")));
        }
        let bytes: Bytes = field.bytes().await.map_err(files::broken_form)?;
        stored.push(files::store(ctx, &format!("{name}[{}]", stored.len()), bytes, &rules).await?);
    }
    if stored.is_empty() { Err(Error::invalid(name, "required")) } else { Ok(()) }
}

/// Переставить галерею: перечислить все файлы в новом порядке.
#[utoipa::path(put, path = "/products/{id}/media/order", params(("id" = i64, Path)), request_body = MediaOrder, responses((status = 200, body = MediaList)))]
pub async fn reorder_media(
    ctx: Ctx,
    actor: Actor,
    PathParam(product): PathParam<i64>,
    Valid(order): Valid<MediaOrder>,
) -> Result<Json<MediaList>> {
    let rows =
        ctx.atomic(&actor, async move |work: &mut Work| media::reorder_media(work, product, &order.ids).await).await?;
    Ok(Json(MediaList { media: rows.into_iter().map(media_out).collect() }))
}

/// Изменить подпись или вид файла.
#[utoipa::path(patch, path = "/products/{id}/media/{media_id}", params(("id" = i64, Path), ("media_id" = i64, Path)), request_body = MediaPatch, responses((status = 200, body = MediaOut)))]
pub async fn patch_media(
    ctx: Ctx,
    actor: Actor,
    PathParam((product, id)): PathParam<(i64, i64)>,
    Valid(patch): Valid<MediaPatch>,
) -> Result<Json<MediaOut>> {
    let row =
        ctx.atomic(&actor, async move |work: &mut Work| media::update_media(work, product, id, &patch).await).await?;
    Ok(Json(media_out(row)))
}

/// Убрать файл из галереи; свой файл удаляется и из хранилища.
#[utoipa::path(delete, path = "/products/{id}/media/{media_id}", params(("id" = i64, Path), ("media_id" = i64, Path)), responses((status = 204)))]
pub async fn delete_media(
    ctx: Ctx,
    actor: Actor,
    PathParam((product, id)): PathParam<(i64, i64)>,
) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| media::delete_media(work, product, id).await).await?;
    Ok(NoContent)
}

/// Файл галереи. Имя случайно и содержимое не меняется, поэтому хранить его можно год.
#[utoipa::path(get, path = "/media/{folder}/{subfolder}/{name}", params(("folder" = String, Path), ("subfolder" = String, Path), ("name" = String, Path)), responses((status = 200, description = "Файл", content_type = "application/octet-stream"), (status = 206, description = "Кусок файла")))]
pub async fn read_file(
    ctx: Ctx,
    headers: HeaderMap,
    PathParam((folder, subfolder, name)): PathParam<(String, String, String)>,
) -> Result<Response> {
    // Выгрузка учётной системы лежит в том же хранилище, но людям она не предназначена.
    let key = Key::parse(&format!("{folder}/{subfolder}/{name}")).filter(|key| key.kind() != Kind::Exchange);
    let key = key.or_not_found(errors::MEDIA_NOT_FOUND)?;
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).and_then(parse_range);
    let reading = ctx.service::<Storage>().read(&key, asked.clone()).await.map_err(files::storage_failed)?;
    let inline = matches!(key.kind().family(), Family::Image | Family::Video);
    let fixed = [
        (header::CONTENT_TYPE, key.kind().content_type()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::CONTENT_DISPOSITION, if inline { "inline" } else { "attachment" }),
        (header::ACCEPT_RANGES, "bytes"),
    ];
    let length = (header::CONTENT_LENGTH, (reading.range.end - reading.range.start).to_string());
    let part = format!("bytes {}-{}/{}", reading.range.start, reading.range.end.saturating_sub(1), reading.size);
    let body = Body::from_stream(reading.stream);
    Ok(match asked {
        Some(_) => (StatusCode::PARTIAL_CONTENT, fixed, [length, (header::CONTENT_RANGE, part)], body).into_response(),
        None => (fixed, [length], body).into_response(),
    })
}

/// `bytes=100-199`, `bytes=100-`; другие виды (хвост, несколько кусков) отдаются целиком, так можно по RFC 9110.
fn parse_range(text: &str) -> Option<std::ops::Range<u64>> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let from: u64 = from.parse().ok()?;
    let to: u64 = if to.is_empty() { u64::MAX - 1 } else { to.parse().ok()? };
    (from <= to).then(|| from..to.saturating_add(1))
}
