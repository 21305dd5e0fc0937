//! Дела сотрудника: кампании, пулы, активы с файлами, сеансы, коды, статистика.

use axum::Json;
use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use axum::response::Response;
use bytes::Bytes;
use catalog::services::files;
use http::StatusCode;
use kernel::http::{NoContent, Once, Paging, Params, PathParam, Valid};
use kernel::{Actor, Ctx, Error, OrNotFound, Result, Work};
use megashop_files::{Family, Key, Rules};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::errors;
use crate::queries;
use crate::schemas::*;
use crate::services::{self, AssetFile};

/// Кампании, новые первыми.
#[utoipa::path(get, path = "/campaigns/", params(Paging), responses((status = 200, body = CampaignList)))]
pub async fn list_campaigns(ctx: Ctx, paging: Paging) -> Result<Json<CampaignList>> {
    Ok(Json(queries::campaign_list(ctx.db_fresh(), &paging).await?))
}

/// Завести кампанию.
#[utoipa::path(post, path = "/campaigns/", request_body = CampaignIn, responses((status = 201, body = CampaignOut)))]
pub async fn create_campaign(ctx: Ctx, actor: Actor, once: Once<CampaignIn>) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &CampaignIn| {
        let made = services::create_campaign(work, input).await?;
        queries::campaign_out(work.db(), made).await
    })
    .await
}

/// Одна кампания.
#[utoipa::path(get, path = "/campaigns/{id}", params(("id" = i64, Path)), responses((status = 200, body = CampaignOut)))]
pub async fn read_campaign(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Json<CampaignOut>> {
    let found = queries::campaign_by_id(ctx.db_fresh(), id).await?;
    Ok(Json(queries::campaign_out(ctx.db_fresh(), found).await?))
}

/// Изменить кампанию: только присланные поля. Выданных кодов новые условия не касаются.
#[utoipa::path(patch, path = "/campaigns/{id}", params(("id" = i64, Path)), request_body = CampaignPatch,
    responses((status = 200, body = CampaignOut)))]
pub async fn patch_campaign(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<CampaignPatch>,
) -> Result<Json<CampaignOut>> {
    let changed = ctx.atomic(&actor, async move |work: &mut Work| {
        let row = services::update_campaign(work, id, &patch).await?;
        queries::campaign_out(work.db(), row).await
    });
    Ok(Json(changed.await?))
}

/// Статистика кампании: воронка по дням магазина, просмотры активов, выручка кодов.
#[utoipa::path(get, path = "/campaigns/{id}/statistics", params(("id" = i64, Path), DayFilter),
    responses((status = 200, body = StatisticsOut)))]
pub async fn read_statistics(
    ctx: Ctx,
    PathParam(id): PathParam<i64>,
    Params(filter): Params<DayFilter>,
) -> Result<Json<StatisticsOut>> {
    let days = filter.resolve(queries::shop_day(&ctx, ctx.now().naive_utc()))?;
    let campaign = queries::campaign_by_id(ctx.db(), id).await?;
    Ok(Json(queries::statistics(&ctx, &campaign, days).await?))
}

/// Пулы активов.
#[utoipa::path(get, path = "/campaign-pools/", params(Paging), responses((status = 200, body = PoolList)))]
pub async fn list_pools(ctx: Ctx, paging: Paging) -> Result<Json<PoolList>> {
    Ok(Json(queries::pool_list(ctx.db_fresh(), &paging).await?))
}

/// Завести пул.
#[utoipa::path(post, path = "/campaign-pools/", request_body = PoolIn, responses((status = 201, body = PoolOut)))]
pub async fn create_pool(ctx: Ctx, actor: Actor, once: Once<PoolIn>) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &PoolIn| {
        Ok(PoolOut::from(services::create_pool(work, input).await?))
    })
    .await
}

/// Активы по порядку показа.
#[utoipa::path(get, path = "/campaign-assets/", params(AssetFilter, Paging), responses((status = 200, body = AssetList)))]
pub async fn list_assets(ctx: Ctx, Params(filter): Params<AssetFilter>, paging: Paging) -> Result<Json<AssetList>> {
    Ok(Json(queries::asset_list(ctx.db_fresh(), &filter, &paging).await?))
}

/// Завести актив; файлы — потом, по одному.
#[utoipa::path(post, path = "/campaign-assets/", request_body = AssetIn, responses((status = 201, body = AssetOut)))]
pub async fn create_asset(ctx: Ctx, actor: Actor, once: Once<AssetIn>) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &AssetIn| {
        let made = services::create_asset(work, input).await?;
        queries::asset_out(work.db(), made).await
    })
    .await
}

/// Один актив.
#[utoipa::path(get, path = "/campaign-assets/{id}", params(("id" = i64, Path)), responses((status = 200, body = AssetOut)))]
pub async fn read_asset(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Json<AssetOut>> {
    let found = queries::asset_by_id(ctx.db_fresh(), id).await?;
    Ok(Json(queries::asset_out(ctx.db_fresh(), found).await?))
}

/// Изменить актив: только присланные поля.
#[utoipa::path(patch, path = "/campaign-assets/{id}", params(("id" = i64, Path)), request_body = AssetPatch,
    responses((status = 200, body = AssetOut)))]
