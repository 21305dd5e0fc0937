//! Срок набора вышел: волна закрывается, а пустая и не набравшая своего — отменяется. Не набравшая, но с покупателями, ждёт решения сотрудника:
//! в производство она не пойдёт, а отменить её можно, отменив заказы.

use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::move_wave::move_wave;
use super::settle::{Cause, settle};
use super::waves::{lock, read};
use crate::models::*;

/// `false` — срок успели перенести или волну перевели.
pub async fn close_wave(work: &mut Work, wave_id: i64) -> Result<bool> {
    let wave = read(work, wave_id).await?;
    let product = lock(work, wave.product_id).await?;
    let closed = Wave::update_many()
        .col_expr(wave::Column::ClosedAt, Expr::value(work.timestamp()))
        .filter(wave::Column::Id.eq(wave_id))
        .filter(wave::Column::Status.eq(Status::Collecting))
        .filter(wave::Column::ClosesAt.lte(work.timestamp()))
        .filter(wave::Column::ClosedAt.is_null())
        .exec(work.db())
        .await?;
    if closed.rows_affected == 0 {
        return Ok(false);
    }
    let wave = read(work, wave_id).await?;
    let words = work.ctx().texts().get(kernel::Lang::Ru, "preorders.below_minimum_message", &serde_json::json!({}));
    match wave.min_count.is_some() && wave.current_count == 0 {
        true => move_wave(work, wave_id, Status::Cancelled, &words).await.map(|_| true),
        false => settle(work, product, Cause::Freed).await.map(|()| true),
    }
}
