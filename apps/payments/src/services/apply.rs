//! Привести нашу запись к тому, что прочитано у провайдера. Не «прибавить событие», а «стать таким же»: повторы, опоздавшие и
//! перепутанные уведомления ничего не портят.

use chrono::TimeDelta;
use kernel::{Money, NewJob, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::refund::adopt_outside_refunds;
use super::states::{change_status, record};
use crate::events::{PaymentAuthorized, PaymentCancelled, PaymentNeedsAttention, PaymentSucceeded};
use crate::jobs::CheckPayment;
use crate::models::{Kind, Payment, Status, payment};
use crate::providers::{OperationStatus, Remote, RemoteStatus};

/// Как часто спрашивать о чеке, который ещё регистрируется, минут, и сколько суток ждать, прежде чем звать человека.
const RECEIPT_MINUTES: i64 = 30;
const RECEIPT_DAYS: i64 = 3;

/// Применяет прочитанное. Сумма, валюта и ссылка на наш платёж должны совпасть, иначе — внимание человека.
pub(super) async fn apply(work: &mut Work, payment: &payment::Model, seen: &Remote) -> Result<()> {
    if let Some(reason) = mismatch(payment, seen) {
        return raise_attention(work, payment, reason, seen.amount).await;
    }
    match &seen.status {
        RemoteStatus::Pending => Ok(()),
        RemoteStatus::WaitingForCapture => authorize(work, payment).await,
        RemoteStatus::Succeeded => {
            succeed(work, payment, &Status::Succeeded.sources()).await?;
            adopt_outside_refunds(work, payment, seen.refunded).await?;
            watch_receipt(work, payment, seen).await
        }
        RemoteStatus::Cancelled(reason) => cancelled_there(work, payment, reason).await,
        RemoteStatus::Unknown(word) => {
            tracing::warn!(payment.id = payment.id, status = word, "provider answered with an unknown status");
            raise_attention(work, payment, "unknown_status", seen.amount).await
        }
    }
}

/// Чем увиденное не похоже на наш платёж.
fn mismatch(payment: &payment::Model, seen: &Remote) -> Option<&'static str> {
    if payment.provider_payment_id.as_deref().is_some_and(|id| id != seen.id) {
        return Some("wrong_payment");
    }
    if seen.doubt.is_some() {
        return seen.doubt;
    }
    if seen.reference != Some(payment.public_id) {
        return Some("wrong_reference");
    }
    if seen.amount != payment.amount {
        return Some("wrong_amount");
    }
    (seen.currency != payment.currency).then_some("wrong_currency")
}

/// Деньги получены: ровно один раз строка истории и новость, сколько бы раз нас ни позвали.
pub(super) async fn succeed(work: &mut Work, payment: &payment::Model, from: &[Status]) -> Result<()> {
    if !change_status(work, payment.id, from, Status::Succeeded, None).await? {
        return Ok(());
    }
    record(work, payment.id, Kind::Captured, Some(payment.amount), "").await?;
    let event = PaymentSucceeded {
        payment_id: payment.id,
        subject: payment.subject(),
        amount: payment.amount,
        currency: payment.currency.clone(),
    };
    work.emit(&event).await
}

/// Деньги получены, а чек ещё регистрируется или не вышел: платёж от этого не меняется, но чек обязан быть.
async fn watch_receipt(work: &mut Work, payment: &payment::Model, seen: &Remote) -> Result<()> {
    let waits_since = payment.paid_at.unwrap_or(work.timestamp());
    match &seen.receipt {
        Some(OperationStatus::Pending) if !receipt_is_late(work, waits_since) => {
            check_later(work, payment.id, RECEIPT_MINUTES).await
        }
        None | Some(OperationStatus::Succeeded) => Ok(()),
        Some(_) => raise_attention(work, payment, "receipt_failed", seen.amount).await,
    }
}

