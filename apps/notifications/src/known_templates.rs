//! Изменённые тексты в памяти: письма ставит каждый заказ, а правят их раз в год.
//!
//! Своя правка видна сразу (версия темы — часть ключа), сделанная другим процессом — не позже `cache.ttl_ms`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kernel::{Ctx, Lang, Result};
use moka::future::Cache;
use sea_orm::entity::prelude::*;

use crate::models::template::{Column, Entity as Template, Model};

/// Тема кэша; её сбрасывает всякая правка.
pub const TOPIC: &str = "notifications.templates";

type Changed = Arc<HashMap<(String, String), Model>>;

/// Один на программу.
struct KnownTemplates(Cache<u64, Changed>);

/// Изменённый текст этого письма; нет такого — вшитый.
pub async fn changed(ctx: &Ctx, db: &impl ConnectionTrait, template: &str, lang: Lang) -> Result<Option<Model>> {
    let key = (template.to_owned(), lang.code().to_owned());
    Ok(all(ctx, db).await?.get(&key).cloned())
}

async fn all(ctx: &Ctx, db: &impl ConnectionTrait) -> Result<Changed> {
    let settings = &ctx.settings().kernel.cache;
    if !settings.enabled {
        return read(db).await;
    }
    let cache = || Cache::builder().max_capacity(1).time_to_live(Duration::from_millis(settings.ttl_ms)).build();
    let known = ctx.service_or(|| KnownTemplates(cache()));
    // Версия читается до запроса: прочитанное до чужой фиксации останется под старой.
    let version = ctx.cache().version_of(TOPIC);
    if let Some(found) = known.0.get(&version).await {
        return Ok(found);
    }
    let found = read(db).await?;
    known.0.insert(version, found.clone()).await;
    Ok(found)
}

async fn read(db: &impl ConnectionTrait) -> Result<Changed> {
    let rows = Template::find().filter(Column::IsChanged.eq(true)).all(db).await?;
    Ok(Arc::new(rows.into_iter().map(|row| ((row.template.clone(), row.lang.clone()), row)).collect()))
}
