//! Волны рукой сотрудника: завести, поправить, удалить.

use std::collections::BTreeSet;

use catalog::errors::PRODUCT_NOT_FOUND;
use catalog::services::waves::{LockedProduct, lock_products};
use kernel::{OnUnique, OrNotFound, Result, Work};
use sea_orm::Set;
use sea_orm::entity::prelude::*;

use super::plan::{MAX_WAVES, blank, set_capacity};
use super::settle::{Cause, settle};
use crate::models::*;
use crate::schemas::{WaveIn, WavePatch};
use crate::{errors, queries};

/// Заводит волну со следующим номером; полный товар с ней снова становится предзаказом.
pub async fn create_wave(work: &mut Work, input: &WaveIn) -> Result<wave::Model> {
    let product = lock(work, input.product_id).await?;
    let last = queries::waves_of(work.db(), product.id).await?.last().map_or(0, |wave| wave.wave_number);
    if i64::from(last) >= MAX_WAVES {
        return Err(errors::too_many_waves(MAX_WAVES));
    }
    if input.min_count.is_some_and(|min| min > input.capacity) {
        return Err(errors::minimum_too_big());
    }
    let row = wave::ActiveModel {
        price: Set(input.price),
        deposit_percent: Set(input.deposit_percent),
        min_count: Set(input.min_count),
        closes_at: Set(input.closes_at.map(|at| at.naive_utc())),
        ships_at: Set(input.ships_at.map(|at| at.naive_utc())),
        ..blank(work, product.id, last + 1, input.capacity)
    };
    let wave = row.insert(work.db()).await.on_unique(errors::busy)?;
    settle(work, product, Cause::Freed).await?;
    read(work, wave.id).await
}

/// Меняет присланное. Цена и задаток касаются только следующих покупателей: у купивших условия записаны в заказе.
pub async fn update_wave(work: &mut Work, wave_id: i64, patch: &WavePatch) -> Result<wave::Model> {
    let wave = read(work, wave_id).await?;
    let product = lock(work, wave.product_id).await?;
    let wave = read(work, wave.id).await?;
    if let Some(capacity) = patch.capacity {
        set_capacity(work, &wave, capacity).await?;
    }
    let capacity = patch.capacity.unwrap_or(wave.capacity);
    if patch.min_count.flatten().is_some_and(|min| min > capacity) {
        return Err(errors::minimum_too_big());
    }
    let mut row = wave::ActiveModel { updated_at: Set(work.timestamp()), ..Default::default() };
    row.id = sea_orm::Unchanged(wave.id);
    if let Some(price) = patch.price {
        row.price = Set(price);
    }
    if let Some(percent) = patch.deposit_percent {
        row.deposit_percent = Set(percent);
    }
    if let Some(min_count) = patch.min_count {
        row.min_count = Set(min_count);
    }
    if let Some(at) = patch.closes_at {
        // Новый срок отрабатывается заново.
        (row.closes_at, row.closed_at) = (Set(at.map(|at| at.naive_utc())), Set(None));
    }
    if let Some(at) = patch.ships_at {
        row.ships_at = Set(at.map(|at| at.naive_utc()));
    }
    row.update(work.db()).await?;
    settle(work, product, Cause::Freed).await?;
    read(work, wave.id).await
}

/// Удаляет волну, места в которой никому не доставались.
pub async fn delete_wave(work: &mut Work, wave_id: i64) -> Result<()> {
    let wave = read(work, wave_id).await?;
    let product = lock(work, wave.product_id).await?;
    remove(work, &wave).await?;
    settle(work, product, Cause::Freed).await
}

/// Строка волны; товар заперт.
pub(super) async fn remove(work: &Work, wave: &wave::Model) -> Result<()> {
    if queries::has_history(work.db(), wave.id).await? {
        return Err(errors::wave_has_buyers(wave.wave_number));
    }
    Wave::delete_by_id(wave.id).exec(work.db()).await?;
    Ok(())
}

pub(super) async fn read(work: &Work, wave_id: i64) -> Result<wave::Model> {
    queries::wave_by_id(work.db(), wave_id).await?.or_not_found(errors::WAVE_NOT_FOUND)
}

pub(super) async fn lock(work: &Work, product_id: i64) -> Result<LockedProduct> {
    lock_products(work, &BTreeSet::from([product_id])).await?.pop().or_not_found(PRODUCT_NOT_FOUND)
}