pub async fn patch_asset(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<AssetPatch>,
) -> Result<Json<AssetOut>> {
    let changed = ctx.atomic(&actor, async move |work: &mut Work| {
        let row = services::update_asset(work, id, &patch).await?;
        queries::asset_out(work.db(), row).await
    });
    Ok(Json(changed.await?))
}

/// Удалить актив, которого никто не видел; виденный — 400 `campaigns.asset_in_use`, его выключают.
#[utoipa::path(delete, path = "/campaign-assets/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn delete_asset(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| services::delete_asset(work, id).await).await?;
    Ok(NoContent)
}

/// Файл актива: описание формы для OpenAPI.
#[derive(ToSchema)]
#[expect(dead_code, reason = "описывает форму, разбирает её Multipart")]
pub struct AssetFileForm {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Загрузить файл актива: GLB или glTF, USDZ для iPhone, картинку. Куда он встанет, сказано его содержимым.
#[utoipa::path(post, path = "/campaign-assets/{id}/files", params(("id" = i64, Path)),
    request_body(content = AssetFileForm, content_type = "multipart/form-data"), responses((status = 200, body = AssetOut)))]
pub async fn upload_asset_file(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<AssetOut>> {
    queries::asset_by_id(ctx.db_fresh(), id).await?;
    let mut form = form.map_err(files::not_a_form)?;
    let mut bytes = None;
    while let Some(field) = form.next_field().await.map_err(files::broken_form)? {
        if field.name() == Some("file") {
            bytes = Some(field.bytes().await.map_err(files::broken_form)?);
        }
    }
    let bytes = bytes.ok_or_else(|| Error::invalid("file", "required"))?;
    store_file(&ctx, &actor, id, "file", bytes).await.map(Json)
}

/// Кладёт файл в хранилище и ставит на его место; не вышло — файл убирается.
pub(crate) async fn store_file(ctx: &Ctx, actor: &Actor, id: i64, field: &str, bytes: Bytes) -> Result<AssetOut> {
    let stored = files::store(ctx, field, bytes, &Rules::only(&[Family::Model, Family::Image])).await?;
    let attached = attach(ctx, actor, id, stored.url.clone()).await;
    if attached.is_err() {
        files::undo(ctx, &[stored]).await;
    }
    attached
}

async fn attach(ctx: &Ctx, actor: &Actor, id: i64, url: String) -> Result<AssetOut> {
    let key = url.strip_prefix(files::MEDIA_BASE).and_then(Key::parse).or_not_found(errors::ASSET_NOT_FOUND)?;
    let file = AssetFile { url, kind: key.kind() };
    ctx.atomic(actor, async move |work: &mut Work| {
        let row = services::attach_file(work, id, &file).await?;
        queries::asset_out(work.db(), row).await
    })
    .await
}

/// Сеансы, новые первыми.
#[utoipa::path(get, path = "/campaign-sessions/", params(SessionFilter, Paging), responses((status = 200, body = SessionList)))]
pub async fn list_sessions(
    ctx: Ctx,
    Params(filter): Params<SessionFilter>,
    paging: Paging,
) -> Result<Json<SessionList>> {
    Ok(Json(queries::session_list(ctx.db_fresh(), &filter, &paging).await?))
}

/// Сеанс: виденное и журнал.
#[utoipa::path(get, path = "/campaign-sessions/{id}", params(("id" = Uuid, Path)), responses((status = 200, body = SessionDetail)))]
pub async fn read_session(ctx: Ctx, PathParam(id): PathParam<Uuid>) -> Result<Json<SessionDetail>> {
    Ok(Json(queries::session_detail(ctx.db_fresh(), id).await?))
}

/// Остановить сеанс или снова пустить.
#[utoipa::path(patch, path = "/campaign-sessions/{id}", params(("id" = Uuid, Path)), request_body = SessionPatch,
    responses((status = 200, body = SessionDetail)))]
pub async fn patch_session(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<Uuid>,
    Valid(patch): Valid<SessionPatch>,
) -> Result<Json<SessionDetail>> {
    let changed = ctx.atomic(&actor, async move |work: &mut Work| {
        services::set_session_active(work, id, patch.is_active).await?;
        queries::session_detail(work.db(), id).await
    });
    Ok(Json(changed.await?))
}

/// Выданные коды, новые первыми; использованные — с выручкой их заказов.
#[utoipa::path(get, path = "/campaign-codes/", params(SessionFilter, Paging), responses((status = 200, body = CodeList)))]
pub async fn list_codes(ctx: Ctx, Params(filter): Params<SessionFilter>, paging: Paging) -> Result<Json<CodeList>> {
    Ok(Json(queries::code_list(ctx.db_fresh(), &filter, &paging).await?))
}

/// Люди, привязавшие почту.
#[utoipa::path(get, path = "/campaign-users/", params(Paging), responses((status = 200, body = CampaignUserList)))]
pub async fn list_campaign_users(ctx: Ctx, paging: Paging) -> Result<Json<CampaignUserList>> {
    Ok(Json(queries::user_list(ctx.db_fresh(), &paging).await?))
}
