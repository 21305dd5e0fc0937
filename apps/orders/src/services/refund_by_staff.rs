//! Вернуть деньги за заказ рукой сотрудника: сначала остаток, потом первый платёж, из доли этого заказа.

use catalog::services::stock::{self, StockLine};
use kernel::{Error, Money, Result, Work};
use payments::models::{Payment, payment};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};

use super::pieces;
use super::shares::{Share, share_in};
use crate::models::*;
use crate::schemas::{OrderRefundIn, RefundLine};
use crate::{errors, queries};

/// Возвращает за названные строки, названную сумму или всё, что осталось. Больше полученного — отказ платежей.
pub async fn refund_by_staff(work: &mut Work, order: &order::Model, input: &OrderRefundIn) -> Result<()> {
    let key = format!("order:{}:staff:{}", order.id, work.ctx().random().token());
    stay(work, order).await?;
    match (input.items.as_slice(), input.amount) {
        ([], _) if input.restock => Err(errors::nothing_to_restock()),
        ([], amount) => refund_sum(work, order, amount, &key, &input.reason).await,
        (lines, None) => {
            let named = named(work, order, lines).await?;
            refund_lines(work, order, &named, &key, &input.reason).await?;
            if input.restock { restock(work, order, &named).await } else { Ok(()) }
        }
        (_, Some(_)) => Err(Error::invalid("amount", "orders.refund_one_of")),
    }
}

async fn refund_sum(work: &mut Work, order: &order::Model, sum: Option<Money>, key: &str, reason: &str) -> Result<()> {
    let (mut asked, mut whole) = (Money::ZERO, Money::ZERO);
    for payment_id in [order.balance_payment_id, order.payment_id].into_iter().flatten() {
        let Some((payment, share)) = paid(work, order, Some(payment_id)).await? else { continue };
        whole += share.left;
        // Последнему достаётся остаток просьбы, каким бы он ни был: лишнее откажут сами платежи.
        let is_last = Some(payment_id) == order.payment_id;
        let rest = sum.map(|sum| sum - asked);
        let amount = rest.map_or(share.left, |rest| if is_last { rest } else { Ord::min(rest, share.left) });
        if amount.is_zero() {
            continue;
        }
        ask(work, &payment, &share, amount, Vec::new(), key, reason).await?;
        asked += amount;
    }
    match asked {
        Money::ZERO => Err(errors::nothing_to_refund()),
        // Вернули последнее, какими бы частями ни возвращали: возвращены и все штуки.
        asked if asked == whole => pieces::take_rest(work, order, key).await,
        _ => Ok(()),
    }
}

/// Названные строки этого заказа; строка — один раз.
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

/// За строки — из того платежа, которым за них заплачено: с задатком — из обоих. Копейки, которым не делиться, уходят с последней штукой.
async fn refund_lines(
    work: &mut Work,
    order: &order::Model,
    named: &[(order_item::Model, i64)],
    key: &str,
    reason: &str,
) -> Result<()> {
    if order.received().is_zero() {
        return Err(errors::nothing_to_refund());
    }
    for (item, quantity) in named {
        if !item.balance_amount.is_zero() && !order.balance_due().is_zero() {
            return Err(errors::line_balance_unpaid(item));
        }
        pieces::take(work, key, item, *quantity).await?;
    }
    let part = |amount: fn(&order_item::Model) -> Money| -> Vec<(i64, Money)> {
        let share = |(item, quantity): &(order_item::Model, i64)| (item.id, item.share_of(amount(item), *quantity));
        named.iter().map(share).filter(|(_, amount)| !amount.is_zero()).collect()
    };
    let (first, second) = (part(order_item::Model::due_now), part(|item| item.balance_amount));
    let mut is_done = false;
    for (payment_id, items) in [(order.payment_id, first), (order.balance_payment_id, second)] {
        let amount: Money = items.iter().map(|(_, amount)| *amount).sum();
        let Some((payment, share)) = paid(work, order, payment_id).await?.filter(|_| !amount.is_zero()) else {
            continue;
        };
        ask(work, &payment, &share, amount, items, key, reason).await?;
        is_done = true;
    }
    if is_done { Ok(()) } else { Err(errors::nothing_to_refund()) }
}

/// Штуки снова у магазина: до отгрузки они просто не поедут, после — вернулись. Денег это не касается: отказал провайдер — товар всё равно
/// на полке.
async fn restock(work: &mut Work, order: &order::Model, named: &[(order_item::Model, i64)]) -> Result<()> {
    let line = |(item, quantity): &(order_item::Model, i64)| {
        let inventory_item_id = item.inventory_item_id?;
        Some(StockLine { inventory_item_id, quantity: *quantity, title: item.title() })
    };
    let lines: Vec<StockLine> = named.iter().filter_map(line).collect();
    if lines.is_empty() || !(order.status.holds_stock() || order.status.is_sent()) {
        return Err(errors::nothing_to_restock());
    }
    for (item, quantity) in named.iter().filter(|(item, _)| item.inventory_item_id.is_some()) {
        count_restocked(work, item, *quantity).await?;
    }
    match order.status.is_sent() {
        true => stock::restock(work, &order.subject(), &lines, "line refunded").await,
        false => stock::release_lines(work, &order.subject(), &lines, "line refunded").await,
    }
}

/// Заказ остаётся, каким прочитан: отмена, отгрузка и возврат целиком подождут и увидят, что из него ушло. Строка заказа запирается раньше
/// его строк и платежей, как и при отмене, поэтому двое друг друга не ждут.
async fn stay(work: &Work, order: &order::Model) -> Result<()> {
    let locked = Order::update_many()
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order.id))
        .filter(order::Column::Status.eq(order.status))
        .exec(work.db())
        .await?;
    if locked.rows_affected == 1 { Ok(()) } else { Err(Error::unavailable("database.busy", 1)) }
}

async fn count_restocked(work: &Work, item: &order_item::Model, quantity: i64) -> Result<()> {
    let more = || Expr::col(order_item::Column::RestockedQuantity).add(quantity);
    let counted = OrderItem::update_many()
        .col_expr(order_item::Column::RestockedQuantity, more())
        .filter(order_item::Column::Id.eq(item.id))
        .filter(more().lte(Expr::col(order_item::Column::Quantity)))
        .exec(work.db())
        .await?;
    if counted.rows_affected == 1 { Ok(()) } else { Err(errors::nothing_to_restock()) }
}

/// Полученный платёж и доля заказа в нём.
async fn paid(work: &Work, order: &order::Model, id: Option<i64>) -> Result<Option<(payment::Model, Share)>> {
    let Some(id) = id else { return Ok(None) };
    let Some(payment) = Payment::find_by_id(id).one(work.db()).await? else { return Ok(None) };
    let share = share_in(work, &payment, order.id).await?;
    Ok(share.map(|share| (payment, share)))
}

/// Предел сотрудника проверяется здесь же: возврат уже записан этой транзакцией.
async fn ask(
    work: &mut Work,
    payment: &payment::Model,
    share: &Share,
    amount: Money,
    items: Vec<(i64, Money)>,
    key: &str,
    reason: &str,
) -> Result<()> {
    share.refund(work, payment.id, amount, reason, key.to_owned(), items).await?;
    payments::services::refuse_over_limit(work, payment.id).await
}
