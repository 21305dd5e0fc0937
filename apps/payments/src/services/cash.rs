//! Наличные в кассе.

use kernel::{OrNotFound, Result, Work};
use sea_orm::EntityTrait;

use super::apply::succeed;
use crate::errors;
use crate::models::{Payment, Status, payment};
use crate::providers::cash::CODE;

/// Сотрудник принял деньги. Второе нажатие ничего не меняет; отменённый платёж принять нельзя.
pub async fn mark_cash_received(work: &mut Work, payment_id: i64) -> Result<payment::Model> {
    let payment = Payment::find_by_id(payment_id).one(work.db()).await?.or_not_found(errors::NOT_FOUND)?;
    if payment.provider != CODE {
        return Err(errors::not_cash());
    }
    succeed(work, &payment, &[Status::Pending]).await?;
    let paid = Payment::find_by_id(payment_id).one(work.db()).await?.or_not_found(errors::NOT_FOUND)?;
    if paid.status == Status::Succeeded { Ok(paid) } else { Err(errors::not_pending()) }
}
