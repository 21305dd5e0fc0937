//! Изменить товар: поля карточки, размеры, остаток, характеристики. Архив.

use std::collections::BTreeSet;

use kernel::{Error, Money, OnUnique, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect, Set};

use super::references::unknown;
use super::stock::{self, StockChange};
use super::waves::{self, WavePlan};
use super::{attribute_values, references, variants};
use crate::errors;
use crate::events::{Change, ProductChanged};
use crate::models::stock_movement::MovementKind;
use crate::models::{category, inventory_item, product, variant};
use crate::normalize;
use crate::schemas::ProductPatch;

/// Строка товара под замком: изменения одного товара идут по очереди.
pub(super) async fn lock_product(work: &Work, id: i64) -> Result<product::Model> {
    let found = product::Entity::find_by_id(id).lock_exclusive().one(work.db()).await?;
    found.or_not_found(errors::PRODUCT_NOT_FOUND)
}

/// Меняет присланное, остальное оставляет.
pub async fn update_product(work: &mut Work, id: i64, patch: &ProductPatch) -> Result<product::Model> {
    let before = lock_product(work, id).await?;
    check_names(work, &before, patch).await?;
    check_references(work, patch).await?;
    let state = new_state(&before, patch)?;
    let row = changed_row(work, before.clone(), patch, state)?;
    let after = row.update(work.db()).await.on_unique(|| errors::article_taken(&before.article))?;
    if after.price != before.price {
        variants::check_prices(work, &after).await?;
    }
    if let Some(sizes) = &patch.sizes {
        variants::sync_sizes(work, id, sizes).await?;
    }
    if let Some(count) = patch.stock_count {
        set_stock_count(work, id, count).await?;
    }
    if let Some(values) = &patch.attributes {
        attribute_values::replace(work, id, values).await?;
    }
    plan_waves(work, &before, &after, patch).await?;
    work.emit(&ProductChanged { product_id: id, change: Change::Updated }).await?;
    work.invalidate("catalog");
    Ok(after)
}

/// О волнах спрашивают, только если сотрудник их коснулся.
async fn plan_waves(
    work: &mut Work,
    before: &product::Model,
    after: &product::Model,
    patch: &ProductPatch,
) -> Result<()> {
    let touched =
        patch.order_type.is_some() || patch.preorder_waves_total.is_some() || patch.preorder_wave_capacity.is_some();
    if !touched {
        return Ok(());
    }
    let plan = WavePlan {
        product_id: after.id,
        total: after.preorder_waves_total,
        capacity: after.preorder_wave_capacity,
        resize: after.preorder_wave_capacity != before.preorder_wave_capacity,
    };
    waves::plan(work, plan).await
}

/// Убирает товар в архив: не продаётся и не виден, заказы с ним остаются.
pub async fn archive_product(work: &mut Work, id: i64) -> Result<product::Model> {
    update_product(work, id, &ProductPatch { is_archived: Some(true), ..Default::default() }).await
}

async fn check_names(work: &Work, before: &product::Model, patch: &ProductPatch) -> Result<()> {
    if let Some(article) = patch.article.as_ref().filter(|new| normalize::article(new) != before.article_key) {
        let same = product::Entity::find().filter(product::Column::ArticleKey.eq(normalize::article(article)));
        if same.count(work.db()).await? > 0 {
            return Err(errors::article_taken(article));
        }
    }
    if let Some(slug) = patch.slug.as_ref().filter(|new| **new != before.slug) {
        let same = product::Entity::find().filter(product::Column::Slug.eq(slug.as_str()));
        if same.count(work.db()).await? > 0 {
            return Err(errors::slug_taken(slug));
        }
    }
    Ok(())
}

async fn check_references(work: &Work, patch: &ProductPatch) -> Result<()> {
    if let Some(Some(id)) = patch.category_id
        && category::Entity::find_by_id(id).one(work.db()).await?.is_none()
    {
        return Err(unknown("category_id"));
    }
    let brand = patch.brand_id.flatten();
    references::require_brands(work, brand.into_iter().collect::<BTreeSet<i64>>()).await
}

/// `(is_active, is_archived)` после изменения. Архивное не продают, без цены не продают.
fn new_state(before: &product::Model, patch: &ProductPatch) -> Result<(bool, bool)> {
    let archived = patch.is_archived.unwrap_or(before.is_archived);
    let becomes_archived = archived && !before.is_archived;
    let active = match patch.is_active {
        Some(true) if before.is_archived && archived => return Err(Error::refused("catalog.archived")),
        Some(_) if becomes_archived => false,
        Some(asked) => asked,
        None => before.is_active && !archived,
    };
    let price = patch.price.unwrap_or(before.price);
    if active && price == Money::ZERO {
        return Err(Error::refused("catalog.price_required").field("price", "required"));
    }
    Ok((active, archived))
}

