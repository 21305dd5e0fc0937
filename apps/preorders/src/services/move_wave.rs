//! Перевести волну в другое состояние. Заказам и покупателям расскажет тот, кто услышит новость: волна о них не знает.

use std::collections::BTreeSet;

use catalog::errors::PRODUCT_NOT_FOUND;
use catalog::models::product::OrderType;
use catalog::services::waves::lock_products;
use kernel::{Error, Result, Timestamp, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::offers::withdraw_offers;
use super::settle::{Cause, settle};
use super::waves::{lock, read};
use crate::events::WaveMoved;
use crate::models::*;
use crate::{errors, queries};

/// Переводит; незаконный переход и производство меньше «шьём от» — отказ. Отменить занятую волну — вернуть деньги всем её покупателям: без
/// согласия `refund` — отказ.
pub async fn move_wave(work: &mut Work, wave_id: i64, to: Status, message: &str, refund: bool) -> Result<wave::Model> {
    let wave = read(work, wave_id).await?;
    let product = lock(work, wave.product_id).await?;
    let wave = read(work, wave_id).await?;
    if !wave.status.can_become(to) {
        return Err(errors::illegal_transition(wave.status, to));
    }
    if wave.status == Status::Collecting {
        withdraw_offers(work, &wave).await?;
    }
    if to == Status::Cancelled && !refund {
        require_empty(work, wave_id).await?;
    }
    if to == Status::Production {
        require_minimum(work, wave_id).await?;
    }
    change_status(work, &wave, to, message).await?;
    let moved = WaveMoved {
        wave_id,
        product_id: wave.product_id,
        wave_number: wave.wave_number,
        from: wave.status,
        to,
        message: message.to_owned(),
    };
    work.emit(&moved).await?;
    settle(work, product, Cause::Freed).await?;
    read(work, wave_id).await
}

async fn require_empty(work: &Work, wave_id: i64) -> Result<()> {
    let wave = read(work, wave_id).await?;
    if wave.current_count == 0 { Ok(()) } else { Err(errors::is_taken(wave.current_count)) }
}

async fn require_minimum(work: &Work, wave_id: i64) -> Result<()> {
    let wave = read(work, wave_id).await?;
    match wave.min_count.filter(|min| wave.current_count < *min) {
        Some(min) => Err(errors::below_minimum(wave.current_count, min)),
        None => Ok(()),
    }
}

async fn change_status(work: &Work, wave: &wave::Model, to: Status, message: &str) -> Result<()> {
    let done = to == Status::Completed;
    let moved = Wave::update_many()
        .col_expr(wave::Column::Status, Expr::value(to))
        .col_expr(wave::Column::StatusMessage, Expr::value(message))
        .col_expr(wave::Column::IsCompleted, Expr::value(done))
        .col_expr(wave::Column::CompletedAt, Expr::value(done.then(|| work.timestamp())))
        .col_expr(wave::Column::UpdatedAt, Expr::value::<Timestamp>(work.timestamp()))
        .filter(wave::Column::Id.eq(wave.id))
        .filter(wave::Column::Status.eq(wave.status))
        .exec(work.db())
        .await?;
    if moved.rows_affected == 1 { Ok(()) } else { Err(errors::busy()) }
}

/// То же у нескольких товаров разом, всё или ничего: у каждого — первая волна, которую туда можно перевести. Отдаёт число волн.
pub async fn move_products(work: &mut Work, products: &BTreeSet<i64>, to: Status) -> Result<u64> {
    let locked = lock_products(work, products).await?;
    if locked.len() != products.len() {
        return Err(Error::not_found(PRODUCT_NOT_FOUND));
    }
    if locked.iter().any(|product| product.order_type == OrderType::Order) {
        return Err(errors::not_preorder());
    }
    let mut moved = 0;
    for product in locked {
        let waves = queries::waves_of(work.db(), product.id).await?;
        let next = waves.iter().find(|wave| wave.status.can_become(to)).ok_or_else(|| errors::nothing_to_move(to))?;
        move_wave(work, next.id, to, "", false).await?;
        moved += 1;
    }
    Ok(moved)
}
