//! Вернуть деньги за заказ рукой сотрудника: сначала остаток, потом первый платёж, из доли этого заказа.

use kernel::{Money, Result, Work};
use payments::models::Payment;
use payments::schemas::RefundIn;
use sea_orm::EntityTrait;

use super::shares::share_in;
use crate::errors;
use crate::models::*;

/// Возвращает сумму или, если она не названа, всё, что осталось. Больше полученного — отказ платежей.
pub async fn refund_by_staff(work: &mut Work, order: &order::Model, input: &RefundIn) -> Result<()> {
    let (mut left, mut is_done) = (input.amount, false);
    for payment_id in [order.balance_payment_id, order.payment_id].into_iter().flatten() {
        let Some(payment) = Payment::find_by_id(payment_id).one(work.db()).await? else { continue };
        let Some(share) = share_in(work, &payment, order.id).await? else { continue };
        // Последнему достаётся остаток просьбы, каким бы он ни был: лишнее откажут сами платежи.
        let is_last = Some(payment_id) == order.payment_id;
        let amount = left.map_or(share.left, |wanted| if is_last { wanted } else { wanted.min(share.left) });
        if amount.is_zero() {
            continue;
        }
        let part = RefundIn { amount: Some(amount), subject_id: share.name(), ..input.clone() };
        payments::services::refund_by_staff(work, payment_id, &part).await?;
        is_done = true;
        left = left.map(|wanted| wanted - amount);
        if left == Some(Money::ZERO) {
            return Ok(());
        }
    }
    if is_done { Ok(()) } else { Err(errors::nothing_to_refund()) }
}
