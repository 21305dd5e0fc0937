//! Наш провайдер: говорит с эмулятором так, как говорил бы по сети, и верит ему не больше.

use async_trait::async_trait;
use kernel::{Actor, Ctx, Error, Money, Work};
use uuid::Uuid;

use super::faults::{CallFault, Fault};
use super::gateway::{self, Row};
use super::models::GatewayStatus;
use super::notify;
use crate::providers::{
    Answer, CreateRequest, Notice, Provider, ProviderError, RawNotification, RefundRequest, Remote, RemoteOperation,
    RemoteStatus,
};

pub const CODE: &str = "emulator";

pub struct Emulator;

const GATEWAY: Actor = Actor::System("emulator");

#[async_trait]
impl Provider for Emulator {
    fn code(&self) -> &'static str {
        CODE
    }

    async fn create(&self, ctx: &Ctx, request: &CreateRequest) -> Answer<Remote> {
        call(ctx, create(ctx, request.clone())).await
    }

    async fn status(&self, ctx: &Ctx, id: &str) -> Answer<Remote> {
        call(ctx, status(ctx, id)).await
    }

    async fn capture(&self, ctx: &Ctx, id: &str, _key: &str) -> Answer<Remote> {
        call(ctx, capture(ctx, id.to_owned())).await
    }

    async fn cancel(&self, ctx: &Ctx, id: &str, _key: &str) -> Answer<Remote> {
        call(ctx, cancel(ctx, id.to_owned())).await
    }

    async fn refund(&self, ctx: &Ctx, request: &RefundRequest) -> Answer<RemoteOperation> {
        call(ctx, refund(ctx, request.clone())).await
    }

    async fn refund_status(&self, ctx: &Ctx, id: &str) -> Answer<RemoteOperation> {
        call(ctx, refund_status(ctx, id)).await
    }

    fn read_notification(&self, raw: &RawNotification) -> Result<Notice, String> {
        notify::read(raw)
    }

    fn is_authentic(&self, ctx: &Ctx, raw: &RawNotification) -> bool {
        notify::is_signed(ctx, raw)
    }
}

/// Один «сетевой» вызов с заказанными неисправностями.
async fn call<T>(ctx: &Ctx, answer: impl Future<Output = Answer<T>>) -> Answer<T> {
    if gateway::is_broken(ctx, CallFault::ServerError).await.map_err(lost)? {
        return Err(ProviderError::Unavailable("emulator answered 500".into()));
    }
    let answer = answer.await?;
    if gateway::is_broken(ctx, CallFault::LostAnswer).await.map_err(lost)? {
        return Err(ProviderError::Unavailable("the answer was lost".into()));
    }
    Ok(answer)
}

/// Ошибка базы эмулятора для магазина — обрыв связи.
fn lost(error: Error) -> ProviderError {
    ProviderError::Unavailable(error.to_string())
}

async fn create(ctx: &Ctx, request: CreateRequest) -> Answer<Remote> {
    let row = ctx.atomic(&GATEWAY, async move |work: &mut Work| gateway::create(work, &request).await).await;
    Ok(remote(&row.map_err(lost)?))
}

async fn read(ctx: &Ctx, id: &str) -> Answer<Row> {
    let row = gateway::by_id(ctx.db_fresh(), id).await.map_err(lost)?;
    row.ok_or_else(|| ProviderError::refused("not_found", id))
}

async fn status(ctx: &Ctx, id: &str) -> Answer<Remote> {
    let row = read(ctx, id).await?;
    let is_late = row.status == GatewayStatus::Pending && row.expires_at.is_some_and(|at| at <= ctx.now().naive_utc());
    if !is_late {
        return Ok(remote(&row));
    }
    ctx.atomic(&GATEWAY, async move |work: &mut Work| gateway::expire(work, &row).await).await.map_err(lost)?;
    Ok(remote(&read(ctx, id).await?))
}

async fn capture(ctx: &Ctx, id: String) -> Answer<Remote> {
    let name = id.clone();
    let done =
        ctx.atomic(&GATEWAY, async move |work: &mut Work| gateway::capture(work, &name).await).await.map_err(lost)?;
    if !done {
        return Err(ProviderError::refused("invalid_request", "nothing to capture"));
    }
    Ok(remote(&read(ctx, &id).await?))
}

async fn cancel(ctx: &Ctx, id: String) -> Answer<Remote> {
    let name = id.clone();
    ctx.atomic(&GATEWAY, async move |work: &mut Work| gateway::cancel(work, &name).await).await.map_err(lost)?;
    // Опоздавшей отмене отвечают состоянием: магазин узнает об оплате сразу.
    Ok(remote(&read(ctx, &id).await?))
}

async fn refund(ctx: &Ctx, request: RefundRequest) -> Answer<RemoteOperation> {
    let done =
        ctx.atomic(&GATEWAY, async move |work: &mut Work| gateway::refund(work, &request).await).await.map_err(lost)?;
    match done {
        Some(id) => Ok(RemoteOperation::done(id)),
        None => Err(ProviderError::refused("invalid_request", "more than was paid")),
    }
}

async fn refund_status(ctx: &Ctx, id: &str) -> Answer<RemoteOperation> {
    if gateway::has_refund(ctx.db_fresh(), id).await.map_err(lost)? {
        return Ok(RemoteOperation::done(id.to_owned()));
    }
    Err(ProviderError::refused("not_found", id))
}

/// Что эмулятор отвечает о платеже — с его неисправностями.
fn remote(row: &Row) -> Remote {
    let has = |fault: Fault| fault.is_in(&row.faults);
    let status = match row.status {
        GatewayStatus::Pending => RemoteStatus::Pending,
        GatewayStatus::WaitingForCapture => RemoteStatus::WaitingForCapture,
        GatewayStatus::Succeeded => RemoteStatus::Succeeded,
        GatewayStatus::Canceled => RemoteStatus::Cancelled(row.reason.clone().unwrap_or_default()),
    };
    Remote {
        id: row.gateway_id.clone(),
        status,
        amount: if has(Fault::WrongAmount) { row.amount - Money::minor(1) } else { row.amount },
        refunded: row.refunded,
        currency: if has(Fault::WrongCurrency) { "USD".into() } else { row.currency.clone() },
        reference: Some(if has(Fault::OtherReference) { Uuid::nil() } else { row.reference }),
        confirmation_url: None,
        doubt: None,
        receipt: None,
    }
}
