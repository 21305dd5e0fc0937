//! Отменить заказ и отдать всё, что он держал: промокод, остатки, платёж или деньги.

use catalog::services::stock;
use kernel::{Error, OrNotFound, Result, Work};
use payments::models::{Payment, Status as Money};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder, QuerySelect};

use super::record::{record_move, record_payment};
use super::shares::share_in;
use super::{letters, pieces};
use crate::events::OrderCancelled;
use crate::models::*;
use crate::{errors, queries};

/// Отменяет покупатель: пока за заказ не взялись. Оплаченный — с возвратом денег.
pub async fn cancel_by_owner(work: &mut Work, order: &order::Model, words: &str) -> Result<order::Model> {
    if !order.status.can_become(Status::Cancelled, order.is_cash()) {
        return Err(errors::illegal_transition(order.status, Status::Cancelled));
    }
    if !order.status.owner_may_cancel() {
        return Err(errors::too_late_to_cancel());
    }
    must_cancel(work, order, "cancelled_by_customer", words).await
}

/// Отменяет сотрудник: пока заказ не уехал.
pub async fn cancel_by_staff(work: &mut Work, order: &order::Model, words: &str) -> Result<order::Model> {
    if !order.status.can_become(Status::Cancelled, order.is_cash()) {
        return Err(errors::illegal_transition(order.status, Status::Cancelled));
    }
    must_cancel(work, order, "cancelled_by_staff", words).await
}

async fn must_cancel(work: &mut Work, order: &order::Model, reason: &str, words: &str) -> Result<order::Model> {
    if !cancel(work, order, reason, words).await? {
        return Err(errors::changed_meanwhile());
    }
    queries::order_by_id(work.db(), order.id).await?.or_not_found(errors::NOT_FOUND)
}

/// Отменяет ещё не оплаченный заказ; оплаченный или уже отменённый не трогает. `true` — отменил этот вызов.
pub async fn cancel_unpaid(work: &mut Work, order_id: i64, reason: &str) -> Result<bool> {
    match queries::order_by_id(work.db(), order_id).await? {
        Some(order) if is_unpaid(&order) => cancel(work, &order, reason, "").await,
        _ => Ok(false),
    }
}

fn is_unpaid(order: &order::Model) -> bool {
    let waits =
        matches!(order.payment_status, PaymentStatus::Pending | PaymentStatus::Failed | PaymentStatus::Cancelled);
    order.status == Status::Pending && waits
}

/// Отменяет заказ, за который вовремя не заплатили.
pub async fn expire_order(work: &mut Work, order_id: i64) -> Result<bool> {
    let Some(order) = queries::order_by_id(work.db(), order_id).await? else { return Ok(false) };
    let is_late = order.expires_at.is_some_and(|at| at <= work.timestamp());
    if is_late && is_unpaid(&order) { cancel(work, &order, "expired", "").await } else { Ok(false) }
}

/// Один условный UPDATE решает, кто отменил; всё остальное — после него. `false` — заказ успели изменить.
pub(super) async fn cancel(work: &mut Work, order: &order::Model, reason: &str, words: &str) -> Result<bool> {
    let siblings = lock_siblings(work, order).await?;
    let was_paid = order.paid_at.is_some();
    let payment_status = if was_paid || order.payment_status == PaymentStatus::Attention {
        order.payment_status
    } else {
        PaymentStatus::Cancelled
    };
    let why: String = if words.is_empty() { reason.to_owned() } else { words.chars().take(300).collect() };
    let cancelled = Order::update_many()
        .col_expr(order::Column::Status, Expr::value(Status::Cancelled))
        .col_expr(order::Column::PaymentStatus, Expr::value(payment_status))
        .col_expr(order::Column::CancelledAt, Expr::value(work.timestamp()))
        .col_expr(order::Column::CancelReason, Expr::value(why))
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order.id))
        .filter(order::Column::Status.eq(order.status))
        .filter(order::Column::PaymentStatus.eq(order.payment_status))
        .exec(work.db())
        .await?;
    if cancelled.rows_affected == 0 {
        return Ok(false);
    }
    // В том же порядке, в каком их занимали.
    stock::release(work, &order.subject()).await?;
    release_promo(work, order, &siblings).await?;
    preorders::services::release(work, &order.subject()).await?;
    give_money_back(work, order, reason).await?;
    record_move(work, order, Status::Cancelled, Some(reason), words).await?;
    work.emit(&OrderCancelled { order_id: order.id, user_id: order.user_id, reason: reason.to_owned() }).await?;
    letters::cancelled(work, order, reason, words).await?;
    Ok(true)
}

