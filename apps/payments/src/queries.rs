//! Чтение. Чей платёж — часть запроса.

use kernel::data::{Engine, sum_i64};
use kernel::{Actor, Money, Result, Subject, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{QueryOrder, QuerySelect, Select};

use crate::models::{
    Payment, PaymentEvent, PaymentPart, Refund, RefundStatus, SettlementReceipt, payment, payment_event, payment_part,
    refund, settlement_receipt,
};
use crate::permissions::VIEW_PAYMENT;
use crate::receipts::RefundPart;

/// Платежи предмета, новые первыми.
pub async fn of_subject(db: &impl ConnectionTrait, subject: &Subject) -> Result<Vec<payment::Model>> {
    Ok(about(subject).order_by_desc(payment::Column::Id).all(db).await?)
}

/// Открытый (или ждущий человека) платёж предмета: он один.
pub async fn open_of(db: &impl ConnectionTrait, subject: &Subject) -> Result<Option<payment::Model>> {
    Ok(Payment::find().filter(payment::Column::OpenSubject.eq(payment::open_key(subject))).one(db).await?)
}

fn about(subject: &Subject) -> Select<Payment> {
    Payment::find()
        .filter(payment::Column::SubjectKind.eq(subject.kind.as_str()))
        .filter(payment::Column::SubjectId.eq(subject.id.as_str()))
}

/// По публичному имени: им владеет тот, у кого ссылка на оплату.
pub async fn by_public_id(db: &impl ConnectionTrait, public_id: Uuid) -> Result<Option<payment::Model>> {
    Ok(Payment::find().filter(payment::Column::PublicId.eq(public_id)).one(db).await?)
}

/// Доли платежа за несколько предметов; нет — платёж целиком за свой предмет.
pub async fn parts_of(db: &impl ConnectionTrait, payment_id: i64) -> Result<Vec<payment_part::Model>> {
    let parts = PaymentPart::find().filter(payment_part::Column::PaymentId.eq(payment_id));
    Ok(parts.order_by_asc(payment_part::Column::Id).all(db).await?)
}

pub async fn by_provider_payment(
    db: &impl ConnectionTrait,
    provider: &str,
    id: &str,
) -> Result<Option<payment::Model>> {
    let named = Payment::find()
        .filter(payment::Column::Provider.eq(provider))
        .filter(payment::Column::ProviderPaymentId.eq(id));
    Ok(named.one(db).await?)
}

/// Что видит спрашивающий по публичному имени: сотрудник с правом — всё, человек — своё и гостевое, гость — гостевое.
pub fn visible_to(actor: &Actor) -> Select<Payment> {
    let all = Payment::find();
    if actor.can(VIEW_PAYMENT) {
        return all;
    }
    let guests = Condition::any().add(payment::Column::UserId.is_null());
    match actor.user_id() {
        Some(id) => all.filter(guests.add(payment::Column::UserId.eq(id))),
        None => all.filter(guests),
    }
}

/// Платежи человека, новые первыми.
pub fn of_user(user_id: i64) -> Select<Payment> {
    Payment::find().filter(payment::Column::UserId.eq(user_id)).order_by_desc(payment::Column::Id)
}

pub async fn history_of(db: &impl ConnectionTrait, payment_id: i64) -> Result<Vec<payment_event::Model>> {
    let rows = PaymentEvent::find().filter(payment_event::Column::PaymentId.eq(payment_id));
    Ok(rows.order_by_asc(payment_event::Column::Id).all(db).await?)
}

pub async fn refunds_of(db: &impl ConnectionTrait, payment_id: i64) -> Result<Vec<refund::Model>> {
    let rows = Refund::find().filter(refund::Column::PaymentId.eq(payment_id));
    Ok(rows.order_by_asc(refund::Column::Id).all(db).await?)
}

/// Жив ли хоть один возврат с этим ключом: просьба могла делиться на несколько платежей.
pub async fn is_refund_alive(db: &impl ConnectionTrait, payments: &[i64], key: &str) -> Result<bool> {
    let alive = Refund::find()
        .filter(refund::Column::PaymentId.is_in(payments.iter().copied()))
        .filter(refund::Column::RefundKey.eq(key))
        .filter(refund::Column::Status.is_in([RefundStatus::Pending, RefundStatus::Succeeded]));
    Ok(alive.one(db).await?.is_some())
}

pub(crate) async fn refund_with_payment(
    db: &impl ConnectionTrait,
    refund_id: i64,
) -> Result<Option<(refund::Model, payment::Model)>> {
    let found = Refund::find_by_id(refund_id).find_also_related(Payment).one(db).await?;
    Ok(found.and_then(|(refund, payment)| Some((refund, payment?))))
}

/// Что уже вернули и обещали вернуть по строкам чека.
pub(crate) async fn refunded_parts(db: &impl ConnectionTrait, payment_id: i64) -> Result<Vec<RefundPart>> {
    let alive = Refund::find()
        .filter(refund::Column::PaymentId.eq(payment_id))
        .filter(refund::Column::Status.is_in([RefundStatus::Pending, RefundStatus::Succeeded]));
    let mut parts = Vec::new();
    for refund in alive.all(db).await? {
        parts.extend(refund.parts()?);
    }
    Ok(parts)
}

/// Второй чек платежа, если его уже просили.
pub async fn settlement_of(db: &impl ConnectionTrait, payment_id: i64) -> Result<Option<settlement_receipt::Model>> {
    Ok(SettlementReceipt::find().filter(settlement_receipt::Column::PaymentId.eq(payment_id)).one(db).await?)
}

pub(crate) async fn settlement_with_payment(
    db: &impl ConnectionTrait,
    receipt_id: i64,
) -> Result<Option<(settlement_receipt::Model, payment::Model)>> {
    let found = SettlementReceipt::find_by_id(receipt_id).find_also_related(Payment).one(db).await?;
    Ok(found.and_then(|(receipt, payment)| Some((receipt, payment?))))
}

/// Суммы возвратов платежа.
pub(crate) struct RefundSums {
    pub done: Money,
    pub pending: Money,
}

pub(crate) async fn refunded_sum(work: &Work, payment_id: i64) -> Result<RefundSums> {
    let done = sum_of(work.db(), work.engine(), payment_id, RefundStatus::Succeeded).await?;
    let pending = sum_of(work.db(), work.engine(), payment_id, RefundStatus::Pending).await?;
    Ok(RefundSums { done, pending })
}

async fn sum_of(db: &impl ConnectionTrait, engine: Engine, payment_id: i64, status: RefundStatus) -> Result<Money> {
    let sum: Option<i64> = Refund::find()
        .select_only()
        .column_as(sum_i64(engine, Expr::col(refund::Column::Amount)), "total")
        .filter(refund::Column::PaymentId.eq(payment_id))
        .filter(refund::Column::Status.eq(status))
        .into_tuple()
        .one(db)
        .await?;
    Ok(Money::minor(sum.unwrap_or_default()))
}
