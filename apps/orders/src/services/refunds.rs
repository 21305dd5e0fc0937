//! Деньги вернули: записать и, если вернули всё, закончить заказ.

use kernel::{Error, Money, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};

use super::cancel_order::cancel_refunded;
use super::pieces;
use super::record::{record_move, record_payment};
use crate::events::OrderStatusChanged;
use crate::models::*;
use crate::{errors, queries};

/// Прибавляет возврат. Возвращено всё: неотгруженный заказ отменяется и отпускает остатки, отгруженный становится `returned`.
pub async fn record_refund(work: &mut Work, order_id: i64, payment_id: i64, amount: Money) -> Result<()> {
    let Some(order) = queries::order_by_id(work.db(), order_id).await? else { return Ok(()) };
    if ![order.payment_id, order.balance_payment_id].contains(&Some(payment_id)) {
        // Вернули лишний или опоздавший платёж: самого заказа это не касается.
        return record_payment(work, order_id, "other_payment_refunded", &amount.to_string()).await;
    }
    let sum = || Expr::col(order::Column::RefundedAmount).add(amount);
    let added = Order::update_many()
        .col_expr(order::Column::RefundedAmount, sum())
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order_id))
        .filter(sum().lte(Expr::col(order::Column::FinalAmount)))
        .exec(work.db())
        .await?;
    if added.rows_affected == 0 {
        return Err(Error::internal(anyhow::anyhow!("order {order_id}: refunded more than paid")));
    }
    let order = queries::order_by_id(work.db(), order_id).await?.or_not_found(errors::NOT_FOUND)?;
    if order.refunded_amount < order.received() {
        return record_payment(work, order_id, "partly_refunded", &amount.to_string()).await;
    }
    record_payment(work, order_id, "refunded", &amount.to_string()).await?;
    finish(work, order).await
}

async fn finish(work: &mut Work, order: order::Model) -> Result<()> {
    // Возвращали суммами или в кабинете провайдера: штук никто не называл.
    pieces::take_rest(work, &order, &format!("order:{}:whole", order.id)).await?;
    Order::update_many()
        .col_expr(order::Column::PaymentStatus, Expr::value(PaymentStatus::Refunded))
        .filter(order::Column::Id.eq(order.id))
        .exec(work.db())
        .await?;
    let order = order::Model { payment_status: PaymentStatus::Refunded, ..order };
    if order.status.holds_stock() {
        return cancel_refunded(work, &order).await;
    }
    if !order.status.is_sent() {
        return Ok(());
    }
    let returned = Order::update_many()
        .col_expr(order::Column::Status, Expr::value(Status::Returned))
        .filter(order::Column::Id.eq(order.id))
        .filter(order::Column::Status.eq(order.status))
        .exec(work.db())
        .await?;
    if returned.rows_affected == 0 {
        return Err(Error::unavailable("database.busy", 1));
    }
    record_move(work, &order, Status::Returned, Some("refunded"), "").await?;
    work.emit(&OrderStatusChanged { order_id: order.id, from: order.status, to: Status::Returned }).await
}
