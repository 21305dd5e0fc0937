//! Деньги пришли (или с ними что-то не так).

use kernel::{NewJob, OrNotFound, Result, Work};
use payments::models::payment;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::drop_wave::{self, Gone};
use super::letters;
use super::record::{record_move, record_payment};
use super::reprice::take_old_price;
use super::shares::{Share, shares_of};
use crate::events::OrderPaid;
use crate::jobs::ResolveLatePayment;
use crate::models::*;
use crate::{errors, queries};

/// Отмечает оплаченными заказы этого платежа, каждый своей долей; `true` — хоть один отметил этот вызов.
///
/// Правила: сумма и валюта должны совпасть с заказом, иначе — внимание человека; заказ, оплаченный другим платежом, деньги возвращает;
/// отменённый разбирает задача `orders.resolve_late_payment` (снова занять остатки или вернуть деньги).
pub async fn mark_paid(work: &mut Work, payment: &payment::Model) -> Result<bool> {
    let mut is_marked = false;
    for share in shares_of(work.db(), payment).await? {
        is_marked |= mark_one(work, payment, &share).await?;
    }
    Ok(is_marked)
}

async fn mark_one(work: &mut Work, payment: &payment::Model, share: &Share) -> Result<bool> {
    let Some(order) = queries::order_by_id(work.db(), share.order_id).await? else { return Ok(false) };
    if order.payment_id == Some(payment.id) {
        return Ok(false);
    }
    if order.paid_at.is_some() || order.status == Status::Returned {
        return give_back(work, &order, payment, share).await.map(|()| false);
    }
    if order.status == Status::Cancelled {
        return resolve_later(work, &order, payment).await.map(|()| false);
    }
    if payment.currency != order.currency {
        return flag_payment(work, order.id, "wrong_currency").await.map(|()| false);
    }
    if share.amount == order.due_now() {
        return settle(work, &order, payment).await.map(|()| true);
    }
    let Some((order, gone)) = take_old_price(work, &order, share.amount).await? else {
        return flag_payment(work, order.id, "wrong_amount").await.map(|()| false);
    };
    settle(work, &order, payment).await?;
    refund_gone(work, order.id, &gone, payment.id).await.map(|()| true)
}

/// Оплачен этим платежом.
async fn settle(work: &mut Work, order: &order::Model, payment: &payment::Model) -> Result<()> {
    let to = if order.status == Status::Pending { Status::Paid } else { order.status };
    if !claim_paid(work, order, to, payment).await? {
        // Заказ изменили между чтением и записью: транзакция повторится и увидит новое.
        return Err(kernel::Error::unavailable("database.busy", 1));
    }
    announce_paid(work, order, to, payment, "payment_received").await
}

/// Заплачено и за строки, которых уже нет: их деньги возвращаются, и покупатель об этом знает.
async fn refund_gone(work: &mut Work, order_id: i64, gone: &[order_item::Model], payment_id: i64) -> Result<()> {
    let order = queries::order_by_id(work.db(), order_id).await?.or_not_found(errors::NOT_FOUND)?;
    let key = format!("order:{order_id}:gone:{payment_id}");
    let refunded = drop_wave::give_back(work, &order, gone, &key).await?;
    record_payment(work, order_id, "refund_requested", &refunded.to_string()).await?;
    letters::items_cancelled(work, &order, gone, &Gone { refunded, ..Gone::default() }, "").await
}

/// Один условный UPDATE: заказ тот же, каким прочитан, и ещё не оплачен.
async fn claim_paid(work: &Work, order: &order::Model, to: Status, payment: &payment::Model) -> Result<bool> {
    let paid = Order::update_many()
        .col_expr(order::Column::Status, Expr::value(to))
        .col_expr(order::Column::PaymentStatus, Expr::value(PaymentStatus::Succeeded))
        .col_expr(order::Column::PaymentId, Expr::value(payment.id))
        .col_expr(order::Column::PaymentProvider, Expr::value(payment.provider.as_str()))
        .col_expr(order::Column::PaidAt, Expr::value(work.timestamp()))
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order.id))
        .filter(order::Column::Status.eq(order.status))
        .filter(order::Column::PaidAt.is_null())
        .filter(order::Column::FinalAmount.eq(order.final_amount))
        .filter(order::Column::BalanceAmount.eq(order.balance_amount))
        .exec(work.db())
        .await?;
    Ok(paid.rows_affected == 1)
}

