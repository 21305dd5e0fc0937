//! Проверки `megashop doctor --money`: пересчитать и назвать первую неверную волну.

use std::collections::HashMap;

use catalog::models::product;
use kernel::data::sum_i64;
use kernel::{Ctx, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder, QuerySelect};

use crate::calculations::view;
use crate::models::*;

/// Волн или товаров за один запрос.
const BATCH: u64 = 500;

/// Занятые места волны — сумма строк, которые их держат.
pub async fn seats(ctx: &Ctx) -> Result<Vec<String>> {
    let mut after = 0;
    loop {
        let waves = Wave::find()
            .filter(wave::Column::Id.gt(after))
            .order_by_asc(wave::Column::Id)
            .limit(BATCH)
            .all(ctx.db_fresh())
            .await?;
        let Some(last) = waves.last() else { return Ok(Vec::new()) };
        after = last.id;
        let claimed = claimed_in(ctx, waves.iter().map(|wave| wave.id).collect()).await?;
        let sum = |wave: &wave::Model| claimed.get(&wave.id).copied().unwrap_or_default();
        if let Some(wrong) = waves.iter().find(|wave| sum(wave) != wave.current_count) {
            return Ok(vec![format!(
                "wave {} (product {}, number {}): current_count {} but {} seats are claimed",
                wrong.id,
                wrong.product_id,
                wrong.wave_number,
                wrong.current_count,
                sum(wrong)
            )]);
        }
    }
}

async fn claimed_in(ctx: &Ctx, waves: Vec<i64>) -> Result<HashMap<i64, i64>> {
    let sums: Vec<(i64, i64)> = Seat::find()
        .select_only()
        .column(seat::Column::WaveId)
        .column_as(sum_i64(ctx.db_handle().engine, Expr::col(seat::Column::Quantity)), "claimed")
        .filter(seat::Column::WaveId.is_in(waves))
        .filter(seat::Column::State.eq(SeatState::Claimed))
        .group_by(seat::Column::WaveId)
        .into_tuple()
        .all(ctx.db_fresh())
        .await?;
    Ok(sums.into_iter().collect())
}

/// Карточка товара показывает свои волны.
pub async fn cards(ctx: &Ctx) -> Result<Vec<String>> {
    let mut after = 0;
    loop {
        let ids: Vec<i64> = Wave::find()
            .select_only()
            .column(wave::Column::ProductId)
            .distinct()
            .filter(wave::Column::ProductId.gt(after))
            .order_by_asc(wave::Column::ProductId)
            .limit(BATCH)
            .into_tuple()
            .all(ctx.db_fresh())
            .await?;
        let Some(last) = ids.last() else { return Ok(Vec::new()) };
        after = *last;
        let products = product::Entity::find().filter(product::Column::Id.is_in(ids.iter().copied()));
        let waves = Wave::find().filter(wave::Column::ProductId.is_in(ids.iter().copied()));
        let waves = waves.order_by_asc(wave::Column::WaveNumber).all(ctx.db_fresh()).await?;
        for product in products.order_by_asc(product::Column::Id).all(ctx.db_fresh()).await? {
            let own: Vec<wave::Model> = waves.iter().filter(|wave| wave.product_id == product.id).cloned().collect();
            if !shows(&product, &own, ctx) {
                return Ok(vec![format!("product {} ({}) does not show its waves", product.id, product.article)]);
            }
        }
    }
}

/// Волну, чей срок вышел в эту минуту, задача закроет на следующей: до тех пор карточка вправе показывать прежнее.
fn shows(product: &product::Model, waves: &[wave::Model], ctx: &Ctx) -> bool {
    let now = ctx.now().naive_utc();
    if waves.iter().any(|wave| wave.closes_at.is_some_and(|at| at <= now) && wave.closed_at.is_none()) {
        return true;
    }
    let view = view(waves, product.order_type, now);
    product.order_type == view.order_type
        && product.preorder_waves_total == view.total
        && product.preorder_wave_capacity == view.capacity
        && product.current_wave == view.current_wave
        && product.current_wave_count == view.current_count
}