pub(super) fn receipt_is_late(work: &Work, since: kernel::Timestamp) -> bool {
    work.timestamp() - since >= TimeDelta::days(RECEIPT_DAYS)
}

/// Через сколько спросить о чеке снова.
pub(super) fn receipt_poll() -> TimeDelta {
    TimeDelta::minutes(RECEIPT_MINUTES)
}

async fn authorize(work: &mut Work, payment: &payment::Model) -> Result<()> {
    if !change_status(work, payment.id, &Status::WaitingForCapture.sources(), Status::WaitingForCapture, None).await? {
        return Ok(());
    }
    record(work, payment.id, Kind::Authorized, Some(payment.amount), "").await?;
    let event = PaymentAuthorized {
        payment_id: payment.id,
        subject: payment.subject(),
        amount: payment.amount,
        currency: payment.currency.clone(),
    };
    work.emit(&event).await
}

async fn cancelled_there(work: &mut Work, payment: &payment::Model, reason: &str) -> Result<()> {
    if change_status(work, payment.id, &Status::Cancelled.sources(), Status::Cancelled, Some(reason)).await? {
        record(work, payment.id, Kind::Cancelled, None, reason).await?;
        let event = PaymentCancelled { payment_id: payment.id, subject: payment.subject(), reason: reason.to_owned() };
        work.emit(&event).await?;
    }
    // Обе стороны согласны: сверять больше нечего.
    Payment::update_many()
        .col_expr(payment::Column::NextCheckAt, Expr::value(Option::<kernel::Timestamp>::None))
        .filter(payment::Column::Id.eq(payment.id))
        .filter(payment::Column::Status.eq(Status::Cancelled))
        .exec(work.db())
        .await?;
    Ok(())
}

/// Зовёт человека один раз. Полученных денег это не отнимает: у оплаченного меняется только причина.
pub(super) async fn raise_attention(
    work: &mut Work,
    payment: &payment::Model,
    reason: &str,
    seen: Money,
) -> Result<()> {
    let changed = change_status(work, payment.id, &Status::Attention.sources(), Status::Attention, Some(reason))
        .await?
        || mark_paid_with_doubt(work, payment.id, reason).await?;
    if changed { call_a_person(work, payment, reason, seen).await } else { Ok(()) }
}

/// Возврат или чек не вышел: платёж остаётся оплаченным, но человек должен знать.
pub(super) async fn call_a_person(work: &mut Work, payment: &payment::Model, reason: &str, seen: Money) -> Result<()> {
    record(work, payment.id, Kind::Attention, Some(seen), reason).await?;
    let event = PaymentNeedsAttention {
        payment_id: payment.id,
        subject: payment.subject(),
        reason: reason.to_owned(),
        amount: payment.amount,
        seen,
    };
    metrics::counter!("megashop_payments_attention_total", "reason" => reason.to_owned()).increment(1);
    work.emit(&event).await
}

async fn mark_paid_with_doubt(work: &Work, payment_id: i64, reason: &str) -> Result<bool> {
    let marked = Payment::update_many()
        .col_expr(payment::Column::Reason, Expr::value(reason))
        .filter(payment::Column::Id.eq(payment_id))
        .filter(payment::Column::Status.eq(Status::Succeeded))
        .filter(payment::Column::Reason.is_null())
        .exec(work.db())
        .await?;
    Ok(marked.rows_affected == 1)
}

/// Ставит перечитывание на потом. В ключе — минута: задача, которая сейчас и перечитывает, свой ключ ещё держит, и без минуты следующая
/// не встала бы.
pub(super) async fn check_later(work: &mut Work, payment_id: i64, minutes: i64) -> Result<()> {
    let at = work.now() + TimeDelta::minutes(minutes);
    let key = format!("payments.check_later:{payment_id}:{}", at.timestamp() / 60);
    work.enqueue_new(NewJob::of(&CheckPayment { payment_id })?.at(at).once(key)).await
}
