//! prostor-sms.ru, протокол JSON. Отказ приходит с HTTP 200; повтор отправки — вторая SMS, поэтому у каждой свой `clientId`.

use kernel::{Call, CallError, Ctx};
use serde::Deserialize;
use serde_json::{Value, json};

use super::SendError;
use crate::models::message::{Delivery, Model};
use crate::settings::{ProstorSettings, SmsSettings};

pub(crate) const CODE: &str = "prostor";

/// Сколько состояний взять из очереди за раз.
const QUEUE_LIMIT: usize = 1000;

#[derive(Debug, Deserialize)]
struct Answer {
    status: String,
    description: Option<String>,
    #[serde(default)]
    messages: Vec<MessageState>,
    #[serde(default)]
    balance: Vec<Balance>,
}

#[derive(Debug, Deserialize)]
struct MessageState {
    #[serde(rename = "smscId")]
    smsc_id: Option<String>,
    status: String,
}

#[derive(Debug, Deserialize)]
struct Balance {
    #[serde(rename = "type")]
    unit: String,
    balance: serde_json::Number,
}

pub(super) async fn send(ctx: &Ctx, message: &Model) -> Result<String, SendError> {
    let settings = settings(ctx);
    let mut sms = json!({"clientId": client_id(message), "phone": message.recipient, "text": message.body});
    if !settings.sender.is_empty() {
        sms["sender"] = settings.sender.as_str().into();
    }
    let mut body = json!({"messages": [sms]});
    if !settings.queue.is_empty() {
        body["statusQueueName"] = settings.queue.as_str().into();
    }
    let answer = call(ctx, "send.json", body).await?;
    let state = first(answer)?;
    match delivery(&state.status) {
        Some(Delivery::Sent | Delivery::Delivered) => Ok(state.smsc_id.unwrap_or_else(|| client_id(message))),
        _ => Err(refusal(&state.status)),
    }
}

/// Не принята ли эта SMS раньше; `None` — о ней не знают.
pub(super) async fn find(ctx: &Ctx, message: &Model) -> Result<Option<String>, SendError> {
    let answer = call(ctx, "status.json", json!({"messages": [{"clientId": client_id(message)}]})).await?;
    let state = first(answer)?;
    match delivery(&state.status) {
        Some(_) => Ok(Some(state.smsc_id.unwrap_or_else(|| client_id(message)))),
        None if state.status == "incorrect id" => Ok(None),
        None => Err(SendError::Unknown(format!("prostor-sms: {}", state.status))),
    }
}

/// Забирает из очереди состояния (каждое отдаётся один раз): имя SMS и что с ней.
pub(crate) async fn take_states(ctx: &Ctx) -> Result<Vec<(String, Delivery)>, String> {
    let settings = settings(ctx);
    let body = json!({"statusQueueName": settings.queue, "statusQueueLimit": QUEUE_LIMIT});
    let answer = call(ctx, "statusQueue.json", body).await.map_err(|error| format!("{error:?}"))?;
    let known = answer.messages.into_iter().filter_map(|state| Some((state.smsc_id?, delivery(&state.status)?)));
    Ok(known.collect())
}

pub(super) async fn check(ctx: &Ctx) -> anyhow::Result<String> {
    let answer = call(ctx, "balance.json", json!({})).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let why = answer.description.unwrap_or_default();
    anyhow::ensure!(answer.status == "ok", "prostor-sms: {why}: check sms.prostor.login and sms.prostor.password");
    let money: Vec<String> = answer.balance.iter().map(|row| format!("{} {}", row.balance, row.unit)).collect();
    Ok(format!("prostor-sms accepts the login, balance {}", money.join(", ")))
}

fn settings(ctx: &Ctx) -> ProstorSettings {
    ctx.section::<SmsSettings>().prostor.clone()
}

/// Имя SMS у нас: только шестнадцатеричные цифры, до 72. Момент рядом с номером — чтобы база, поднятая из копии, не назвала новую SMS
/// именем старой.
fn client_id(message: &Model) -> String {
    format!("{:x}{:08x}", message.created_at.and_utc().timestamp_micros(), message.id)
}

async fn call(ctx: &Ctx, method: &str, mut body: Value) -> Result<Answer, SendError> {
    let settings = settings(ctx);
    body["login"] = settings.login.as_str().into();
    body["password"] = settings.password.expose().into();
    let url = format!("{}/{method}", settings.base_url.trim_end_matches('/'));
    let answer = ctx.http().send(Call::post(url).json(&body)).await.map_err(lost)?;
    match answer.status.as_u16() {
        200 => answer.json().map_err(lost),
        429 => Err(SendError::Later("prostor-sms answered 429".to_owned())),
        status if answer.status.is_client_error() => Err(SendError::Refused(format!("prostor-sms answered {status}"))),
        status => Err(SendError::Unknown(format!("prostor-sms answered {status}"))),
    }
}

fn lost(error: CallError) -> SendError {
    match error {
        CallError::NotSent(why) => SendError::Later(why),
        CallError::Unknown(why) => SendError::Unknown(why),
    }
}

fn first(answer: Answer) -> Result<MessageState, SendError> {
    if answer.status != "ok" {
        return Err(refusal(&answer.description.unwrap_or(answer.status)));
    }
    answer.messages.into_iter().next().ok_or_else(|| SendError::Unknown("prostor-sms named no message".to_owned()))
}

/// Состояние SMS; `None` — это отказ принять.
fn delivery(status: &str) -> Option<Delivery> {
    match status {
        "accepted" | "queued" | "smsc submit" => Some(Delivery::Sent),
        "delivered" => Some(Delivery::Delivered),
        "delivery error" | "smsc reject" => Some(Delivery::Undelivered),
        _ => None,
    }
}

/// Виноваты настройки или кошелёк магазина — уйдёт, когда поправят; виноват номер или текст — не уйдёт никогда.
fn refusal(why: &str) -> SendError {
    let text = format!("prostor-sms: {why}");
    match why {
        "error authorization"
        | "not enough balance"
        | "not enough credits"
        | "sender address invalid"
        | "invalid status queue name" => {
            tracing::error!(why, "prostor-sms does not send: see settings [sms.prostor] and the balance");
            SendError::Later(text)
        }
        _ => SendError::Refused(text),
    }
}
