//! Вернуть деньги за заказ рукой сотрудника: сначала остаток, потом первый платёж, из доли этого заказа.

use kernel::{Error, Money, Result, Work};
use payments::models::{Payment, payment};
use payments::schemas::{RefundIn, RefundItem};
use sea_orm::EntityTrait;

use super::shares::{Share, share_in};
use crate::models::*;
use crate::schemas::{OrderRefundIn, RefundLine};
use crate::{errors, queries};

/// Возвращает за названные строки, названную сумму или всё, что осталось. Больше полученного — отказ платежей.
pub async fn refund_by_staff(work: &mut Work, order: &order::Model, input: &OrderRefundIn) -> Result<()> {
    match (input.items.as_slice(), input.amount) {
        ([], amount) => refund_sum(work, order, amount, &input.reason).await,
        (lines, None) => refund_lines(work, order, lines, &input.reason).await,
        (_, Some(_)) => Err(Error::invalid("amount", "orders.refund_one_of")),
    }
}

async fn refund_sum(work: &mut Work, order: &order::Model, sum: Option<Money>, reason: &str) -> Result<()> {
    let (mut left, mut is_done) = (sum, false);
    for payment_id in [order.balance_payment_id, order.payment_id].into_iter().flatten() {
        let Some((payment, share)) = paid(work, order, Some(payment_id)).await? else { continue };
        // Последнему достаётся остаток просьбы, каким бы он ни был: лишнее откажут сами платежи.
        let is_last = Some(payment_id) == order.payment_id;
        let amount = left.map_or(share.left, |wanted| if is_last { wanted } else { wanted.min(share.left) });
        if amount.is_zero() {
            continue;
        }
        ask(work, &payment, &share, amount, Vec::new(), reason).await?;
        is_done = true;
        left = left.map(|wanted| wanted - amount);
        if left == Some(Money::ZERO) {
            return Ok(());
        }
    }
    if is_done { Ok(()) } else { Err(errors::nothing_to_refund()) }
}

/// За строки — из того платежа, которым за них заплачено: с задатком — из обоих.
async fn refund_lines(work: &mut Work, order: &order::Model, lines: &[RefundLine], reason: &str) -> Result<()> {
    let named = named(work, order, lines).await?;
    let part = |amount: fn(&order_item::Model) -> Money| -> Vec<RefundItem> {
        let item = |(item, quantity): &(order_item::Model, i64)| RefundItem {
            item_id: item.id,
            amount: of_quantity(amount(item), *quantity, item.quantity),
        };
        named.iter().map(item).filter(|item| !item.amount.is_zero()).collect()
    };
    let (first, second) = (part(order_item::Model::due_now), part(|item| item.balance_amount));
    let mut is_done = false;
    for (payment_id, items) in [(order.payment_id, first), (order.balance_payment_id, second)] {
        let amount: Money = items.iter().map(|item| item.amount).sum();
        let Some((payment, share)) = paid(work, order, payment_id).await?.filter(|_| !amount.is_zero()) else {
            continue;
        };
        ask(work, &payment, &share, amount, items, reason).await?;
        is_done = true;
    }
    if is_done { Ok(()) } else { Err(errors::nothing_to_refund()) }
}

/// Названные строки этого заказа; штук не больше, чем в строке, и строка — один раз.
async fn named(work: &Work, order: &order::Model, lines: &[RefundLine]) -> Result<Vec<(order_item::Model, i64)>> {
    let items = queries::items_of(work.db(), vec![order.id]).await?;
    let mut named: Vec<(order_item::Model, i64)> = Vec::new();
    for line in lines {
        let item = items.iter().find(|item| item.id == line.id && item.cancelled_at.is_none());
        let item = item.ok_or_else(|| Error::invalid("items", "unknown"))?;
        if line.quantity > item.quantity || named.iter().any(|(known, _)| known.id == item.id) {
            return Err(Error::invalid("items", "out_of_range"));
        }
        named.push((item.clone(), line.quantity));
    }
    Ok(named)
}

/// Доля суммы строки, приходящаяся на штуки; копейки, которым не делиться, остаются магазину до последней штуки.
fn of_quantity(sum: Money, quantity: i64, all: i64) -> Money {
    Money::minor(sum.to_minor() * quantity / all.max(1))
}

/// Полученный платёж и доля заказа в нём.
async fn paid(work: &Work, order: &order::Model, id: Option<i64>) -> Result<Option<(payment::Model, Share)>> {
    let Some(id) = id else { return Ok(None) };
    let Some(payment) = Payment::find_by_id(id).one(work.db()).await? else { return Ok(None) };
    let share = share_in(work, &payment, order.id).await?;
    Ok(share.map(|share| (payment, share)))
}

async fn ask(
    work: &mut Work,
    payment: &payment::Model,
    share: &Share,
    amount: Money,
    items: Vec<RefundItem>,
    reason: &str,
) -> Result<()> {
    let part = RefundIn { amount: Some(amount), subject_id: share.name(), reason: reason.to_owned(), items };
    payments::services::refund_by_staff(work, payment.id, &part).await.map(|_| ())
}
