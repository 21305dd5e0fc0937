//! На что откликаемся. Новости платежей говорят о любом предмете; свой узнаём по виду `orders.order`.

use accounts::events::UserErased;
use kernel::{Kind, Listener, Result, Subject, Work};
use payments::events::{
    PaymentAuthorized, PaymentCancelled, PaymentFailed, PaymentNeedsAttention, PaymentRefunded, PaymentSucceeded,
};
use payments::models::Payment;
use preorders::events::WaveMoved;
use sea_orm::entity::prelude::*;

use crate::models::Status;
use crate::models::order::SUBJECT;
use crate::{jobs, queries, services};

fn order_id(subject: &Subject) -> Option<i64> {
    subject.id_of(SUBJECT)
}

/// Деньги пришли.
pub struct MarkPaid;

impl Listener for MarkPaid {
    const NAME: &'static str = "orders.mark_paid";
    type Event = PaymentSucceeded;

    async fn handle(work: &mut Work, event: PaymentSucceeded) -> Result<()> {
        let Some(order_id) = order_id(&event.subject) else { return Ok(()) };
        let Some(payment) = Payment::find_by_id(event.payment_id).one(work.db()).await? else { return Ok(()) };
        services::mark_paid(work, order_id, &payment).await.map(|_| ())
    }
}

/// Деньги удержаны: остатки заказа уже заняты, списываем сразу; отменённому заказу они не нужны.
pub struct CaptureAuthorized;

impl Listener for CaptureAuthorized {
    const NAME: &'static str = "orders.capture_authorized";
    type Event = PaymentAuthorized;

    async fn handle(work: &mut Work, event: PaymentAuthorized) -> Result<()> {
        let Some(order_id) = order_id(&event.subject) else { return Ok(()) };
        let order = queries::order_by_id(work.db(), order_id).await?;
        let settled = match order.is_some_and(|order| order.status == Status::Pending) {
            true => payments::services::capture(work, event.payment_id).await,
            false => payments::services::cancel(work, event.payment_id).await,
        };
        // Платёж уже списан или отменён: о нём скажет своя новость.
        match settled {
            Err(refusal) if refusal.kind == Kind::Refused => Ok(()),
            other => other,
        }
    }
}

/// Покупатель отказался платить или вышел срок платежа: заказ отменяется и всё отдаёт. Заменённый платёж заказа не касается.
pub struct DropUnpaid;

impl Listener for DropUnpaid {
    const NAME: &'static str = "orders.drop_unpaid";
    type Event = PaymentCancelled;

    async fn handle(work: &mut Work, event: PaymentCancelled) -> Result<()> {
        let Some(order_id) = order_id(&event.subject) else { return Ok(()) };
        if payments::queries::open_of(work.db(), &event.subject).await?.is_some() {
            return Ok(());
        }
        let reason = if event.reason == "expired" { "expired" } else { "payment_cancelled" };
        services::cancel_unpaid(work, order_id, reason).await.map(|_| ())
    }
}

/// Провайдер не принял платёж.
pub struct NotePaymentFailure;

impl Listener for NotePaymentFailure {
    const NAME: &'static str = "orders.note_payment_failure";
    type Event = PaymentFailed;

    async fn handle(work: &mut Work, event: PaymentFailed) -> Result<()> {
        let Some(order_id) = order_id(&event.subject) else { return Ok(()) };
        services::payment_failed(work, order_id).await
    }
}

/// Деньги вернули.
pub struct RecordRefund;

impl Listener for RecordRefund {
    const NAME: &'static str = "orders.record_refund";
    type Event = PaymentRefunded;

    async fn handle(work: &mut Work, event: PaymentRefunded) -> Result<()> {
        let Some(order_id) = order_id(&event.subject) else { return Ok(()) };
        services::record_refund(work, order_id, event.payment_id, event.amount).await
    }
}

/// Сумма, валюта или ссылка не сошлись.
pub struct FlagPayment;

impl Listener for FlagPayment {
    const NAME: &'static str = "orders.flag_payment";
    type Event = PaymentNeedsAttention;

    async fn handle(work: &mut Work, event: PaymentNeedsAttention) -> Result<()> {
        let Some(order_id) = order_id(&event.subject) else { return Ok(()) };
        services::flag_payment(work, order_id, &event.reason).await
    }
}

/// Волна перешла дальше: заказам скажет задача, по одному.
pub struct TellWave;

impl Listener for TellWave {
    const NAME: &'static str = "orders.hear_wave";
    type Event = WaveMoved;

    async fn handle(work: &mut Work, event: WaveMoved) -> Result<()> {
        work.enqueue(&jobs::TellWave(event)).await
    }
}

/// Человек стёр учётную запись.
pub struct EraseContacts;

impl Listener for EraseContacts {
    const NAME: &'static str = "orders.erase_contacts";
    type Event = UserErased;

    async fn handle(work: &mut Work, event: UserErased) -> Result<()> {
        services::erase_contacts(work, event.user_id).await
    }
}
