//! Отменить неоплаченное.

use kernel::{OrNotFound, Result, Subject, Work};
use sea_orm::entity::prelude::*;

use super::states::{change_status, record};
use crate::errors;
use crate::events::PaymentCancelled;
use crate::jobs::CheckPayment;
use crate::models::{Kind, Payment, Status, payment};
use crate::providers;

/// Отменяет все открытые платежи предмета. Повтор ничего не меняет; требующие внимания остаются человеку.
pub async fn cancel_for(work: &mut Work, subject: &Subject) -> Result<()> {
    for payment in open_for(work, subject).await? {
        cancel_open(work, &payment, "cancelled_by_shop").await?;
    }
    Ok(())
}

async fn open_for(work: &Work, subject: &Subject) -> Result<Vec<payment::Model>> {
    let open = Payment::find()
        .filter(payment::Column::SubjectKind.eq(subject.kind.as_str()))
        .filter(payment::Column::SubjectId.eq(subject.id.as_str()))
        .filter(payment::Column::Status.is_in([Status::Pending, Status::WaitingForCapture]));
    Ok(open.all(work.db()).await?)
}

/// То же молча: предмет жив, платить за него будут иначе.
pub async fn withdraw_for(work: &mut Work, subject: &Subject) -> Result<()> {
    for payment in open_for(work, subject).await? {
        withdraw(work, &payment, "replaced").await?;
    }
    Ok(())
}

/// Отменяет один платёж. Уже отменённый — не ошибка; оплаченный — отказ.
pub async fn cancel(work: &mut Work, payment_id: i64) -> Result<()> {
    let payment = Payment::find_by_id(payment_id).one(work.db()).await?.or_not_found(errors::NOT_FOUND)?;
    if cancel_open(work, &payment, "cancelled_by_shop").await? {
        return Ok(());
    }
    let now = Payment::find_by_id(payment_id).one(work.db()).await?.or_not_found(errors::NOT_FOUND)?;
    match now.status {
        Status::Cancelled | Status::Failed => Ok(()),
        Status::Succeeded => Err(errors::already_paid()),
        _ => Err(errors::needs_attention()),
    }
}

/// Человек разобрался с платежом, требовавшим внимания, и закрывает его: деньги, если они были, вернули у провайдера.
pub async fn dismiss(work: &mut Work, payment_id: i64) -> Result<()> {
    let payment = Payment::find_by_id(payment_id).one(work.db()).await?.or_not_found(errors::NOT_FOUND)?;
    if !change_status(work, payment_id, &[Status::Attention], Status::Cancelled, Some("dismissed")).await? {
        return Err(errors::not_in_attention());
    }
    record(work, payment_id, Kind::Cancelled, None, "dismissed").await?;
    let event = PaymentCancelled { payment_id, subject: payment.subject(), reason: "dismissed".to_owned() };
    work.emit(&event).await
}

/// Отменяет и сообщает об этом; `false` — платёж уже не открыт.
pub(super) async fn cancel_open(work: &mut Work, payment: &payment::Model, reason: &str) -> Result<bool> {
    if !withdraw(work, payment, reason).await? {
        return Ok(false);
    }
    let event = PaymentCancelled { payment_id: payment.id, subject: payment.subject(), reason: reason.to_owned() };
    work.emit(&event).await?;
    Ok(true)
}

/// Отменяет молча: предмет жив, платёж заменяют другим. У провайдера отменит задача.
pub(super) async fn withdraw(work: &mut Work, payment: &payment::Model, reason: &str) -> Result<bool> {
    let open = [Status::Pending, Status::WaitingForCapture];
    if !change_status(work, payment.id, &open, Status::Cancelled, Some(reason)).await? {
        return Ok(false);
    }
    record(work, payment.id, Kind::Cancelled, None, reason).await?;
    if providers::online(&payment.provider).is_some() {
        work.enqueue(&CheckPayment { payment_id: payment.id }).await?;
    }
    Ok(true)
}
