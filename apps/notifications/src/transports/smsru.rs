//! SMS.ru. Ключа от повторов нет, поэтому после неизвестного итога второй раз не посылаем (см. `sms.rs`).

use std::collections::HashMap;

use kernel::{Call, CallError, Ctx};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::SendError;
use crate::models::message::{Delivery, Model};
use crate::settings::{SmsRuSettings, SmsSettings};

pub(crate) const CODE: &str = "smsru";

#[derive(Debug, Deserialize)]
struct Answer {
    status_code: i64,
    status_text: Option<String>,
    #[serde(default)]
    sms: HashMap<String, SmsState>,
}

#[derive(Debug, Deserialize)]
struct SmsState {
    status_code: i64,
    status_text: Option<String>,
    sms_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct BalanceAnswer {
    status_code: i64,
    status_text: Option<String>,
    balance: Option<serde_json::Number>,
}

pub(super) async fn send(ctx: &Ctx, message: &Model) -> Result<String, SendError> {
    let settings = settings(ctx);
    let phone = message.recipient.trim_start_matches('+');
    let mut form = vec![("to", phone), ("msg", message.body.as_str())];
    if !settings.from.is_empty() {
        form.push(("from", &settings.from));
    }
    if settings.test {
        form.push(("test", "1"));
    }
    let answer: Answer = call(ctx, "/sms/send", &form).await?;
    if answer.status_code != 100 {
        return Err(refusal(answer.status_code, answer.status_text));
    }
    match answer.sms.into_values().next() {
        Some(sms) if (100..=103).contains(&sms.status_code) => Ok(sms.sms_id.unwrap_or_default()),
        Some(sms) => Err(refusal(sms.status_code, sms.status_text)),
        None => Err(SendError::Unknown("SMS.ru named no message".to_owned())),
    }
}

pub(super) async fn check(ctx: &Ctx) -> anyhow::Result<String> {
    let answer: BalanceAnswer =
        call(ctx, "/my/balance", &[]).await.map_err(|error| anyhow::anyhow!("SMS.ru: {error:?}"))?;
    let (code, why) = (answer.status_code, answer.status_text.unwrap_or_default());
    anyhow::ensure!(code == 100, "SMS.ru answered {code} {why}: check sms.smsru.api_id");
    let balance = answer.balance.map_or("?".to_owned(), |balance| balance.to_string());
    Ok(format!("SMS.ru accepts the key, balance {balance} RUB"))
}

/// Состояния из обратного вызова; `None` — его прислал не SMS.ru (или ключ не настроен: тогда не верим никому).
pub(crate) fn read_callback(ctx: &Ctx, body: &[u8]) -> Option<Vec<(String, Delivery)>> {
    let settings = settings(ctx);
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    let mut data: Vec<(usize, &str)> =
        fields.iter().filter_map(|(name, value)| Some((index(name)?, value.as_str()))).collect();
    data.sort_by_key(|(index, _)| *index);
    let hash = fields.iter().find(|(name, _)| name == "hash").map(|(_, value)| value.as_str())?;
    let mut expected = Sha256::new();
    expected.update(settings.api_id.expose());
    data.iter().for_each(|(_, value)| expected.update(value));
    let is_genuine = bool::from(hex::encode(expected.finalize()).as_bytes().ct_eq(hash.as_bytes()));
    let is_trusted = is_genuine && !settings.api_id.is_empty();
    is_trusted.then(|| data.into_iter().filter_map(|(_, value)| state(value)).collect())
}

/// `data[7]` → 7.
fn index(name: &str) -> Option<usize> {
    name.strip_prefix("data[")?.strip_suffix(']')?.parse().ok()
}

/// `sms_status\n<sms_id>\n<код>\n<время>`.
fn state(value: &str) -> Option<(String, Delivery)> {
    let mut lines = value.lines();
    if lines.next() != Some("sms_status") {
        return None;
    }
    let (id, code) = (lines.next()?, lines.next()?.trim().parse::<i64>().ok()?);
    let delivery = match code {
        100..=102 => Delivery::Sent,
        103 => Delivery::Delivered,
        104..=108 | 150 => Delivery::Undelivered,
        _ => return None,
    };
    Some((id.to_owned(), delivery))
}

fn settings(ctx: &Ctx) -> SmsRuSettings {
    ctx.section::<SmsSettings>().smsru.clone()
}

async fn call<T: DeserializeOwned>(ctx: &Ctx, path: &str, form: &[(&str, &str)]) -> Result<T, SendError> {
    let settings = settings(ctx);
    let own = [("api_id", settings.api_id.expose()), ("json", "1")];
    let form: Vec<(&str, &str)> = own.into_iter().chain(form.iter().copied()).collect();
    let url = format!("{}{path}", settings.base_url.trim_end_matches('/'));
    let answer = ctx.http().send(Call::post(url).form(&form)).await.map_err(|error| match error {
        CallError::NotSent(why) => SendError::Later(why),
        CallError::Unknown(why) => SendError::Unknown(why),
    })?;
    match answer.status.as_u16() {
        200 => answer.json().map_err(|error| SendError::Unknown(error.to_string())),
        // Запрос не принят: так отвечают перегруженные и стоящие на ремонте.
        429 | 502 | 503 => Err(SendError::Later(format!("SMS.ru answered {}", answer.status))),
        status if answer.status.is_client_error() => Err(SendError::Refused(format!("SMS.ru answered {status}"))),
        status => Err(SendError::Unknown(format!("SMS.ru answered {status}"))),
    }
}

/// Ключ, кошелёк, отправитель, дневной предел, их неполадки — уйдёт позже; номер и текст — никогда.
fn refusal(code: i64, why: Option<String>) -> SendError {
    let text = format!("SMS.ru answered {code} {}", why.unwrap_or_default());
    match code {
        200 | 201 | 204 | 206 | 220 | 300..=305 | 500 => {
            tracing::error!(code, text, "SMS.ru does not send: see settings [sms.smsru] and the balance");
            SendError::Later(text)
        }
        _ => SendError::Refused(text),
    }
}
