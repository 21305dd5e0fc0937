//! Списать удержанное (двухстадийная оплата).

use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::states::record;
use crate::errors;
use crate::jobs::CheckPayment;
use crate::models::{Kind, Payment, Status, payment};

/// Записывает намерение списать; спишет задача. Повтор ничего не меняет.
pub async fn capture(work: &mut Work, payment_id: i64) -> Result<()> {
    let asked = Payment::update_many()
        .col_expr(payment::Column::CaptureRequestedAt, Expr::value(work.timestamp()))
        .filter(payment::Column::Id.eq(payment_id))
        .filter(payment::Column::Status.eq(Status::WaitingForCapture))
        .filter(payment::Column::CaptureRequestedAt.is_null())
        .exec(work.db())
        .await?;
    if asked.rows_affected == 1 {
        record(work, payment_id, Kind::CaptureRequested, None, "").await?;
        return work.enqueue(&CheckPayment { payment_id }).await;
    }
    let known = Payment::find_by_id(payment_id).one(work.db()).await?;
    let is_asked = known.is_some_and(|row| row.capture_requested_at.is_some() && row.status != Status::Cancelled);
    if is_asked { Ok(()) } else { Err(errors::nothing_to_capture()) }
}
