//! Деньги за отменённый заказ. Правило: остатки и использование промокода ещё есть — заказ оживает и считается оплаченным; нет — деньги возвращаются. Что бы ни
//! случилось, это видно в истории заказа, и деньги не теряются: задача повторяется, пока не выйдет одно из двух.

use catalog::services::stock;
use kernel::{OrNotFound, Result, Work};
use payments::models::{Payment, payment};
use preorders::errors::seats_gone;
use preorders::services::ClaimedLine;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::change_status::stock_lines;
use super::letters;
use super::mark_paid::announce_paid;
use super::record::record_payment;
use super::shares::share_in;
use crate::models::*;
use crate::{errors, queries};

async fn read(work: &Work, order_id: i64, payment_id: i64) -> Result<(order::Model, payment::Model)> {
    let order = queries::order_by_id(work.db(), order_id).await?.or_not_found(errors::NOT_FOUND)?;
    let payment = Payment::find_by_id(payment_id).one(work.db()).await?.or_not_found(errors::NOT_FOUND)?;
    Ok((order, payment))
}

/// Оживить: один условный UPDATE отменённого заказа и новая попытка занять промокод и остатки. Отказ (400) — вернуть нечем, пора возвращать деньги.
pub async fn restore_paid(work: &mut Work, order_id: i64, payment_id: i64) -> Result<()> {
    let (order, payment) = read(work, order_id, payment_id).await?;
    if order.payment_id == Some(payment_id) {
        return Ok(());
    }
    // Деньги могли уже вернуть: тогда оживлять не на что.
    let share = share_in(work, &payment, order_id).await?;
    if share.is_none_or(|share| share.left != order.due_now()) {
        return Err(errors::not_restorable());
    }
    let restored = Order::update_many()
        .col_expr(order::Column::Status, Expr::value(Status::Paid))
        .col_expr(order::Column::PaymentStatus, Expr::value(PaymentStatus::Succeeded))
        .col_expr(order::Column::PaymentId, Expr::value(payment_id))
        .col_expr(order::Column::PaymentProvider, Expr::value(payment.provider.as_str()))
        .col_expr(order::Column::PaidAt, Expr::value(work.timestamp()))
        .col_expr(order::Column::CancelledAt, Expr::value(Option::<kernel::Timestamp>::None))
        .col_expr(order::Column::CancelReason, Expr::value(Option::<String>::None))
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order_id))
        .filter(order::Column::Status.eq(Status::Cancelled))
        .filter(order::Column::PaidAt.is_null())
        .exec(work.db())
        .await?;
    if restored.rows_affected == 0 {
        return Err(errors::not_restorable());
    }
    announce_paid(work, &order, Status::Paid, &payment, "late_payment_restored").await?;
    let items = queries::items_of(work.db(), vec![order_id]).await?;
    stock::claim(work, &order.subject(), &stock_lines(&items)).await?;
    if order.promo_code_id.is_some() {
        promos::services::reclaim(work, &order.promo_owner()).await?;
    }
    let seats = seats_of(work, &items).await?;
    preorders::services::claim(work, &order.subject(), order.user_id, &seats, seats_gone).await
}

/// Те же места тех же волн.
async fn seats_of(work: &Work, items: &[order_item::Model]) -> Result<Vec<ClaimedLine>> {
    let waves = queries::waves_of(work.db(), items).await?;
    let seat = |item: &order_item::Model| {
        let wave = waves.get(&(item.product_id, item.preorder_wave?))?;
        let (product_id, wave_id, wave_number) = (item.product_id, wave.id, wave.wave_number);
        Some(ClaimedLine { product_id, wave_id, wave_number, line: item.id, quantity: item.quantity })
    };
    Ok(items.iter().filter(|item| item.cancelled_at.is_none()).filter_map(seat).collect())
}

/// Вернуть деньги; повтор ничего не меняет: ключ возврата один и тот же.
pub async fn refund_late_payment(work: &mut Work, order_id: i64, payment_id: i64) -> Result<()> {
    let (order, payment) = read(work, order_id, payment_id).await?;
    let share = share_in(work, &payment, order_id).await?.filter(|share| !share.left.is_zero());
    let Some(share) = share.filter(|_| order.payment_id != Some(payment_id)) else { return Ok(()) };
    let key = format!("order:{order_id}:late:{payment_id}");
    share.refund(work, payment_id, share.left, "late_payment", key, Vec::new()).await?;
    record_payment(work, order_id, "late_payment_refunded", &share.left.to_string()).await?;
    letters::late_payment_refunded(work, &order, share.left).await
}
