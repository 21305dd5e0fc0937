//! `product_id` и `size` контракта → вариант. У товара без размеров размер не спрашивают и присланный не проверяют.
//! Неактивный товар находится: отказывает тот, кто продаёт.

use std::sync::Arc;
use std::time::Duration;

use kernel::cache::Watch;
use kernel::{Ctx, Error, Result};
use moka::future::Cache;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder};

use super::sellable::{Row, Sellable, select_rows, to_sellable};
use crate::errors;
use crate::models::variant;
use crate::normalize;

/// Что назвал покупатель.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub product_id: i64,
    pub size: Option<String>,
}

/// Вариант для каждой строки, в порядке строк. Один запрос, сколько бы строк ни было; отказ называет строку.
pub async fn sellable_for(db: &impl ConnectionTrait, wanted: &[Wanted]) -> Result<Vec<Sellable>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let ids = wanted.iter().map(|line| line.product_id);
    let rows = select_rows().filter(variant::Column::ProductId.is_in(ids)).into_model::<Row>().all(db).await?;
    let mut chosen = Vec::with_capacity(wanted.len());
    for (index, line) in wanted.iter().enumerate() {
        let of_product = rows.iter().filter(|row| row.product_id == line.product_id);
        let pick =
            pick(of_product, |row| (&row.variant_key, row.size.as_deref(), row.variant_active), line.size.as_deref());
        chosen.push(pick.map_err(|refusal| refusal.field(&format!("items[{index}]"), "bad_value"))?.clone());
    }
    Ok(chosen.into_iter().map(to_sellable).collect())
}

/// Одна строка для корзины: товар из памяти. Своя перемена видна сразу, сделанная другим процессом — не позже `cache.ttl_ms`; за остатком и
/// ценой при оформлении следит база.
pub async fn known_sellable(ctx: &Ctx, db: &impl ConnectionTrait, wanted: &Wanted) -> Result<Sellable> {
    let rows = known_rows(ctx, db, wanted.product_id).await?;
    let size = wanted.size.as_deref();
    pick(rows.iter(), |row| (&row.variant_key, row.size.as_deref(), row.variant_active), size)
        .map(|row| to_sellable(row.clone()))
        .map_err(|refusal| refusal.field("items[0]", "bad_value"))
}

/// Недавно спрошенные товары; одна на программу.
struct KnownRows(Cache<(u64, i64), Known>);

#[derive(Clone)]
struct Known {
    watch: Watch,
    rows: Arc<Vec<Row>>,
}

/// Товаров в памяти.
const CAPACITY: u64 = 10_000;

async fn known_rows(ctx: &Ctx, db: &impl ConnectionTrait, product_id: i64) -> Result<Arc<Vec<Row>>> {
    let settings = &ctx.settings().kernel.cache;
    let select = || select_rows().filter(variant::Column::ProductId.eq(product_id)).into_model::<Row>();
    if !settings.enabled {
        return Ok(Arc::new(select().all(db).await?));
    }
    let known = known(ctx, settings.ttl_ms);
    // Версия и отметки читаются до товара: прочитанное до чужой фиксации останется под старыми.
    let key = (ctx.cache().version_of("catalog"), product_id);
    let watch = ctx.cache().watch(&[product_id]);
    if let Some(found) = known.0.get(&key).await.filter(|found| found.watch.is_current()) {
        return Ok(found.rows);
    }
    let rows = Arc::new(select().all(db).await?);
    known.0.insert(key, Known { watch, rows: rows.clone() }).await;
    Ok(rows)
}

fn known(ctx: &Ctx, ttl_ms: u64) -> Arc<KnownRows> {
    let cache = || Cache::builder().max_capacity(CAPACITY).time_to_live(Duration::from_millis(ttl_ms)).build();
    ctx.service_or(|| KnownRows(cache()))
}

/// Один вариант одного товара.
pub async fn variant_for(db: &impl ConnectionTrait, product_id: i64, size: Option<&str>) -> Result<variant::Model> {
    let all = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(product_id))
        .order_by_asc(variant::Column::Position)
        .order_by_asc(variant::Column::Id)
        .all(db)
        .await?;
    pick(all.iter(), |row| (&row.variant_key, row.size.as_deref(), row.is_active), size).cloned()
}

/// Ключ варианта, размер, активен ли.
type View<'a> = (&'a str, Option<&'a str>, bool);

fn pick<'a, T>(all: impl Iterator<Item = &'a T>, view: impl Fn(&T) -> View<'_>, size: Option<&str>) -> Result<&'a T> {
    let mut all = all.peekable();
    if all.peek().is_none() {
        return Err(Error::not_found(errors::PRODUCT_NOT_FOUND));
    }
    let active: Vec<&T> = all.filter(|row| view(row).2).collect();
    if let Some(only) = active.iter().find(|row| view(row).0 == variant::DEFAULT) {
        return Ok(only);
    }
    let size = size.map(str::trim).filter(|size| !size.is_empty());
    match (size, active.as_slice()) {
        (None, [only]) => Ok(only),
        (None, _) => Err(errors::size_required()),
        (Some(size), _) => {
            let wanted = normalize::key(size);
            let same = |row: &&&T| view(row).1.map(normalize::key).as_deref() == Some(&*wanted);
            active.iter().find(same).copied().ok_or_else(|| errors::unknown_size(size))
        }
    }
}
