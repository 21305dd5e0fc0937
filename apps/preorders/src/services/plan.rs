//! Волны по форме товара: сотрудник пишет «волн — 3, мест — 20», каталог передаёт это сюда в той же транзакции.

use std::collections::BTreeSet;

use catalog::services::waves::{WavePlan, WavePlanner, lock_products};
use kernel::{Result, Work};
use sea_orm::NotSet;
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::settle::{Cause, settle};
use super::waves::remove;
use crate::models::*;
use crate::{errors, queries};

/// Волн у одного товара.
pub const MAX_WAVES: i64 = 1000;

pub(crate) fn planner() -> WavePlanner {
    WavePlanner(|work, plan| Box::pin(apply(work, plan)))
}

/// Недостающие волны добавляются, лишние последние удаляются, если места в них никому не доставались. Пока вместимость не названа, волн нет.
async fn apply(work: &mut Work, plan: WavePlan) -> Result<()> {
    if plan.total > MAX_WAVES {
        return Err(errors::too_many_waves(MAX_WAVES));
    }
    let locked = lock_products(work, &BTreeSet::from([plan.product_id])).await?;
    let waves = queries::waves_of(work.db(), plan.product_id).await?;
    if plan.resize && plan.capacity > 0 {
        resize(work, &waves, plan.capacity).await?;
    }
    let last = waves.last().map_or(0, |wave| i64::from(wave.wave_number));
    if plan.total > last && plan.capacity > 0 {
        let rows = (last + 1..=plan.total).map(|number| blank(work, plan.product_id, number as i32, plan.capacity));
        kernel::data::insert_all(work.db(), rows.collect()).await?;
    }
    for wave in waves.iter().rev().take_while(|wave| i64::from(wave.wave_number) > plan.total) {
        remove(work, wave).await?;
    }
    for product in locked {
        settle(work, product, Cause::Freed).await?;
    }
    Ok(())
}

/// Новая пустая волна.
pub(super) fn blank(work: &Work, product_id: i64, number: i32, capacity: i64) -> wave::ActiveModel {
    wave::ActiveModel {
        id: NotSet,
        product_id: Set(product_id),
        wave_number: Set(number),
        capacity: Set(capacity),
        current_count: Set(0),
        status: Set(Status::Collecting),
        status_message: Set(String::new()),
        is_completed: Set(false),
        price: Set(None),
        deposit_percent: Set(None),
        min_count: Set(None),
        closes_at: Set(None),
        closed_at: Set(None),
        ships_at: Set(None),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
        completed_at: Set(None),
    }
}

/// Меняет вместимость волн, которые ещё набираются и не полны: полная уже закрыта и не открывается сама собой.
async fn resize(work: &Work, waves: &[wave::Model], capacity: i64) -> Result<()> {
    for wave in waves.iter().filter(|wave| wave.is_open(work.timestamp())) {
        set_capacity(work, wave, capacity).await?;
    }
    Ok(())
}

/// Меньше занятого и меньше «шьём от» не сделать.
pub(super) async fn set_capacity(work: &Work, wave: &wave::Model, capacity: i64) -> Result<()> {
    if wave.min_count.is_some_and(|min| min > capacity) {
        return Err(errors::minimum_too_big());
    }
    let resized = Wave::update_many()
        .col_expr(wave::Column::Capacity, Expr::value(capacity))
        .col_expr(wave::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(wave::Column::Id.eq(wave.id))
        .filter(wave::Column::CurrentCount.lte(capacity))
        .exec(work.db())
        .await?;
    if resized.rows_affected == 1 { Ok(()) } else { Err(errors::capacity_below_count(wave.current_count)) }
}
