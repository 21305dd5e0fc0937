//! Срок набора вышел: волна закрывается, а пустая и не набравшая своего — отменяется. Не набравшая, но с покупателями, отменяется с возвратом
//! денег или, если так велит настройка, ждёт решения сотрудника: в производство она не пойдёт.

use kernel::{Lang, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use serde_json::json;

use super::move_wave::move_wave;
use super::settle::{Cause, settle, tell_staff};
use super::waves::{lock, read};
use crate::events::BelowMinimum;
use crate::models::*;
use crate::settings::PreorderSettings;

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
    if wave.min_count.is_none_or(|min| wave.current_count >= min) {
        return settle(work, product, Cause::Freed).await.map(|()| true);
    }
    let is_refunded = work.ctx().section::<PreorderSettings>().refund_below_minimum;
    announce_below_minimum(work, &wave, is_refunded).await?;
    if wave.current_count > 0 && !is_refunded {
        return settle(work, product, Cause::Freed).await.map(|()| true);
    }
    let words = work.ctx().texts().get(Lang::Ru, "preorders.below_minimum_message", &json!({}));
    move_wave(work, wave_id, Status::Cancelled, &words, is_refunded).await.map(|_| true)
}

async fn announce_below_minimum(work: &mut Work, wave: &wave::Model, is_refunded: bool) -> Result<()> {
    let below = BelowMinimum { wave_id: wave.id, product_id: wave.product_id, current_count: wave.current_count };
    work.emit(&below).await?;
    let data = json!({
        "wave": wave.wave_number,
        "count": wave.current_count,
        "minimum": wave.min_count,
        "refunded": is_refunded,
    });
    tell_staff(work, wave.product_id, "below_minimum", data).await
}
