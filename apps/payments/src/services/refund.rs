//! Вернуть деньги. Обещание занимает место условным UPDATE до разговора с провайдером, поэтому вернуть больше полученного нельзя
//! никаким числом параллельных просьб.

use chrono::TimeDelta;
use kernel::{Actor, Ctx, Money, NewJob, OrNotFound, Result, Subject, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{NotSet, Set};

use super::apply::{call_a_person, check_later};
use super::parts;
use super::refund_receipt::watch_refund_receipt;
use super::states::{clip, record};
use crate::errors;
use crate::events::{PaymentRefunded, RefundFailed};
use crate::jobs::PerformRefund;
use crate::models::{Kind, Payment, Refund, RefundStatus, payment, refund};
use crate::providers::{self, OperationStatus, ProviderError, RefundRequest, RemoteOperation};
use crate::{queries, receipts};

/// Как часто спрашивать о возврате, который провайдер ещё выполняет, минут.
const POLL_MINUTES: i64 = 5;

/// Причина возврата, сделанного не нами.
const OUTSIDE: &str = "outside";

/// Просьба вернуть деньги.
#[derive(Clone, Debug, Default)]
pub struct NewRefund {
    pub amount: Money,
    pub reason: String,
    /// До 100 знаков, имя просьбы у просящего (`order-42-return-1`): тот же ключ вернёт тот же возврат.
    pub key: String,
    /// Из чьей доли; обязательно, если платёж за несколько предметов.
    pub part: Option<Subject>,
    /// За какие строки чека ([`receipts::ReceiptLine::item`]) и сколько за каждую; без них — по доле из всех строк.
    pub items: Vec<(i64, Money)>,
}

/// Записывает возврат; выполнит задача `payments.perform_refund`.
pub async fn refund(work: &mut Work, payment_id: i64, new: &NewRefund) -> Result<refund::Model> {
    if new.amount <= Money::ZERO || new.amount > Money::MAX {
        return Err(errors::bad_amount());
    }
    lock(work, payment_id).await?;
    if let Some(known) = by_key(work, payment_id, &new.key).await? {
        return if known.amount == new.amount { Ok(known) } else { Err(errors::refund_key_reused()) };
    }
    claim(work, payment_id, new).await?;
    let id = insert(work, payment_id, new, RefundStatus::Pending).await?;
    record(work, payment_id, Kind::RefundRequested, Some(new.amount), &new.reason).await?;
    work.enqueue(&PerformRefund { refund_id: id }).await?;
    Refund::find_by_id(id).one(work.db()).await?.or_not_found(errors::NOT_FOUND)
}

/// Возвраты одного платежа идут по очереди: строка платежа занята до конца транзакции, близнец увидит готовый возврат.
pub(super) async fn lock(work: &Work, payment_id: i64) -> Result<()> {
    let locked = Payment::update_many()
        .col_expr(payment::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(payment::Column::Id.eq(payment_id))
        .exec(work.db())
        .await?;
    (locked.rows_affected == 1).then_some(()).or_not_found(errors::NOT_FOUND)
}

async fn by_key(work: &Work, payment_id: i64, key: &str) -> Result<Option<refund::Model>> {
    let same = Refund::find()
        .filter(refund::Column::PaymentId.eq(payment_id))
        .filter(refund::Column::RefundKey.eq(clip(key, 100)));
    Ok(same.one(work.db()).await?)
}

async fn insert(work: &Work, payment_id: i64, new: &NewRefund, status: RefundStatus) -> Result<i64> {
    let parts = receipt_parts(work, payment_id, new).await?;
    let row = refund::ActiveModel {
        id: NotSet,
        payment_id: Set(payment_id),
        refund_key: Set(clip(&new.key, 100)),
        idempotence_key: Set(work.ctx().random().uuid(work.now()).to_string()),
        provider_refund_id: Set(None),
        status: Set(status),
        amount: Set(new.amount),
        reason: Set(clip(&new.reason, 250)),
        actor: Set(work.actor().label()),
        receipt_parts: Set(parts),
        part_kind: Set(new.part.as_ref().map(|part| part.kind.clone())),
        part_id: Set(new.part.as_ref().map(|part| part.id.clone())),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
    };
    Ok(Refund::insert(row).exec(work.db()).await?.last_insert_id)
}

/// Строки чека этого возврата; `None` — у платежа чека нет. Строка платежа занята, поэтому прежние возвраты не меняются.
async fn receipt_parts(work: &Work, payment_id: i64, new: &NewRefund) -> Result<Option<String>> {
    let payment = Payment::find_by_id(payment_id).one(work.db()).await?.or_not_found(errors::NOT_FOUND)?;
    let Some(mut receipt) = payment.receipt()? else { return Ok(None) };
    if queries::settlement_of(work.db(), payment_id).await?.is_some() {
        receipts::mark_settled(&mut receipt.lines);
    }
    let refunded = queries::refunded_parts(work.db(), payment_id).await?;
    Ok(Some(serde_json::to_string(&receipts::refund_parts(&receipt.lines, &refunded, new.amount, &new.items))?))
}

/// Один условный UPDATE: вместе с прежними возвратами — не больше полученного; у платежа за несколько предметов — ещё и не больше доли.
async fn claim(work: &Work, payment_id: i64, new: &NewRefund) -> Result<()> {
    let amount = new.amount;
    parts::claim(work, payment_id, new.part.as_ref(), amount).await?;
    let claimed = Payment::update_many()
        .col_expr(payment::Column::Refunded, Expr::col(payment::Column::Refunded).add(amount))
        .col_expr(payment::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(payment::Column::Id.eq(payment_id))
        .filter(Expr::col(payment::Column::Refunded).add(amount).lte(Expr::col(payment::Column::Captured)))
        .exec(work.db())
        .await?;
    if claimed.rows_affected == 1 {
        return Ok(());
    }
    let payment = Payment::find_by_id(payment_id).one(work.db()).await?.or_not_found(errors::NOT_FOUND)?;
    Err(errors::refund_too_big(payment.refundable()))
}

/// Выполняет обещанный возврат у провайдера. Повтор безвреден: ключ тот же, итог записывается один раз.
pub(crate) async fn perform_refund(ctx: &Ctx, refund_id: i64) -> Result<()> {
    let Some((refund, payment)) = queries::refund_with_payment(ctx.db_fresh(), refund_id).await? else { return Ok(()) };
    if refund.status != RefundStatus::Pending {
        return Ok(());
    }
    let provider = providers::find(&payment.provider).ok_or_else(|| errors::unknown_provider(&payment.provider))?;
    let answer = match &refund.provider_refund_id {
        Some(id) => provider.refund_status(ctx, id).await,
        None => provider.refund(ctx, &request_of(&refund, &payment)?).await,
    };
    let actor = Actor::System("payments");
    match answer {
        Ok(seen) => ctx.atomic(&actor, async move |work: &mut Work| settle(work, &refund, &payment, &seen).await).await,
        Err(ProviderError::Refused { code, message }) => {
            tracing::error!(refund.id = refund_id, code, message, "provider refused the refund");
            let why = format!("{code}: {message}");
            ctx.atomic(&actor, async move |work: &mut Work| give_up(work, &refund, &payment, &why).await).await
        }
        Err(unknown) => Err(unknown.into()),
    }
}

fn request_of(refund: &refund::Model, payment: &payment::Model) -> Result<RefundRequest> {
    let lines: Vec<_> = refund.parts()?.into_iter().map(|part| part.part).collect();
    Ok(RefundRequest {
        idempotence_key: refund.idempotence_key.clone(),
        refund_id: refund.id,
        provider_payment_id: payment.provider_payment_id.clone().unwrap_or_default(),
        amount: refund.amount,
        currency: payment.currency.clone(),
        reason: refund.reason.clone(),
        receipt: (!lines.is_empty()).then(|| payment.receipt_of(lines)),
        created_at: refund.created_at,
    })
}

async fn settle(
    work: &mut Work,
    refund: &refund::Model,
    payment: &payment::Model,
    seen: &RemoteOperation,
) -> Result<()> {
    Refund::update_many()
        .col_expr(refund::Column::ProviderRefundId, Expr::value(clip(&seen.id, 100)))
        .filter(refund::Column::Id.eq(refund.id))
        .filter(refund::Column::ProviderRefundId.is_null())
        .exec(work.db())
        .await?;
    match &seen.status {
        OperationStatus::Pending => {
            let again =
                NewJob::of(&PerformRefund { refund_id: refund.id })?.at(work.now() + TimeDelta::minutes(POLL_MINUTES));
            work.enqueue_new(again).await
        }
        OperationStatus::Succeeded => finish(work, refund, payment, seen).await,
        OperationStatus::Cancelled(reason) => give_up(work, refund, payment, reason).await,
    }
}

/// `true` — этот вызов и перевёл возврат в конечное состояние.
async fn close(work: &Work, refund: &refund::Model, to: RefundStatus) -> Result<bool> {
    let closed = Refund::update_many()
        .col_expr(refund::Column::Status, Expr::value(to))
        .col_expr(refund::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(refund::Column::Id.eq(refund.id))
        .filter(refund::Column::Status.eq(RefundStatus::Pending))
        .exec(work.db())
        .await?;
    Ok(closed.rows_affected == 1)
}

async fn finish(
    work: &mut Work,
    refund: &refund::Model,
    payment: &payment::Model,
    seen: &RemoteOperation,
) -> Result<()> {
    if !close(work, refund, RefundStatus::Succeeded).await? {
        return Ok(());
    }
    announce(work, payment, refund.part(), refund.amount, &refund.reason).await?;
    watch_refund_receipt(work, refund, payment, seen).await
}

async fn announce(
    work: &mut Work,
    payment: &payment::Model,
    part: Option<Subject>,
    amount: Money,
    note: &str,
) -> Result<()> {
    record(work, payment.id, Kind::Refunded, Some(amount), note).await?;
    work.emit(&PaymentRefunded { payment_id: payment.id, subject: payment.subject(), part, amount }).await
}

/// Возврат не вышел: место освобождается, зовём человека.
async fn give_up(work: &mut Work, refund: &refund::Model, payment: &payment::Model, reason: &str) -> Result<()> {
    if !close(work, refund, RefundStatus::Failed).await? {
        return Ok(());
    }
    Payment::update_many()
        .col_expr(payment::Column::Refunded, Expr::col(payment::Column::Refunded).sub(refund.amount))
        .col_expr(payment::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(payment::Column::Id.eq(payment.id))
        .filter(payment::Column::Refunded.gte(refund.amount))
        .exec(work.db())
        .await?;
    if let Some(part) = refund.part() {
        parts::unclaim(work, payment.id, &part, refund.amount).await?;
    }
    record(work, payment.id, Kind::RefundFailed, Some(refund.amount), reason).await?;
    let failed = RefundFailed {
        payment_id: payment.id,
        subject: payment.subject(),
        part: refund.part(),
        amount: refund.amount,
        key: refund.refund_key.clone(),
    };
    work.emit(&failed).await?;
    call_a_person(work, payment, "refund_failed", refund.amount).await
}

/// Деньги вернули мимо нас, в кабинете провайдера: записываем, чтобы не вернуть второй раз.
///
/// Пока есть свои невыполненные возвраты, сравнивать не с чем: перечитаем позже.
pub(super) async fn adopt_outside_refunds(work: &mut Work, payment: &payment::Model, seen: Money) -> Result<()> {
    if seen.is_zero() {
        return Ok(());
    }
    lock(work, payment.id).await?;
    let ours = queries::refunded_sum(work, payment.id).await?;
    if seen <= ours.done {
        return Ok(());
    }
    if !ours.pending.is_zero() {
        return check_later(work, payment.id, POLL_MINUTES).await;
    }
    for (part, amount) in parts::spread(work, payment.id, seen - ours.done).await? {
        let place = part.as_ref().map_or_else(String::new, payment::open_key);
        let key = format!("outside:{}:{place}", seen.to_minor());
        let new = NewRefund { amount, reason: OUTSIDE.to_owned(), key, part: part.clone(), items: Vec::new() };
        claim(work, payment.id, &new).await?;
        insert(work, payment.id, &new, RefundStatus::Succeeded).await?;
        record(work, payment.id, Kind::RefundRequested, Some(amount), OUTSIDE).await?;
        announce(work, payment, part, amount, OUTSIDE).await?;
    }
    Ok(())
}
