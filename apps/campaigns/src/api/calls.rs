//! Документированные вызовы и то, чего им не хватало: пропуск на просмотр и витрина кампании.

use accounts::contacts::{Contact, Email};
use accounts::models::user;
use axum::Json;
use axum::extract::rejection::BytesRejection;
use bytes::Bytes;
use kernel::http::{Created, Params, PathParam};
use kernel::{Actor, Ctx, Error, OrNotFound, Result, Work};
use serde_json::Value;

use crate::errors;
use crate::models::asset;
use crate::queries::{self, Scene};
use crate::schemas::*;
use crate::services::{self, Found};
use crate::settings::CampaignSettings;

/// Посетитель кампании не входит: вызовы безымянны.
const VISITOR: Actor = Actor::Anonymous;

/// Начать сеанс просмотра. Тело — `{}` или ничего; `campaign` выбирает кампанию.
#[utoipa::path(post, path = "/session/start/", request_body = SessionStartIn, responses((status = 201, body = SessionStartOut)))]
pub async fn start_session(ctx: Ctx, body: Result<Bytes, BytesRejection>) -> Result<Created<SessionStartOut>> {
    let body = body.map_err(errors::unread)?;
    // Прежние клиенты шлют и пустое тело без вида содержимого.
    let payload = if body.trim_ascii().is_empty() { Payload::default() } else { parse(&body)? };
    let campaign = queries::campaign_by_slug(ctx.db_fresh(), payload.text("campaign")?).await?;
    let raw = Value::Object(payload.0);
    let started =
        ctx.atomic(&VISITOR, async move |work: &mut Work| services::start_session(work, &campaign, raw.clone()).await);
    Ok(Created(SessionStartOut { session_id: started.await? }))
}

fn parse(body: &Bytes) -> Result<Payload> {
    // PostgreSQL не хранит знак NUL; честнее отказать на всех движках.
    let payload = serde_json::from_slice(body).ok().filter(|_| !body.windows(6).any(|part| part == b"\\u0000"));
    payload.ok_or_else(|| errors::bad_key("body"))
}

/// Засчитать просмотр. Повтор с тем же `event_id` получает прежний ответ и не считается.
#[utoipa::path(post, path = "/view/", request_body = ViewIn, responses((status = 200, body = ViewOut)))]
pub async fn register_view(ctx: Ctx, Call(payload): Call) -> Result<Json<ViewOut>> {
    let view = View::of(&payload)?;
    // Кампания и активы читаются до транзакции: незнакомый сеанс или актив её и не откроет.
    let scene = Scene::of_session(ctx.db_fresh(), view.session_id).await?;
    let viewed = ctx.atomic(&VISITOR, async move |work: &mut Work| services::register_view(work, &scene, &view).await);
    Ok(Json(viewed.await?))
}

/// Открыть актив: пропуск, с которым через `ready_in` секунд засчитают один его просмотр.
#[utoipa::path(post, path = "/view/token", request_body = ViewTokenIn, responses((status = 200, body = ViewTokenOut)))]
pub async fn open_asset(ctx: Ctx, Call(payload): Call) -> Result<Json<ViewTokenOut>> {
    payload.require(&["session_id", "asset_slug"])?;
    let session_id = payload.uuid("session_id")?;
    let slug = payload.some_text("asset_slug")?.to_owned();
    let scene = Scene::of_session(ctx.db_fresh(), session_id).await?;
    let opened = ctx.atomic(&VISITOR, async move |work: &mut Work| {
        let session = queries::locked_session(work.db(), session_id).await?;
        services::open_asset(work, &scene, &session, &slug).await
    });
    Ok(Json(opened.await?))
}

/// Привязать почту к сеансу; собравшему набор на неё уйдёт код.
#[utoipa::path(post, path = "/user/email/", request_body = UserEmailIn, responses((status = 200, body = UserEmailOut)))]
pub async fn attach_email(ctx: Ctx, Call(payload): Call) -> Result<Json<UserEmailOut>> {
    payload.require(&["session_id", "email"])?;
    let session_id = payload.uuid("session_id")?;
    let email = Email::parse(payload.some_text("email")?).ok_or_else(|| errors::bad_key("email"))?;
    let attached =
        ctx.atomic(&VISITOR, async move |work: &mut Work| services::attach_email(work, session_id, &email).await);
    Ok(Json(attached.await?))
}

