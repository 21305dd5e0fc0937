//! Обратные вызовы провайдеров SMS.

use bytes::Bytes;
use kernel::{Actor, Ctx, Error, Result, Work};

use crate::services;
use crate::transports::smsru;

/// SMS.ru сообщает о доставке. Подлинность — по `hash`; ждёт в ответ `100`, иначе повторит.
#[utoipa::path(post, path = "/sms/callback/smsru", request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn receive_smsru_callback(ctx: Ctx, body: Bytes) -> Result<&'static str> {
    let forged = || Error::refused("notifications.forged_callback");
    let states = smsru::read_callback(&ctx, &body).ok_or_else(forged)?;
    let record = async move |work: &mut Work| services::record_deliveries(work, smsru::CODE, &states).await;
    ctx.atomic(&Actor::System("webhook"), record).await?;
    Ok("100")
}