/// Остальные заказы корзины, запертые: кто из них отменится последним, решается по одному.
pub(super) async fn lock_siblings(work: &Work, order: &order::Model) -> Result<Vec<order::Model>> {
    let Some(checkout) = &order.checkout else { return Ok(Vec::new()) };
    let all = Order::find().filter(order::Column::Checkout.eq(checkout.as_str())).order_by_asc(order::Column::Id);
    let all = all.lock_exclusive().all(work.db()).await?;
    Ok(all.into_iter().filter(|sibling| sibling.id != order.id).collect())
}

/// Использование промокода — одно на корзину: его отпускает последний из её заказов.
pub(super) async fn release_promo(work: &mut Work, order: &order::Model, siblings: &[order::Model]) -> Result<()> {
    let holds = |order: &order::Model| order.promo_code_id.is_some() && order.status != Status::Cancelled;
    if order.promo_code_id.is_none() || siblings.iter().any(holds) {
        return Ok(());
    }
    promos::services::release(work, &order.promo_owner()).await
}

/// Открытые платежи отменяются, полученные деньги возвращаются.
async fn give_money_back(work: &mut Work, order: &order::Model, reason: &str) -> Result<()> {
    payments::services::cancel_for(work, &order.balance_subject()).await?;
    if order.payment_id.is_none() {
        dissolve(work, order).await?;
        return payments::services::cancel_for(work, &order.subject()).await;
    }
    let key = format!("order:{}:cancel", order.id);
    for payment_id in [order.payment_id, order.balance_payment_id].into_iter().flatten() {
        refund_left(work, order, payment_id, reason, &key).await?;
    }
    pieces::take_rest(work, order, &key).await
}

async fn refund_left(work: &mut Work, order: &order::Model, payment_id: i64, reason: &str, key: &str) -> Result<()> {
    let payment = Payment::find_by_id(payment_id).one(work.db()).await?;
    let Some(payment) = payment.filter(|payment| payment.status == Money::Succeeded) else { return Ok(()) };
    let share = share_in(work, &payment, order.id).await?;
    let Some(share) = share.filter(|share| !share.left.is_zero()) else { return Ok(()) };
    share.refund(work, payment.id, share.left, reason, key.to_owned(), Vec::new()).await?;
    record_payment(work, order.id, "refund_requested", &share.left.to_string()).await
}

/// Заказы корзины больше не оплачиваются вместе: общий платёж отзывается, каждый оплатят своим.
pub(super) async fn dissolve(work: &mut Work, order: &order::Model) -> Result<()> {
    let Some(checkout) = order.checkout.as_ref().filter(|_| order.joint_payment) else { return Ok(()) };
    Order::update_many()
        .col_expr(order::Column::JointPayment, Expr::value(false))
        .filter(order::Column::Checkout.eq(checkout.as_str()))
        .exec(work.db())
        .await?;
    payments::services::withdraw_for(work, &order.first_subject()).await
}

/// Для слушателя возвратов: деньги уже вернули целиком, остаётся отпустить остатки.
pub(super) async fn cancel_refunded(work: &mut Work, order: &order::Model) -> Result<()> {
    if cancel(work, order, "refunded", "").await? { Ok(()) } else { Err(Error::unavailable("database.busy", 1)) }
}