/// Прогресс сеанса или человека; названы оба — сеанса.
#[utoipa::path(get, path = "/progress/", params(ProgressParams), responses((status = 200, body = ProgressOut)))]
pub async fn read_progress(ctx: Ctx, Params(params): Params<ProgressParams>) -> Result<Json<ProgressOut>> {
    if let Some(session) = given(&params.session_id) {
        let id = uuid_of("session_id", session)?;
        let read = ctx.atomic(&VISITOR, async move |work: &mut Work| services::progress_of_session(work, id).await);
        return Ok(Json(read.await?));
    }
    let Some(user) = given(&params.user_id) else {
        return Err(errors::keys_required(&["session_id", "user_id"]));
    };
    let user = find_user(&ctx, user).await?;
    let campaign = queries::campaign_by_slug(ctx.db_fresh(), given(&params.campaign)).await?;
    let scene = Scene::of(ctx.db_fresh(), campaign).await?;
    let read =
        ctx.atomic(&VISITOR, async move |work: &mut Work| services::progress_of_user(work, &scene, user.id).await);
    Ok(Json(read.await?))
}

async fn find_user(ctx: &Ctx, id: &str) -> Result<user::Model> {
    let id = uuid_of("user_id", id)?;
    accounts::queries::user_by_public_id(ctx.db_fresh(), id).await?.or_not_found(errors::USER_NOT_FOUND)
}

/// Код за собранный набор: сеанса, человека или почты — что названо первым.
#[utoipa::path(get, path = "/promo/", params(PromoParams), responses((status = 200, body = PromoOut)))]
pub async fn read_promo(ctx: Ctx, Params(params): Params<PromoParams>) -> Result<Json<PromoOut>> {
    if let Some(session) = given(&params.session_id) {
        let id = uuid_of("session_id", session)?;
        let found = ctx.atomic(&VISITOR, async move |work: &mut Work| services::promo_of_session(work, id).await);
        return promo_out(found.await?);
    }
    let user = match (given(&params.user_id), given(&params.email)) {
        (None, None) => return Err(errors::keys_required(&["session_id", "user_id", "email"])),
        _ if !ctx.section::<CampaignSettings>().code_by_contact => return Err(errors::ask_by_session()),
        (Some(id), _) => find_user(&ctx, id).await?,
        (None, Some(email)) => find_by_email(&ctx, email).await?,
    };
    let found = ctx.atomic(&VISITOR, async move |work: &mut Work| services::promo_of_user(work, user.id).await);
    promo_out(found.await?)
}

async fn find_by_email(ctx: &Ctx, email: &str) -> Result<user::Model> {
    let email = Email::parse(email).or_not_found(errors::EMAIL_NOT_FOUND)?;
    let found = accounts::queries::user_by_contact(ctx.db_fresh(), &Contact::Email(email)).await?;
    found.or_not_found(errors::EMAIL_NOT_FOUND)
}

/// О спрошенном остаётся событие, поэтому отказ — после фиксации.
fn promo_out(found: Found) -> Result<Json<PromoOut>> {
    match found {
        Found::Code(promo_code) => Ok(Json(PromoOut { promo_code })),
        Found::NotCompleted => Err(errors::not_completed()),
        Found::Used => Err(errors::already_used()),
    }
}

/// Сводка просмотров кампании.
#[utoipa::path(get, path = "/stats/", params(StatsParams), responses((status = 200, body = StatsOut)))]
pub async fn read_stats(ctx: Ctx, Params(params): Params<StatsParams>) -> Result<Json<StatsOut>> {
    let campaign = queries::campaign_by_slug(ctx.db(), given(&params.campaign)).await?;
    Ok(Json(queries::stats(&ctx, campaign.id).await?))
}

/// Строка из настройки `campaigns.health_message`: её ждёт старая страница.
#[utoipa::path(get, path = "/health/", responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn read_health_message(ctx: Ctx) -> String {
    ctx.section::<CampaignSettings>().health_message.clone()
}

/// Кампания глазами посетителя: что показать и чего она требует.
#[utoipa::path(get, path = "/showcases/{slug}", params(("slug" = String, Path)), responses((status = 200, body = ShowcaseOut)))]
pub async fn read_showcase(ctx: Ctx, PathParam(slug): PathParam<String>) -> Result<Json<ShowcaseOut>> {
    Ok(Json(showcase(&ctx, &slug).await?))
}

pub async fn showcase(ctx: &Ctx, slug: &str) -> Result<ShowcaseOut> {
    if slug.chars().any(char::is_control) {
        return Err(Error::not_found(errors::CAMPAIGN_NOT_FOUND));
    }
    let campaign = queries::campaign_by_slug(ctx.db(), Some(slug)).await?;
    let Scene { campaign, assets } = Scene::of(ctx.db(), campaign).await?;
    let asset = |row: asset::Model| ShowcaseAsset {
        slug: row.slug,
        name: row.name,
        kind: row.kind,
        model_url: row.model_url,
        ios_model_url: row.ios_model_url,
        preview_url: row.preview_url,
    };
    Ok(ShowcaseOut {
        is_running: campaign.runs_at(ctx.now().naive_utc()),
        slug: campaign.slug,
        title: campaign.title,
        description: campaign.description,
        min_dwell: campaign.min_dwell,
        needs_view_token: campaign.needs_view_token,
        assets: assets.into_iter().map(asset).collect(),
    })
}
