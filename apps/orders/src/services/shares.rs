//! Чьи деньги в платеже: одного заказа или, доля за долей, нескольких.

use kernel::{Money, Result, Subject, Work};
use payments::models::payment;
use payments::services::NewRefund;
use sea_orm::ConnectionTrait;

use crate::models::order::{BALANCE, CHECKOUT, SUBJECT};

/// Доля заказа в платеже.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub order_id: i64,
    pub amount: Money,
    /// Ещё не возвращено и не обещано к возврату.
    pub left: Money,
    /// Имя доли, если в платеже она не одна.
    part: Option<Subject>,
}

/// Доли заказов; платёж не за заказы — ни одной.
pub async fn shares_of(db: &impl ConnectionTrait, payment: &payment::Model) -> Result<Vec<Share>> {
    let subject = payment.subject();
    if subject.kind == CHECKOUT {
        let parts = payments::queries::parts_of(db, payment.id).await?;
        let share = |part: payments::models::payment_part::Model| {
            let order_id = part.subject().id_of(SUBJECT)?;
            let left = if payment.captured.is_zero() { Money::ZERO } else { part.amount - part.refunded };
            Some(Share { order_id, amount: part.amount, left, part: Some(part.subject()) })
        };
        return Ok(parts.into_iter().filter_map(share).collect());
    }
    let order_id = subject.id_of(SUBJECT).or_else(|| subject.id_of(BALANCE));
    let share = |order_id| Share { order_id, amount: payment.amount, left: payment.refundable(), part: None };
    Ok(order_id.map(share).into_iter().collect())
}

/// Доля этого заказа.
pub(super) async fn share_in(work: &Work, payment: &payment::Model, order_id: i64) -> Result<Option<Share>> {
    Ok(shares_of(work.db(), payment).await?.into_iter().find(|share| share.order_id == order_id))
}

impl Share {
    /// Просит вернуть `amount` из этой доли. Тот же ключ — тот же возврат.
    pub(super) async fn refund(
        &self,
        work: &mut Work,
        payment_id: i64,
        amount: Money,
        reason: &str,
        key: String,
        items: Vec<(i64, Money)>,
    ) -> Result<()> {
        let new = NewRefund { amount, reason: reason.to_owned(), key, part: self.part.clone(), items };
        payments::services::refund(work, payment_id, &new).await.map(|_| ())
    }
}
