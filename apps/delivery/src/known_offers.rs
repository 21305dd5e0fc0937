//! Способы доставки в памяти: правила меняют раз в месяц, а спрашивает их каждый заказ.
//!
//! Свои перемены видны сразу (версия темы `delivery` — часть ключа), сделанные другим процессом — не позже `cache.ttl_ms`.

use std::sync::Arc;
use std::time::Duration;

use kernel::{Ctx, Result};
use moka::future::Cache;
use sea_orm::ConnectionTrait;

use crate::queries::{self, Offer};

/// Тема кэша; её сбрасывает всякая правка способов и цен.
pub const TOPIC: &str = "delivery";

/// Разных адресов в памяти.
const CAPACITY: u64 = 1000;

/// Одна на программу.
struct KnownOffers(Cache<(u64, Vec<String>), Arc<Vec<Offer>>>);

/// Действующие способы с ценами этих городов.
pub async fn offers(ctx: &Ctx, db: &impl ConnectionTrait, cities: &[String]) -> Result<Arc<Vec<Offer>>> {
    let settings = &ctx.settings().kernel.cache;
    if !settings.enabled {
        return Ok(Arc::new(queries::offers(db, cities).await?));
    }
    let known = known(ctx, settings.ttl_ms);
    // Версия читается до запроса: прочитанное до чужой фиксации останется под старой.
    let key = (ctx.cache().version_of(TOPIC), cities.to_vec());
    if let Some(found) = known.0.get(&key).await {
        return Ok(found);
    }
    let read = Arc::new(queries::offers(db, cities).await?);
    known.0.insert(key, read.clone()).await;
    Ok(read)
}

fn known(ctx: &Ctx, ttl_ms: u64) -> Arc<KnownOffers> {
    let cache = || Cache::builder().max_capacity(CAPACITY).time_to_live(Duration::from_millis(ttl_ms)).build();
    ctx.service_or(|| KnownOffers(cache()))
}
