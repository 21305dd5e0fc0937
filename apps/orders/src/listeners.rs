//! На что откликаемся. Новости платежей говорят о любом предмете; свой узнаём по виду: заказ, остаток заказа, корзина.

use accounts::events::UserErased;
use kernel::{Kind, Listener, Result, Subject, Work};
use payments::events::{
    PaymentAuthorized, PaymentCancelled, PaymentFailed, PaymentNeedsAttention, PaymentRefunded, PaymentSucceeded,
    RefundFailed,
};
use payments::models::{Payment, payment};
use preorders::events::WaveMoved;
use sea_orm::entity::prelude::*;

use crate::models::Status;
use crate::models::order::{self, BALANCE, CHECKOUT, SUBJECT};
use crate::{jobs, queries, services};

/// Платёж, если он за наши заказы.
async fn payment_of_ours(work: &Work, payment_id: i64, subject: &Subject) -> Result<Option<payment::Model>> {
    match subject.kind.as_str() {
        SUBJECT | BALANCE | CHECKOUT => Ok(Payment::find_by_id(payment_id).one(work.db()).await?),
        _ => Ok(None),
    }
}

/// Заказы, чьи деньги в этом платеже.
async fn orders_of(work: &Work, payment_id: i64, subject: &Subject) -> Result<Vec<order::Model>> {
    let Some(payment) = payment_of_ours(work, payment_id, subject).await? else { return Ok(Vec::new()) };
    let mut orders = Vec::new();
    for share in services::shares_of(work.db(), &payment).await? {
        orders.extend(queries::order_by_id(work.db(), share.order_id).await?);
    }
    Ok(orders)
}

/// Деньги пришли.
pub struct MarkPaid;

impl Listener for MarkPaid {
    const NAME: &'static str = "orders.mark_paid";
    type Event = PaymentSucceeded;

    async fn handle(work: &mut Work, event: PaymentSucceeded) -> Result<()> {
        let Some(payment) = payment_of_ours(work, event.payment_id, &event.subject).await? else { return Ok(()) };
        match event.subject.kind.as_str() {
            BALANCE => services::mark_balance_paid(work, &payment).await.map(|_| ()),
            _ => services::mark_paid(work, &payment).await.map(|_| ()),
        }
    }
}

/// Деньги удержаны: остатки заказа уже заняты, списываем сразу; отменённому заказу они не нужны.
pub struct CaptureAuthorized;

impl Listener for CaptureAuthorized {
    const NAME: &'static str = "orders.capture_authorized";
    type Event = PaymentAuthorized;

    async fn handle(work: &mut Work, event: PaymentAuthorized) -> Result<()> {
        let orders = orders_of(work, event.payment_id, &event.subject).await?;
        if orders.is_empty() {
            return Ok(());
        }
        let waits = |order: &order::Model| match event.subject.kind.as_str() {
            BALANCE => !order.balance_due().is_zero(),
            _ => order.status == Status::Pending,
        };
        let settled = match orders.iter().all(waits) {
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
        let reason = if event.reason == "expired" { "expired" } else { "payment_cancelled" };
        for order in orders_of(work, event.payment_id, &event.subject).await? {
            // Остаток не заплатили — заказ живёт; корзину делят — за заказ заплатят его собственным платежом.
            let is_first = order.first_subject() == event.subject;
            if is_first && payments::queries::open_of(work.db(), &event.subject).await?.is_none() {
                services::cancel_unpaid(work, order.id, reason).await?;
            }
        }
        Ok(())
    }
}

/// Провайдер не принял платёж.
pub struct NotePaymentFailure;

impl Listener for NotePaymentFailure {
    const NAME: &'static str = "orders.note_payment_failure";
    type Event = PaymentFailed;

    async fn handle(work: &mut Work, event: PaymentFailed) -> Result<()> {
        for order in orders_of(work, event.payment_id, &event.subject).await? {
            services::payment_failed(work, order.id).await?;
        }
        Ok(())
    }
}

/// Деньги вернули.
pub struct RecordRefund;

impl Listener for RecordRefund {
    const NAME: &'static str = "orders.record_refund";
    type Event = PaymentRefunded;

    async fn handle(work: &mut Work, event: PaymentRefunded) -> Result<()> {
        let of = event.part.unwrap_or(event.subject);
        let Some(order_id) = of.id_of(SUBJECT).or_else(|| of.id_of(BALANCE)) else { return Ok(()) };
        services::record_refund(work, order_id, event.payment_id, event.amount).await
    }
}

/// Обещанный возврат не вышел: штуки, за которые просили, снова не возвращены.
pub struct ForgetRefund;

impl Listener for ForgetRefund {
    const NAME: &'static str = "orders.forget_refund";
    type Event = RefundFailed;

    async fn handle(work: &mut Work, event: RefundFailed) -> Result<()> {
        let of = event.part.unwrap_or(event.subject);
        let Some(order_id) = of.id_of(SUBJECT).or_else(|| of.id_of(BALANCE)) else { return Ok(()) };
        services::untake(work, order_id, &event.key).await
    }
}

/// Сумма, валюта или ссылка не сошлись.
pub struct FlagPayment;

impl Listener for FlagPayment {
    const NAME: &'static str = "orders.flag_payment";
    type Event = PaymentNeedsAttention;

    async fn handle(work: &mut Work, event: PaymentNeedsAttention) -> Result<()> {
        for order in orders_of(work, event.payment_id, &event.subject).await? {
            services::flag_payment(work, order.id, &event.reason).await?;
        }
        Ok(())
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
