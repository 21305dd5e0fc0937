//! Условия кодов в памяти: меняют их редко, а спрашивает каждая проверка и каждый заказ.
//!
//! Своя перемена видна сразу (версия темы — часть ключа), сделанная другим процессом — не позже `cache.ttl_ms`. Заказ и её не пропустит:
//! притязание сверяет версию условий ([`crate::services::claim`]).

use std::sync::Arc;
use std::time::Duration;

use kernel::{Ctx, Result};
use moka::future::Cache;
use sea_orm::ConnectionTrait;

use crate::models::promo_code::{self, key_of};
use crate::queries;
use crate::scope::Scope;

/// Тема кэша; её сбрасывает всякая правка кодов.
pub const TOPIC: &str = "promos";

/// Кодов в памяти.
const CAPACITY: u64 = 10_000;

/// Условия кода. `current_uses` строки — каким его прочли: о пределах спрашивают базу.
pub struct Terms {
    pub promo: promo_code::Model,
    pub scope: Scope,
}

/// Одна на программу. Ключ — версии кодов и каталога (охват бывает разделами) и сам код.
struct KnownTerms(Cache<(u64, u64, String), Arc<Terms>>);

/// Условия кода, как бы его ни написали; незнакомые не запоминаются.
pub async fn terms(ctx: &Ctx, db: &impl ConnectionTrait, code: &str) -> Result<Option<Arc<Terms>>> {
    let settings = &ctx.settings().kernel.cache;
    if !settings.enabled {
        return read(db, code).await;
    }
    let known = known(ctx, settings.ttl_ms);
    // Версии читаются до запроса: прочитанное до чужой фиксации останется под старыми.
    let cache = ctx.cache();
    let key = (cache.version_of(TOPIC), cache.version_of("catalog"), key_of(code));
    if let Some(found) = known.0.get(&key).await {
        return Ok(Some(found));
    }
    let found = read(db, code).await?;
    if let Some(terms) = &found {
        known.0.insert(key, terms.clone()).await;
    }
    Ok(found)
}

async fn read(db: &impl ConnectionTrait, code: &str) -> Result<Option<Arc<Terms>>> {
    let Some(promo) = queries::by_code(db, code).await? else { return Ok(None) };
    let scope = Scope::of(db, &promo).await?;
    Ok(Some(Arc::new(Terms { promo, scope })))
}

fn known(ctx: &Ctx, ttl_ms: u64) -> Arc<KnownTerms> {
    let cache = || Cache::builder().max_capacity(CAPACITY).time_to_live(Duration::from_millis(ttl_ms)).build();
    ctx.service_or(|| KnownTerms(cache()))
}
