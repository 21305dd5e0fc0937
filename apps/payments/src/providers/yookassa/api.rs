//! Разговор по HTTP: ключи, ключ от повторов, ответы и отказы.

use std::sync::Arc;
use std::time::Duration;

use kernel::{Call, CallAnswer, Ctx};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::wire::Refusal;
use crate::providers::{Answer, ProviderError};
use crate::settings::{PaymentSettings, YooKassaSettings};

/// Код отказа «этот ключ уже был, но с другим телом».
const KEY_REUSED: &str = "idempotence_key_reused";

pub(super) struct Api<'a> {
    ctx: &'a Ctx,
    settings: Arc<PaymentSettings>,
}

impl<'a> Api<'a> {
    pub(super) fn new(ctx: &'a Ctx) -> Api<'a> {
        Api { ctx, settings: ctx.section::<PaymentSettings>() }
    }

    pub(super) fn settings(&self) -> &YooKassaSettings {
        &self.settings.yookassa
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Answer<T> {
        let call = Call::get(self.url(path));
        self.send(if query.is_empty() { call } else { call.query(query) }).await
    }

    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, key: &str, body: &Value) -> Answer<T> {
        self.send(Call::post(self.url(path)).header("idempotence-key", key).json(body)).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.settings().base_url.trim_end_matches('/'))
    }

    async fn send<T: DeserializeOwned>(&self, call: Call) -> Answer<T> {
        let settings = self.settings();
        if settings.shop_id.is_empty() || settings.secret_key.is_empty() {
            let why = "payments.yookassa.shop_id and payments.yookassa.secret_key are not set";
            return Err(ProviderError::Misconfigured(why.to_owned()));
        }
        let call = call
            .basic_auth(&settings.shop_id, settings.secret_key.expose())
            .timeout(Duration::from_secs(settings.timeout_seconds));
        let answer = self.ctx.http().send(call).await.map_err(|error| ProviderError::Unavailable(error.to_string()))?;
        read(&answer)
    }
}

/// Ответ или отказ. Непонятный ответ — неизвестный итог: повтор с тем же ключом его прояснит.
fn read<T: DeserializeOwned>(answer: &CallAnswer) -> Answer<T> {
    let status = answer.status.as_u16();
    match status {
        200 => answer.json().map_err(|error| ProviderError::Unavailable(error.to_string())),
        401 | 403 => Err(ProviderError::Misconfigured(format!(
            "yookassa answered {status} {}: check payments.yookassa.shop_id and payments.yookassa.secret_key",
            Refusal::of(answer).code
        ))),
        400..=499 if status != 408 && status != 429 => Err(refusal(Refusal::of(answer))),
        _ => Err(ProviderError::Unavailable(format!("yookassa answered {status}"))),
    }
}

fn refusal(refusal: Refusal) -> ProviderError {
    let parameter = refusal.parameter.unwrap_or_default();
    if parameter.eq_ignore_ascii_case("Idempotence-Key") {
        return ProviderError::refused(KEY_REUSED, &refusal.description);
    }
    let message = match parameter.as_str() {
        "" => refusal.description,
        parameter => format!("{} ({parameter})", refusal.description),
    };
    ProviderError::Refused { code: refusal.code, message }
}

pub(super) fn is_key_reused(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Refused { code, .. } if code == KEY_REUSED)
}
