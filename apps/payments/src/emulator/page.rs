//! Страница оплаты эмулятора: данные для неё и действия покупателя. Рисует её витрина.

use kernel::{Actor, Ctx, Error, Money, OrNotFound, Result, Timestamp, Work};
use uuid::Uuid;

use super::client::CODE;
use super::faults::{self, Fault};
use super::gateway;
use super::models::GatewayStatus;
use crate::models::payment;
use crate::settings::PaymentSettings;
use crate::{errors, queries, services};

/// Что видит покупатель.
#[derive(Clone, Debug)]
pub struct PageView {
    pub public_id: Uuid,
    pub amount: Money,
    pub currency: String,
    pub description: String,
    pub status: GatewayStatus,
    /// Ещё можно заплатить.
    pub is_open: bool,
    pub expires_at: Option<Timestamp>,
    pub return_url: String,
    /// Показать выбор неисправностей.
    pub faults_allowed: bool,
}

/// Данные страницы. Покупатель бывает быстрее задачи регистрации: тогда платёж заводится здесь же.
pub async fn view(ctx: &Ctx, public_id: Uuid) -> Result<PageView> {
    let (payment, gateway_id) = open_page(ctx, public_id).await?;
    let row = gateway::by_id(ctx.db_fresh(), &gateway_id).await?.or_not_found(errors::NOT_FOUND)?;
    let is_late = row.expires_at.is_some_and(|at| at <= ctx.now().naive_utc());
    Ok(PageView {
        public_id,
        amount: row.amount,
        currency: row.currency,
        description: payment.description,
        status: row.status,
        is_open: row.status == GatewayStatus::Pending && !is_late,
        expires_at: row.expires_at,
        return_url: payment.return_url,
        faults_allowed: ctx.section::<PaymentSettings>().emulator.faults,
    })
}

/// Покупатель нажал «Оплатить». О деньгах магазин узнает из уведомления (или перечитав платёж: `services::sync`).
pub async fn pay(ctx: &Ctx, public_id: Uuid, faults: &[Fault]) -> Result<PageView> {
    if !faults.is_empty() {
        faults::ensure_allowed(ctx)?;
    }
    let (_, gateway_id) = open_page(ctx, public_id).await?;
    let faults = faults.to_vec();
    let buyer = Actor::System("emulator");
    ctx.atomic(&buyer, async move |work: &mut Work| gateway::pay(work, &gateway_id, &faults).await).await?;
    view(ctx, public_id).await
}

/// Покупатель нажал «Отказать».
pub async fn refuse(ctx: &Ctx, public_id: Uuid) -> Result<PageView> {
    let (_, gateway_id) = open_page(ctx, public_id).await?;
    let buyer = Actor::System("emulator");
    ctx.atomic(&buyer, async move |work: &mut Work| gateway::refuse(work, &gateway_id).await).await?;
    view(ctx, public_id).await
}

/// Платёж страницы и его имя у эмулятора. Магазин, который платит не эмулятором, страницы не имеет: иначе старый платёж
/// «оплатили» бы даром.
async fn open_page(ctx: &Ctx, public_id: Uuid) -> Result<(payment::Model, String)> {
    let payment = queries::by_public_id(ctx.db_fresh(), public_id).await?;
    let is_on = ctx.section::<PaymentSettings>().provider == CODE;
    let payment = payment.filter(|payment| is_on && payment.provider == CODE).or_not_found(errors::NOT_FOUND)?;
    let payment = if payment.provider_payment_id.is_none() { services::sync(ctx, payment.id).await? } else { payment };
    match payment.provider_payment_id.clone() {
        Some(gateway_id) => Ok((payment, gateway_id)),
        None => Err(Error::refused("payments.emulator_closed")),
    }
}