fn changed_row(
    work: &Work,
    before: product::Model,
    patch: &ProductPatch,
    (active, archived): (bool, bool),
) -> Result<product::ActiveModel> {
    let mut row = before.into_active_model();
    // Set на неизменившемся значении безвреден: UPDATE пишет только присланное.
    fn put<T: Into<sea_orm::Value> + Clone>(column: &mut sea_orm::ActiveValue<T>, value: &Option<T>) {
        if let Some(value) = value {
            *column = Set(value.clone());
        }
    }
    if let Some(name) = &patch.name {
        row.name = Set(name.trim().to_owned());
        row.name_key = Set(normalize::key_of(name, 255));
    }
    if let Some(article) = &patch.article {
        row.article = Set(article.trim().to_owned());
        row.article_key = Set(normalize::article(article));
    }
    put(&mut row.price, &patch.price);
    put(&mut row.description, &patch.description);
    put(&mut row.care_instructions, &patch.care_instructions);
    put(&mut row.order_type, &patch.order_type);
    put(&mut row.preorder_waves_total, &patch.preorder_waves_total);
    put(&mut row.preorder_wave_capacity, &patch.preorder_wave_capacity);
    put(&mut row.slug, &patch.slug);
    put(&mut row.kind, &patch.kind);
    put(&mut row.category_id, &patch.category_id);
    put(&mut row.brand_id, &patch.brand_id);
    put(&mut row.old_price, &patch.old_price);
    put(&mut row.cost_price, &patch.cost_price);
    put(&mut row.vat_rate, &patch.vat_rate);
    put(&mut row.weight, &patch.weight);
    put(&mut row.summary, &patch.summary);
    put(&mut row.materials, &patch.materials);
    put(&mut row.equipment, &patch.equipment);
    put(&mut row.manufacturing_time, &patch.manufacturing_time);
    put(&mut row.unit, &patch.unit);
    put(&mut row.priority, &patch.priority);
    put(&mut row.is_new, &patch.is_new);
    put(&mut row.is_popular, &patch.is_popular);
    put(&mut row.published_from, &patch.published_from.map(|at| at.map(|at| at.naive_utc())));
    put(&mut row.published_until, &patch.published_until.map(|at| at.map(|at| at.naive_utc())));
    put(&mut row.seo_title, &patch.seo_title);
    put(&mut row.seo_description, &patch.seo_description);
    if let Some(table) = &patch.size_table {
        row.size_table = Set(table.as_ref().filter(|t| !t.is_empty()).map(serde_json::to_string).transpose()?);
    }
    if let Some(tags) = &patch.tags {
        row.tags = Set(serde_json::to_string(tags)?);
    }
    if let Some(size) = &patch.dimensions {
        (row.width, row.height, row.depth) = (Set(size.width), Set(size.height), Set(size.depth));
    }
    row.is_active = Set(active);
    row.is_archived = Set(archived);
    row.updated_at = Set(work.timestamp());
    Ok(row)
}

/// Поле `stock_count`: сколько должно быть можно продать. Годится, пока у активных вариантов один остаток.
async fn set_stock_count(work: &mut Work, product: i64, count: i64) -> Result<()> {
    let items = active_items(work, product).await?;
    let [item] = items[..] else { return Err(errors::stock_per_variant()) };
    stock::adjust(work, item, StockChange::Available(count), MovementKind::Adjust, "stock_count").await?;
    Ok(())
}

/// Складские позиции, из которых продаются активные варианты.
async fn active_items(work: &Work, product: i64) -> Result<Vec<i64>> {
    let found = variant::Entity::find()
        .select_only()
        .column(variant::Column::InventoryItemId)
        .distinct()
        .filter(variant::Column::ProductId.eq(product))
        .filter(variant::Column::IsActive.eq(true))
        .into_tuple()
        .all(work.db())
        .await?;
    Ok(found)
}

/// Какую позицию правит сотрудник: названную, позицию варианта или единственную.
pub async fn stock_item(
    work: &Work,
    product: i64,
    item: Option<i64>,
    variant_id: Option<i64>,
) -> Result<inventory_item::Model> {
    product::Entity::find_by_id(product).one(work.db()).await?.or_not_found(errors::PRODUCT_NOT_FOUND)?;
    let wanted = match (item, variant_id) {
        (Some(item), _) => item,
        (None, Some(id)) => variants::find(work, product, id).await?.inventory_item_id,
        (None, None) => match active_items(work, product).await?[..] {
            [item] => item,
            _ => return Err(Error::invalid("inventory_item_id", "required")),
        },
    };
    let found = inventory_item::Entity::find_by_id(wanted)
        .filter(inventory_item::Column::ProductId.eq(product))
        .order_by_asc(inventory_item::Column::Id)
        .one(work.db())
        .await?;
    found.or_not_found(errors::STOCK_ITEM_NOT_FOUND)
}
