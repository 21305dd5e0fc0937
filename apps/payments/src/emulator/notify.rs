//! Уведомления эмулятора: тело как у YooKassa, подпись HMAC-SHA256 сырого тела. Доставляются вызовом нашего же приёмника из задачи:
//! программа не ходит по HTTP сама к себе.

use bytes::Bytes;
use chrono::TimeDelta;
use futures::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue};
use kernel::{Ctx, Error, Job, JobError, NewJob, Result, Work};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use super::client::CODE;
use super::faults::Fault;
use super::gateway::{self, Row};
use super::models::GatewayStatus;
use crate::providers::{Notice, RawNotification};
use crate::services::{self, Received};
use crate::settings::PaymentSettings;

const SIGNATURE: &str = "x-emulator-signature";

/// Прислать магазину уведомление, `copies` штук разом.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendNotifications {
    pub gateway_id: String,
    pub copies: usize,
    /// Рассказать о прежнем состоянии.
    pub stale: bool,
}

impl Job for SendNotifications {
    const NAME: &'static str = "payments.emulator_notify";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let Some(row) = gateway::by_id(ctx.db_fresh(), &self.gateway_id).await? else { return Ok(()) };
        let raw = notification(ctx, &row, self.stale)?;
        let sent = (0..self.copies).map(|_| services::receive_notification(ctx, CODE, &raw));
        for answer in join_all(sent).await {
            // Как и настоящая система, повторяет, пока не примут.
            match answer? {
                Received::Accepted | Received::Repeated | Received::Unknown => {}
                other => {
                    return Err(JobError::Fail(Error::internal(anyhow::anyhow!(
                        "notification was not taken: {other:?}"
                    ))));
                }
            }
        }
        Ok(())
    }
}

/// Ставит отправку в транзакции эмулятора.
pub(super) async fn enqueue(work: &mut Work, gateway_id: &str, faults: &[Fault]) -> Result<()> {
    if faults.contains(&Fault::Never) {
        return Ok(());
    }
    let copies = match faults {
        _ if faults.contains(&Fault::Hundred) => 100,
        _ if faults.contains(&Fault::Twice) => 2,
        _ => 1,
    };
    let late = ctx_late(work, faults);
    let send = |copies, stale| NewJob::of(&SendNotifications { gateway_id: gateway_id.to_owned(), copies, stale });
    work.enqueue_new(send(copies, false)?.at(late)).await?;
    if faults.contains(&Fault::OutOfOrder) {
        work.enqueue_new(send(1, true)?.at(late)).await?;
    }
    Ok(())
}

fn ctx_late(work: &Work, faults: &[Fault]) -> chrono::DateTime<chrono::Utc> {
    if !faults.contains(&Fault::Late) {
        return work.now();
    }
    work.now() + TimeDelta::minutes(work.ctx().section::<PaymentSettings>().emulator.late_minutes)
}

fn notification(ctx: &Ctx, row: &Row, stale: bool) -> Result<RawNotification> {
    let status = if stale { GatewayStatus::WaitingForCapture } else { row.status };
    let word = serde_json::to_value(status)?.as_str().unwrap_or_default().to_owned();
    let body = json!({
        "type": "notification",
        "event": format!("payment.{word}"),
        "object": {
            "id": row.gateway_id,
            "status": word,
            "amount": {"value": row.amount.to_string(), "currency": row.currency},
            "metadata": {"reference": row.reference},
        },
    });
    let body = Bytes::from(body.to_string());
    let mut headers = HeaderMap::new();
    headers
        .insert(SIGNATURE, HeaderValue::from_str(&sign(ctx, &body)).map_err(|e| Error::internal(anyhow::anyhow!(e)))?);
    Ok(RawNotification { headers, client_ip: None, body })
}

#[expect(clippy::expect_used, reason = "HMAC принимает ключ любой длины")]
fn mac(ctx: &Ctx, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&ctx.secret("payments.emulator")).expect("hmac takes any key");
    mac.update(body);
    mac
}

fn sign(ctx: &Ctx, body: &[u8]) -> String {
    hex::encode(mac(ctx, body).finalize().into_bytes())
}

/// Верна ли подпись; сравнение — за постоянное время.
pub(super) fn is_signed(ctx: &Ctx, raw: &RawNotification) -> bool {
    let given = raw.headers.get(SIGNATURE).and_then(|value| hex::decode(value.as_bytes()).ok());
    given.is_some_and(|bytes| mac(ctx, &raw.body).verify_slice(&bytes).is_ok())
}

#[derive(Deserialize)]
struct Body {
    event: String,
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    id: String,
    #[serde(default)]
    status: String,
}

pub(super) fn read(raw: &RawNotification) -> std::result::Result<Notice, String> {
    let body: Body = serde_json::from_slice(&raw.body).map_err(|error| error.to_string())?;
    let event_id = format!("{}:{}:{}", body.event, body.object.id, body.object.status);
    Ok(Notice { event_id, provider_payment_id: body.object.id })
}
