//! Второй чек: предоплаченное отдали покупателю, предоплату зачли.

use chrono::TimeDelta;
use kernel::{Actor, Ctx, NewJob, OrNotFound, Result, Subject, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{NotSet, Set};

use super::apply::call_a_person;
use super::refund::lock;
use super::states::clip;
use crate::jobs::SendReceipt;
use crate::models::{Payment, ReceiptStatus, SettlementReceipt, Status, payment, settlement_receipt};
use crate::providers::{self, OperationStatus, ProviderError, RemoteOperation, SettlementRequest};
use crate::{errors, queries, receipts};

/// Как часто спрашивать о чеке, который ещё регистрируется, минут.
const POLL_MINUTES: i64 = 10;

/// Товар передан: записывает второй чек на всё предоплаченное и не возвращённое; выдаст его задача `payments.send_receipt`.
/// Повтор и платёж без предоплаты ничего не меняют.
pub async fn settle_prepayment(work: &mut Work, payment_id: i64) -> Result<()> {
    let payment = Payment::find_by_id(payment_id).one(work.db()).await?.or_not_found(errors::NOT_FOUND)?;
    let Some(receipt) = payment.receipt()?.filter(|_| payment.status == Status::Succeeded) else { return Ok(()) };
    lock(work, payment_id).await?;
    let lines = receipts::settlement_lines(&receipt.lines, &queries::refunded_parts(work.db(), payment_id).await?);
    if lines.is_empty() || queries::settlement_of(work.db(), payment_id).await?.is_some() {
        return Ok(());
    }
    let row = settlement_receipt::ActiveModel {
        id: NotSet,
        payment_id: Set(payment_id),
        idempotence_key: Set(work.ctx().random().uuid(work.now()).to_string()),
        provider_receipt_id: Set(None),
        status: Set(ReceiptStatus::Pending),
        reason: Set(None),
        amount: Set(lines.iter().map(|line| line.amount).sum()),
        receipt_lines: Set(serde_json::to_string(&lines)?),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
    };
    let receipt_id = SettlementReceipt::insert(row).exec(work.db()).await?.last_insert_id;
    work.enqueue(&SendReceipt { receipt_id }).await
}

/// Выдаёт записанный чек. Повтор безвреден: ключ тот же, итог записывается один раз.
pub(crate) async fn send_receipt(ctx: &Ctx, receipt_id: i64) -> Result<()> {
    let Some((receipt, payment)) = queries::settlement_with_payment(ctx.db_fresh(), receipt_id).await? else {
        return Ok(());
    };
    if receipt.status != ReceiptStatus::Pending {
        return Ok(());
    }
    let provider = providers::find(&payment.provider).ok_or_else(|| errors::unknown_provider(&payment.provider))?;
    let answer = match &receipt.provider_receipt_id {
        Some(id) => provider.settlement_status(ctx, id).await,
        None => provider.settle(ctx, &request_of(&receipt, &payment)?).await,
    };
    let actor = Actor::System("payments");
    match answer {
        Ok(seen) => ctx.atomic(&actor, async move |work: &mut Work| keep(work, &receipt, &payment, &seen).await).await,
        Err(ProviderError::Refused { code, message }) => {
            tracing::error!(receipt.id = receipt_id, code, message, "provider refused the receipt");
            let why = format!("{code}: {message}");
            ctx.atomic(&actor, async move |work: &mut Work| give_up(work, &receipt, &payment, &why).await).await
        }
        Err(unknown) => Err(unknown.into()),
    }
}

fn request_of(receipt: &settlement_receipt::Model, payment: &payment::Model) -> Result<SettlementRequest> {
    Ok(SettlementRequest {
        idempotence_key: receipt.idempotence_key.clone(),
        provider_payment_id: payment.provider_payment_id.clone().unwrap_or_default(),
        currency: payment.currency.clone(),
        receipt: payment.receipt_of(serde_json::from_str(&receipt.receipt_lines)?),
    })
}

async fn keep(
    work: &mut Work,
    receipt: &settlement_receipt::Model,
    payment: &payment::Model,
    seen: &RemoteOperation,
) -> Result<()> {
    SettlementReceipt::update_many()
        .col_expr(settlement_receipt::Column::ProviderReceiptId, Expr::value(clip(&seen.id, 100)))
        .filter(settlement_receipt::Column::Id.eq(receipt.id))
        .filter(settlement_receipt::Column::ProviderReceiptId.is_null())
        .exec(work.db())
        .await?;
    match &seen.status {
        OperationStatus::Pending => {
            let again = NewJob::of(&SendReceipt { receipt_id: receipt.id })?;
            work.enqueue_new(again.at(work.now() + TimeDelta::minutes(POLL_MINUTES))).await
        }
        OperationStatus::Succeeded => close(work, receipt, ReceiptStatus::Succeeded, None).await.map(|_| ()),
        OperationStatus::Cancelled(reason) => give_up(work, receipt, payment, reason).await,
    }
}

/// `true` — этот вызов и перевёл чек в конечное состояние.
async fn close(
    work: &Work,
    receipt: &settlement_receipt::Model,
    to: ReceiptStatus,
    reason: Option<&str>,
) -> Result<bool> {
    let closed = SettlementReceipt::update_many()
        .col_expr(settlement_receipt::Column::Status, Expr::value(to))
        .col_expr(settlement_receipt::Column::Reason, Expr::value(reason.map(|text| clip(text, 500))))
        .col_expr(settlement_receipt::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(settlement_receipt::Column::Id.eq(receipt.id))
        .filter(settlement_receipt::Column::Status.eq(ReceiptStatus::Pending))
        .exec(work.db())
        .await?;
    Ok(closed.rows_affected == 1)
}

/// Чек не вышел: он обязан быть, поэтому зовём человека.
async fn give_up(
    work: &mut Work,
    receipt: &settlement_receipt::Model,
    payment: &payment::Model,
    reason: &str,
) -> Result<()> {
    match close(work, receipt, ReceiptStatus::Failed, Some(reason)).await? {
        true => call_a_person(work, payment, "receipt_failed", receipt.amount).await,
        false => Ok(()),
    }
}

/// Стирает адреса покупателя, куда слали чеки: строки чеков остаются, это книги.
pub async fn forget_customers(work: &Work, subjects: &[Subject]) -> Result<()> {
    for subject in subjects {
        Payment::update_many()
            .col_expr(payment::Column::CustomerEmail, Expr::value(Option::<String>::None))
            .col_expr(payment::Column::CustomerPhone, Expr::value(Option::<String>::None))
            .filter(payment::Column::SubjectKind.eq(subject.kind.as_str()))
            .filter(payment::Column::SubjectId.eq(subject.id.as_str()))
            .exec(work.db())
            .await?;
    }
    Ok(())
}
