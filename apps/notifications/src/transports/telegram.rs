//! Telegram Bot API. Ключа от повторов нет, поэтому после неизвестного итога второй раз не пишем (см. `attempts.rs`).

use anyhow::Context;
use kernel::{Call, CallAnswer, CallError, Ctx};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Accepted, SendError, attempts};
use crate::models::message::Model;
use crate::settings::TelegramSettings;

const CODE: &str = "telegram";

/// Знаков UTF-16 в сообщении.
const MAX_TEXT: usize = 4096;

#[derive(Debug, Deserialize)]
struct Answer {
    ok: bool,
    #[serde(default)]
    result: Value,
    #[serde(default)]
    description: String,
    parameters: Option<Parameters>,
}

#[derive(Debug, Deserialize)]
struct Parameters {
    retry_after: Option<i64>,
}

pub(super) async fn send(ctx: &Ctx, message: &Model) -> Result<Accepted, SendError> {
    if ctx.section::<TelegramSettings>().token.is_empty() {
        return Err(SendError::Later("telegram.token is not set".to_owned()));
    }
    attempts::claim(ctx, message).await?;
    let sent = talk(ctx, message).await;
    // Отказали или не услышали — попытки не было.
    if let Err(SendError::Later(_) | SendError::Wait(..)) = sent {
        attempts::mark(ctx, message, false).await?;
    }
    sent.map(|()| Accepted { provider: Some(CODE), provider_id: None })
}

async fn talk(ctx: &Ctx, message: &Model) -> Result<(), SendError> {
    let body = json!({"chat_id": message.recipient.parse::<i64>().unwrap_or_default(), "text": cut(&message.body)});
    let answer = call(ctx, "sendMessage", &body).await.map_err(|error| match error {
        CallError::NotSent(why) => SendError::Later(why),
        CallError::Unknown(why) => SendError::Unknown(why),
    })?;
    let status = answer.status.as_u16();
    let said: Option<Answer> = answer.json().ok();
    let why = format!("Telegram answered {status} {}", said.as_ref().map_or("", |said| said.description.as_str()));
    match (status, said) {
        (200, Some(said)) if said.ok => Ok(()),
        (403, Some(_)) => Err(SendError::Gone(why)),
        (400, Some(said)) if said.description.contains("chat not found") => Err(SendError::Gone(why)),
        (429, said) => {
            let asked = said.and_then(|said| said.parameters).and_then(|parameters| parameters.retry_after);
            Err(SendError::Wait(asked.or_else(|| super::retry_after(&answer)).unwrap_or(60), why))
        }
        (401 | 404, Some(_)) => {
            tracing::error!(why, "Telegram does not accept the token: see settings [telegram]");
            Err(SendError::Later(why))
        }
        (400..=499, Some(_)) => Err(SendError::Refused(why)),
        _ => Err(SendError::Unknown(why)),
    }
}

/// Не длиннее дозволенного; знак пополам не режем.
fn cut(text: &str) -> String {
    let mut room = MAX_TEXT;
    let fits = |c: &char| {
        let left = room.checked_sub(c.len_utf16());
        room = left.unwrap_or(0);
        left.is_some()
    };
    text.chars().take_while(fits).collect()
}

async fn call(ctx: &Ctx, method: &str, body: &Value) -> Result<CallAnswer, CallError> {
    let settings = ctx.section::<TelegramSettings>();
    let url = format!("{}/bot{}/{method}", settings.base_url.trim_end_matches('/'), settings.token.expose());
    ctx.http().send(Call::post(url).json(body)).await
}

async fn ask(ctx: &Ctx, method: &str, body: &Value) -> anyhow::Result<Value> {
    let answer: Answer = call(ctx, method, body).await.context("Telegram does not answer")?.json()?;
    anyhow::ensure!(answer.ok, "Telegram: {}: check telegram.token", answer.description);
    Ok(answer.result)
}

/// Говорит Telegram, куда нести вести; без бота или без https-адреса магазина — молчит.
pub(crate) async fn set_webhook(ctx: &Ctx) -> anyhow::Result<()> {
    let settings = ctx.section::<TelegramSettings>();
    let site = ctx.settings().kernel.server.public_url.trim_end_matches('/').to_owned();
    if !settings.is_on() || !site.starts_with("https://") {
        return Ok(());
    }
    let body = json!({
        "url": format!("{site}/api/v1/telegram/webhook"),
        "secret_token": settings.secret.expose(),
        "allowed_updates": ["message", "my_chat_member"],
    });
    ask(ctx, "setWebhook", &body).await.map(|_| ())
}

/// Проверка Telegram для `megashop config check`: ключ и имя бота.
pub async fn check(ctx: &Ctx) -> anyhow::Result<String> {
    let settings = ctx.section::<TelegramSettings>();
    if settings.token.is_empty() {
        return Ok("Telegram is off".into());
    }
    anyhow::ensure!(settings.is_on(), "set telegram.bot and telegram.secret: without them nobody can link a chat");
    let me = ask(ctx, "getMe", &json!({})).await?;
    let name = me["username"].as_str().unwrap_or_default();
    anyhow::ensure!(
        name.eq_ignore_ascii_case(&settings.bot),
        "the token is of @{name}, but telegram.bot says otherwise"
    );
    Ok(format!("Telegram accepts the token of @{name}"))
}
