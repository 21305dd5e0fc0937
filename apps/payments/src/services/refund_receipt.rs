//! Чек возврата: деньги уже ушли, а он ещё регистрируется или не вышел. Чек обязан быть, поэтому за ним следят, как за чеком платежа.

use kernel::{Actor, Ctx, NewJob, Result, Work};

use super::apply::{call_a_person, receipt_is_late, receipt_poll};
use crate::jobs::CheckRefundReceipt;
use crate::models::{payment, refund};
use crate::providers::{self, OperationStatus, ProviderError, RemoteOperation};
use crate::{errors, queries};

pub(super) async fn watch_refund_receipt(
    work: &mut Work,
    refund: &refund::Model,
    payment: &payment::Model,
    seen: &RemoteOperation,
) -> Result<()> {
    match &seen.receipt {
        None | Some(OperationStatus::Succeeded) => Ok(()),
        Some(OperationStatus::Pending) if !receipt_is_late(work, refund.created_at) => {
            let again = NewJob::of(&CheckRefundReceipt { refund_id: refund.id })?;
            work.enqueue_new(again.at(work.now() + receipt_poll())).await
        }
        Some(_) => call_a_person(work, payment, "receipt_failed", refund.amount).await,
    }
}

/// Спрашивает о чеке ещё раз. Умри процесс сразу после, о том же скажут дважды: это лучше, чем ни разу.
pub(crate) async fn check_refund_receipt(ctx: &Ctx, refund_id: i64) -> Result<()> {
    let Some((refund, payment)) = queries::refund_with_payment(ctx.db_fresh(), refund_id).await? else { return Ok(()) };
    let Some(id) = refund.provider_refund_id.clone() else { return Ok(()) };
    let provider = providers::find(&payment.provider).ok_or_else(|| errors::unknown_provider(&payment.provider))?;
    let seen = match provider.refund_status(ctx, &id).await {
        // Возврата там больше не показывают: о чеке не узнать, решает человек.
        Err(ProviderError::Refused { code, .. }) => {
            RemoteOperation { receipt: Some(OperationStatus::Cancelled(code)), ..RemoteOperation::done(id) }
        }
        answer => answer?,
    };
    let look = async move |work: &mut Work| watch_refund_receipt(work, &refund, &payment, &seen).await;
    ctx.atomic(&Actor::System("payments"), look).await
}
