//! Сверка: перечитать платежи, о которых давно не слышно. Так находятся потерянные уведомления.

use chrono::TimeDelta;
use kernel::{NewJob, Result, Timestamp, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{QueryOrder, QuerySelect};

use super::cancel::cancel_open;
use crate::jobs::CheckPayment;
use crate::models::{Payment, Status, payment};

/// Сколько платежей за одну транзакцию.
const BATCH: u64 = 100;
/// Первые сутки — не реже, минут: потерянное уведомление находится не позже чем через четверть часа.
const MOST_MINUTES: i64 = 10;
/// Потом — раз в час: так ждут наличных через терминал и долгих отмен.
const OLD_MINUTES: i64 = 60;

/// Ставит перечитывание тем, чей час настал, и назначает следующий. Возвращает, сколько их было.
pub async fn schedule_checks(work: &mut Work) -> Result<u64> {
    let due = Payment::find()
        .filter(payment::Column::NextCheckAt.lte(work.timestamp()))
        .order_by_asc(payment::Column::Id)
        .limit(BATCH)
        .all(work.db())
        .await?;
    let count = due.len() as u64;
    for payment in due {
        schedule(work, &payment).await?;
    }
    Ok(count)
}

async fn schedule(work: &mut Work, payment: &payment::Model) -> Result<()> {
    let next = (work.now() + pause(payment, work.timestamp())).naive_utc();
    let moved = Payment::update_many()
        .col_expr(payment::Column::NextCheckAt, Expr::value(next))
        .col_expr(payment::Column::Checks, Expr::col(payment::Column::Checks).add(1))
        .filter(payment::Column::Id.eq(payment.id))
        .filter(payment::Column::NextCheckAt.eq(payment.next_check_at))
        .exec(work.db())
        .await?;
    if moved.rows_affected == 0 {
        return Ok(());
    }
    // Провайдер так и не узнал о платеже за всё его время: платить уже нечем.
    let is_late = payment.expires_at.is_some_and(|at| at <= work.timestamp());
    if is_late && payment.status == Status::Pending && payment.provider_payment_id.is_none() {
        cancel_open(work, payment, "expired").await?;
    }
    let check = NewJob::of(&CheckPayment { payment_id: payment.id })?.once(format!("payments.check:{}", payment.id));
    work.enqueue_new(check).await
}

/// 1, 2, 4, 8, 10, 10… минут; через сутки — раз в час.
fn pause(payment: &payment::Model, now: Timestamp) -> TimeDelta {
    if now - payment.created_at > TimeDelta::days(1) {
        return TimeDelta::minutes(OLD_MINUTES);
    }
    let doubled = 1i64 << payment.checks.clamp(0, 6);
    TimeDelta::minutes(doubled.clamp(1, MOST_MINUTES))
}