/// История, новость, письмо об оплате.
pub(super) async fn announce_paid(
    work: &mut Work,
    order: &order::Model,
    to: Status,
    payment: &payment::Model,
    reason: &str,
) -> Result<()> {
    if to == order.status {
        record_payment(work, order.id, reason, "").await?;
    } else {
        record_move(work, order, to, Some(reason), "").await?;
    }
    let paid = OrderPaid {
        order_id: order.id,
        user_id: order.user_id,
        payment_id: Some(payment.id),
        final_amount: order.final_amount,
        currency: order.currency.clone(),
    };
    work.emit(&paid).await?;
    letters::paid(work, order).await
}

/// Заказ, за который платить нечего: новость та же, что об оплате, а письма о полученных деньгах нет — их не было.
pub(super) async fn announce_free(work: &mut Work, order: &order::Model) -> Result<()> {
    let paid = OrderPaid {
        order_id: order.id,
        user_id: order.user_id,
        payment_id: None,
        final_amount: order.final_amount,
        currency: order.currency.clone(),
    };
    work.emit(&paid).await
}

/// Заплатили второй раз или за возвращённый заказ: деньги уходят обратно.
async fn give_back(work: &mut Work, order: &order::Model, payment: &payment::Model, share: &Share) -> Result<()> {
    if share.left.is_zero() {
        return Ok(());
    }
    let key = format!("order:{}:extra:{}", order.id, payment.id);
    share.refund(work, payment.id, share.left, "duplicate_payment", key, Vec::new()).await?;
    record_payment(work, order.id, "duplicate_payment", &share.left.to_string()).await
}

async fn resolve_later(work: &mut Work, order: &order::Model, payment: &payment::Model) -> Result<()> {
    record_payment(work, order.id, "late_payment", "").await?;
    let job = ResolveLatePayment { order_id: order.id, payment_id: payment.id };
    work.enqueue_new(NewJob::of(&job)?.once(format!("orders.late_payment:{}:{}", order.id, payment.id))).await
}

/// Деньги есть, но не те: заказ ждёт человека и сам не отменится.
pub async fn flag_payment(work: &mut Work, order_id: i64, reason: &str) -> Result<()> {
    let flagged = Order::update_many()
        .col_expr(order::Column::PaymentStatus, Expr::value(PaymentStatus::Attention))
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order_id))
        .filter(order::Column::PaymentStatus.is_in([
            PaymentStatus::Pending,
            PaymentStatus::Failed,
            PaymentStatus::Cancelled,
        ]))
        .exec(work.db())
        .await?;
    let known = flagged.rows_affected == 1 || queries::order_by_id(work.db(), order_id).await?.is_some();
    if !known {
        return Ok(());
    }
    metrics::counter!("megashop_orders_attention_total", "reason" => reason.to_owned()).increment(1);
    record_payment(work, order_id, "payment_attention", reason).await
}

/// Провайдер не принял платёж: заказ ждёт другой попытки до своего срока.
pub async fn payment_failed(work: &mut Work, order_id: i64) -> Result<()> {
    let failed = Order::update_many()
        .col_expr(order::Column::PaymentStatus, Expr::value(PaymentStatus::Failed))
        .col_expr(order::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(order::Column::Id.eq(order_id))
        .filter(order::Column::Status.eq(Status::Pending))
        .filter(order::Column::PaymentStatus.eq(PaymentStatus::Pending))
        .exec(work.db())
        .await?;
    if failed.rows_affected == 0 { Ok(()) } else { record_payment(work, order_id, "payment_failed", "").await }
}
