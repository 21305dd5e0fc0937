//! Перевести заказ в другое состояние рукой сотрудника.

use catalog::services::stock::{self, StockLine};
use kernel::{Error, OrNotFound, Result, Work};
use payments::permissions::CONFIRM_CASH;
use payments::providers::cash;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::cancel_order::{cancel_by_staff, dissolve};
use super::mark_paid::mark_paid;
use super::terms::first_terms;
use super::{letters, record};
use crate::events::OrderStatusChanged;
use crate::models::*;
use crate::{errors, queries};

/// Переводит; незаконный переход — отказ. `restock` — при возврате положить товар обратно на склад.
pub async fn change_status(
    work: &mut Work,
    order_id: i64,
    to: Status,
    note: &str,
    restock: bool,
) -> Result<order::Model> {
    let order = queries::order_by_id(work.db(), order_id).await?.or_not_found(errors::NOT_FOUND)?;
    if !order.status.can_become(to, order.is_cash()) {
        return Err(errors::illegal_transition(order.status, to));
    }
    if to == Status::Shipped && !order.balance_due().is_zero() && !order.is_cash() {
        return Err(errors::balance_unpaid(order.balance_due()));
    }
    match to {
        Status::Cancelled => return cancel_by_staff(work, &order, note).await,
        Status::Paid => accept_payment(work, &order, note).await?,
        _ => move_goods(work, &order, to, note, restock).await?,
    }
    queries::order_by_id(work.db(), order_id).await?.or_not_found(errors::NOT_FOUND)
}

/// Один условный UPDATE, потом склад, история, новость, письмо.
async fn move_goods(work: &mut Work, order: &order::Model, to: Status, note: &str, restock: bool) -> Result<()> {
    let mut update = Order::update_many()
        .col_expr(order::Column::Status, Expr::value(to))
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order.id))
        .filter(order::Column::Status.eq(order.status))
        .filter(order::Column::PaymentProvider.eq(order.payment_provider.as_str()));
    let moment = match to {
        Status::Shipped => Some(order::Column::ShippedAt),
        Status::Delivered => Some(order::Column::DeliveredAt),
        _ => None,
    };
    if let Some(column) = moment {
        update = update.col_expr(column, Expr::value(work.timestamp()));
    }
    if update.exec(work.db()).await?.rows_affected == 0 {
        return Err(errors::changed_meanwhile());
    }
    match to {
        Status::Shipped => stock::sell(work, &order.subject()).await?,
        Status::Delivered => settle(work, order).await?,
        Status::Returned if restock => put_back(work, order).await?,
        _ => {}
    }
    record::record_move(work, order, to, None, note).await?;
    work.emit(&OrderStatusChanged { order_id: order.id, from: order.status, to }).await?;
    if to == Status::Shipped { letters::shipped(work, order).await } else { Ok(()) }
}

/// Товар у покупателя: предоплаченному (предзаказу) нужен второй чек.
async fn settle(work: &mut Work, order: &order::Model) -> Result<()> {
    for payment_id in [order.payment_id, order.balance_payment_id].into_iter().flatten() {
        payments::services::settle_prepayment(work, payment_id).await?;
    }
    Ok(())
}

async fn put_back(work: &mut Work, order: &order::Model) -> Result<()> {
    let items = queries::items_of(work.db(), vec![order.id]).await?;
    OrderItem::update_many()
        .col_expr(order_item::Column::RestockedQuantity, Expr::col(order_item::Column::Quantity))
        .filter(order_item::Column::OrderId.eq(order.id))
        .filter(order_item::Column::InventoryItemId.is_not_null())
        .exec(work.db())
        .await?;
    stock::restock(work, &order.subject(), &stock_lines(&items), "order returned").await
}

/// Строки заказа для склада: то, что из него ещё не ушло.
pub(super) fn stock_lines(items: &[order_item::Model]) -> Vec<StockLine> {
    let line = |item: &order_item::Model| {
        let inventory_item_id = item.inventory_item_id?;
        let quantity = item.quantity - item.restocked_quantity;
        let is_here = quantity > 0 && item.cancelled_at.is_none();
        is_here.then(|| StockLine { inventory_item_id, quantity, title: item.title() })
    };
    items.iter().filter_map(line).collect()
}

/// Деньги взяли мимо интернета: открытый платёж заменяется наличным и сразу считается полученным.
async fn accept_payment(work: &mut Work, order: &order::Model, note: &str) -> Result<()> {
    work.actor().require(CONFIRM_CASH)?;
    // Чек за деньги в руках пробивает касса магазина, поэтому строки заказа здесь не нужны.
    dissolve(work, order).await?;
    let in_cash = order::Model { payment_provider: cash::CODE.to_owned(), joint_payment: false, ..order.clone() };
    let in_hand = first_terms(work, &[(&in_cash, &[])]).await?;
    let payment = payments::services::create(work, &in_hand).await?;
    let payment = payments::services::mark_cash_received(work, payment.id).await?;
    if !note.is_empty() {
        record::record_payment(work, order.id, "paid_in_hand", note).await?;
    }
    if mark_paid(work, &payment).await? { Ok(()) } else { Err(Error::conflict("orders.changed_meanwhile")) }
}
