//! `product_id` и `size` контракта → вариант. У товара без размеров размер не спрашивают и присланный не проверяют.
//! Неактивный товар находится: отказывает тот, кто продаёт.

use kernel::{Error, Result};
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
