//! Вернуть деньги рукой сотрудника: из API и из админки одинаково.

use kernel::{Error, Money, OrNotFound, Result, Work};
use sea_orm::EntityTrait;

use super::refund::{NewRefund, refund};
use crate::models::{Payment, payment, payment_part, refund as refunds};
use crate::schemas::RefundIn;
use crate::settings::PaymentSettings;
use crate::{errors, queries};

/// Записывает возврат; без суммы — всё, что осталось. Повтор просьбы останавливает спросивший: `Idempotency-Key` или ключ формы.
pub async fn refund_by_staff(work: &mut Work, payment_id: i64, input: &RefundIn) -> Result<refunds::Model> {
    let part = match &input.subject_id {
        Some(name) => Some(part_named(work, payment_id, name).await?),
        None => None,
    };
    let amount = match input.amount {
        Some(amount) => amount,
        None => everything_left(work, payment_id, part.as_ref()).await?,
    };
    let new = NewRefund {
        amount,
        reason: input.reason.clone(),
        key: format!("staff:{}", work.ctx().random().token()),
        part: part.map(|part| part.subject()),
        items: input.items.iter().map(|item| (item.item_id, item.amount)).collect(),
    };
    let refund = refund(work, payment_id, &new).await?;
    refuse_over_limit(work, payment_id).await?;
    Ok(refund)
}

async fn part_named(work: &Work, id: i64, subject_id: &str) -> Result<payment_part::Model> {
    let parts = queries::parts_of(work.db(), id).await?;
    parts.into_iter().find(|part| part.subject_id == subject_id).ok_or_else(|| Error::invalid("subject_id", "unknown"))
}

async fn everything_left(work: &Work, id: i64, part: Option<&payment_part::Model>) -> Result<Money> {
    let left = match part {
        Some(part) => part.amount - part.refunded,
        None => find(work, id).await?.refundable(),
    };
    if left.is_zero() { Err(errors::refund_too_big(left)) } else { Ok(left) }
}

/// Предел сотрудника — на платёж, а не на просьбу. Проверяется после записи: строка платежа уже занята этой транзакцией.
pub async fn refuse_over_limit(work: &Work, id: i64) -> Result<()> {
    let limit = work.ctx().section::<PaymentSettings>().staff_refund_limit;
    if limit <= 0 || work.actor().is_admin() {
        return Ok(());
    }
    let limit = Money::minor(limit.saturating_mul(100));
    if find(work, id).await?.refunded > limit { Err(errors::refund_over_limit(limit)) } else { Ok(()) }
}

async fn find(work: &Work, id: i64) -> Result<payment::Model> {
    Payment::find_by_id(id).one(work.db()).await?.or_not_found(errors::NOT_FOUND)
}
