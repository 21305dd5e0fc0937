//! Связать свой Telegram; вести бота.

use axum::Json;
use bytes::Bytes;
use http::HeaderMap;
use kernel::http::{Created, NoContent};
use kernel::{Actor, Ctx, Error, Lang, Result, Work};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use crate::schemas::{TelegramLinkOut, Update};
use crate::services;
use crate::settings::TelegramSettings;

/// Одноразовая ссылка: открыл её в Telegram — бот пишет сюда.
#[utoipa::path(post, path = "/users/me/telegram", responses((status = 201, body = TelegramLinkOut)))]
pub async fn link_telegram(ctx: Ctx, actor: Actor) -> Result<Created<TelegramLinkOut>> {
    let user_id = actor.require_user()?;
    let begin = async move |work: &mut Work| services::begin_link(work, user_id).await;
    let (link, expires_at) = ctx.atomic(&actor, begin).await?;
    Ok(Created(TelegramLinkOut { link, expires_at: expires_at.and_utc() }))
}

/// Больше не писать в Telegram.
#[utoipa::path(delete, path = "/users/me/telegram", responses((status = 204)))]
pub async fn unlink_telegram(ctx: Ctx, actor: Actor) -> Result<NoContent> {
    let user_id = actor.require_user()?;
    ctx.atomic(&actor, async move |work: &mut Work| services::unlink(work, user_id).await).await?;
    Ok(NoContent)
}

/// Весть бота. Подлинность — по тайному слову в заголовке; ответ человеку едет в теле нашего ответа.
#[utoipa::path(post, path = "/telegram/webhook", request_body = serde_json::Value, responses((status = 200, body = serde_json::Value)))]
pub async fn receive_telegram_update(ctx: Ctx, headers: HeaderMap, body: Bytes) -> Result<Json<Value>> {
    if !is_genuine(&ctx, &headers) {
        return Err(Error::refused("notifications.forged_update"));
    }
    // Незнакомую весть повторять незачем: 200.
    let Ok(update) = serde_json::from_slice::<Update>(&body) else { return Ok(Json(json!({}))) };
    let said = update.clone();
    let hear = async move |work: &mut Work| services::hear(work, &said).await;
    match ctx.atomic(&Actor::System("telegram"), hear).await {
        Ok(Some(words)) => Ok(Json(answer(&ctx, &update, words))),
        Ok(None) => Ok(Json(json!({}))),
        Err(error) if error.code == services::REPEATED => Ok(Json(json!({}))),
        Err(error) => Err(error),
    }
}

fn is_genuine(ctx: &Ctx, headers: &HeaderMap) -> bool {
    let secret = &ctx.section::<TelegramSettings>().secret;
    let said = headers.get("x-telegram-bot-api-secret-token").map_or(&[][..], |value| value.as_bytes());
    !secret.is_empty() && bool::from(secret.expose().as_bytes().ct_eq(said))
}

fn answer(ctx: &Ctx, update: &Update, words: &str) -> Value {
    let chat = update.private_text().map(|(chat_id, _)| chat_id);
    let lang: Lang = update.lang();
    json!({"method": "sendMessage", "chat_id": chat, "text": ctx.texts().get(lang, words, &json!({}))})
}
