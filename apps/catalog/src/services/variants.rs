//! Варианты товара: завести, изменить, удалить, привести размеры к присланному списку.

use std::collections::HashMap;

use kernel::data::{in_lists, insert_all};
use kernel::{Error, Money, OnUnique, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect, Set, TryIntoModel};

use super::create_product::{add_items, items_of, variant_row};
use super::stock::{self, StockChange};
use super::update_product::lock_product;
use super::variant_plan::{VariantPlan, plan_variant, plan_variants};
use crate::errors;
use crate::models::stock_movement::MovementKind;
use crate::models::{inventory_item, product, stock_claim, stock_movement, variant};
use crate::normalize;
use crate::schemas::{SizeIn, VariantIn, VariantPatch};

/// Вариант этого товара; чужой — 404.
pub(super) async fn find(work: &Work, product: i64, id: i64) -> Result<variant::Model> {
    let found = variant::Entity::find_by_id(id).filter(variant::Column::ProductId.eq(product)).one(work.db()).await?;
    found.or_not_found(errors::VARIANT_NOT_FOUND)
}

async fn all_of(work: &Work, product: i64) -> Result<Vec<variant::Model>> {
    let find = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(product))
        .order_by_asc(variant::Column::Position)
        .order_by_asc(variant::Column::Id);
    Ok(find.all(work.db()).await?)
}

/// Добавляет вариант. Вариант без размера у товара, который до сих пор продавался целиком, скрывается.
pub async fn add_variant(work: &mut Work, product: i64, input: &VariantIn) -> Result<variant::Model> {
    let product = lock_product(work, product).await?;
    let plan = plan_variant(input);
    if plan.key == variant::DEFAULT {
        return Err(Error::invalid("size", "required"));
    }
    let existing = all_of(work, product.id).await?;
    if existing.iter().any(|variant| variant.variant_key == plan.key) {
        return Err(errors::variant_taken());
    }
    let item = item_for(work, product.id, &plan).await?;
    let position = existing.iter().map(|variant| variant.position + 1).max().unwrap_or(0);
    let row = variant_row(work, product.id, item, &plan, position)?;
    let added = row.insert(work.db()).await.on_unique(errors::variant_taken)?;
    set_active(work, existing.iter().filter(|v| v.variant_key == variant::DEFAULT).map(|v| v.id), false).await?;
    check_prices(work, &product).await?;
    touch(work, product.id).await?;
    Ok(added)
}

/// Новый вариант: чей, какой по счёту и какой.
#[derive(Clone, Debug)]
pub struct NewVariant {
    pub product_id: i64,
    pub position: i64,
    pub plan: VariantPlan,
}

/// Заводит много вариантов, у каждого свой остаток; отдаёт их в порядке входа. Остаток записан в журнал поправкой с этой
/// причиной. О ценах и о товаре целом думает вызывающий: загрузка каталога.
pub async fn add_variants(work: &mut Work, new: &[NewVariant], reason: &str) -> Result<Vec<variant::Model>> {
    let stocks = new.iter().map(|new| (new.product_id, new.plan.key.clone(), new.plan.own_stock.unwrap_or(0)));
    let items = add_items(work, stocks.collect(), MovementKind::Adjust, reason).await?;
    let mut rows = Vec::with_capacity(new.len());
    for NewVariant { product_id, position, plan } in new {
        let item = items.get(&(*product_id, plan.key.clone())).ok_or_else(|| errors::broken_stock("no item"))?;
        rows.push(variant_row(work, *product_id, *item, plan, *position)?);
    }
    insert_all(work.db(), rows.clone()).await.on_unique(errors::variant_taken)?;
    work.invalidate("catalog");
    let item_ids: Vec<i64> = rows.iter().filter_map(|row| row.inventory_item_id.try_as_ref().copied()).collect();
    let by_item = ids_by_item(work, &item_ids).await?;
    let added = rows.into_iter().map(|mut row| {
        let id = row.inventory_item_id.try_as_ref().and_then(|item| by_item.get(item));
        row.id = Set(*id.ok_or_else(|| errors::broken_stock("a new variant disappeared"))?);
        Ok(row.try_into_model()?)
    });
    added.collect()
}

/// Складская позиция → её вариант.
async fn ids_by_item(work: &Work, items: &[i64]) -> Result<HashMap<i64, i64>> {
    let mut found = HashMap::with_capacity(items.len());
    for list in in_lists(items) {
        let rows: Vec<(i64, i64)> = variant::Entity::find()
            .select_only()
            .columns([variant::Column::InventoryItemId, variant::Column::Id])
            .filter(variant::Column::InventoryItemId.is_in(list))
            .into_tuple()
            .all(work.db())
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// Меняет вариант. Размер и свойства — его имя, поэтому не меняются: заведите другой, а этот скройте.
pub async fn update_variant(work: &mut Work, product: i64, id: i64, patch: &VariantPatch) -> Result<variant::Model> {
    let product = lock_product(work, product).await?;
    let before = find(work, product.id, id).await?;
    let item = before.inventory_item_id;
    let mut row = before.into_active_model();
    if let Some(title) = &patch.title {
        row.title = Set(title.trim().to_owned());
    }
    if let Some(article) = &patch.article {
        row.article_key = Set(article.as_deref().map(normalize::article));
        row.article = Set(article.clone());
    }
    if let Some(barcode) = &patch.barcode {
        row.barcode = Set(barcode.clone());
    }
    put_prices(&mut row, patch)?;
    if let Some(weight) = patch.weight {
        row.weight = Set(weight);
    }
    if let Some(order) = patch.order {
        row.position = Set(order);
    }
    if let Some(active) = patch.is_active {
        row.is_active = Set(active);
    }
    row.updated_at = Set(work.timestamp());
    let after = row.update(work.db()).await.on_unique(errors::variant_taken)?;
    if let Some(count) = patch.stock_count {
        set_own_stock(work, &after, item, count).await?;
    }
    check_prices(work, &product).await?;
    touch(work, product.id).await?;
    Ok(after)
}

/// Своя цена и прибавка вместе не живут.
fn put_prices(row: &mut variant::ActiveModel, patch: &VariantPatch) -> Result<()> {
    match (patch.price, patch.price_delta) {
        (Some(Some(_)), Some(Some(_))) => return Err(Error::invalid("price_delta", "catalog.price_and_delta")),
        (Some(Some(price)), _) => (row.price, row.price_delta) = (Set(Some(price)), Set(None)),
        (_, Some(Some(delta))) => (row.price, row.price_delta) = (Set(None), Set(Some(delta))),
        (price, delta) => {
            if price.is_some() {
                row.price = Set(None);
            }
            if delta.is_some() {
                row.price_delta = Set(None);
            }
        }
    }
    Ok(())
}

async fn set_own_stock(work: &mut Work, variant: &variant::Model, item: i64, count: i64) -> Result<()> {
    let users = variant::Entity::find().filter(variant::Column::InventoryItemId.eq(item)).count(work.db()).await?;
    if users > 1 {
        return Err(errors::shared_stock());
    }
    stock::adjust(work, variant.inventory_item_id, StockChange::Available(count), MovementKind::Adjust, "stock_count")
        .await?;
    Ok(())
}

/// Удаляет вариант, которого ещё никто не заказывал и не положил в корзину; последний вариант не удаляется.
pub async fn delete_variant(work: &mut Work, product: i64, id: i64) -> Result<()> {
    let product = lock_product(work, product).await?;
    let gone = find(work, product.id, id).await?;
    let rest: Vec<variant::Model> = all_of(work, product.id).await?.into_iter().filter(|v| v.id != id).collect();
    if rest.is_empty() {
        return Err(Error::refused("catalog.last_variant"));
    }
    delete_rows(work, vec![gone.id]).await?;
    let item = gone.inventory_item_id;
    if rest.iter().all(|variant| variant.inventory_item_id != item) {
        delete_items(work, vec![item]).await?;
    }
    // Размеров не осталось: товар снова продаётся целиком.
    if rest.iter().all(|variant| variant.variant_key == variant::DEFAULT) {
        set_active(work, rest.iter().map(|variant| variant.id), true).await?;
    }
    touch(work, product.id).await
}

/// Удаляет варианты; те, на кого ссылаются корзины и заказы, база не отдаст.
pub(super) async fn delete_rows(work: &Work, ids: Vec<i64>) -> Result<()> {
    let deleted = variant::Entity::delete_many().filter(variant::Column::Id.is_in(ids)).exec(work.db()).await;
    deleted.map(|_| ()).map_err(in_use)
}

/// Удаляет складские позиции с журналом, если их никто не занимал.
pub(super) async fn delete_items(work: &Work, ids: Vec<i64>) -> Result<()> {
    let claimed = stock_claim::Entity::find().filter(stock_claim::Column::InventoryItemId.is_in(ids.iter().copied()));
    if claimed.count(work.db()).await? > 0 {
        return Err(errors::product_in_use());
    }
    stock_movement::Entity::delete_many()
        .filter(stock_movement::Column::InventoryItemId.is_in(ids.iter().copied()))
        .exec(work.db())
        .await?;
    let deleted =
        inventory_item::Entity::delete_many().filter(inventory_item::Column::Id.is_in(ids)).exec(work.db()).await;
    deleted.map(|_| ()).map_err(in_use)
}

pub(super) fn in_use(error: sea_orm::DbErr) -> Error {
    let error = Error::from(error);
    if error.code == "database.foreign_key" { errors::product_in_use() } else { error }
}

/// Приводит размеры к списку: новые заводит, пропавшие скрывает, порядок и свои остатки берёт из списка.
pub(super) async fn sync_sizes(work: &mut Work, product: i64, sizes: &[SizeIn]) -> Result<()> {
    let plans = plan_variants(sizes, &[])?;
    let existing = all_of(work, product).await?;
    let keep: HashMap<&str, usize> = plans.iter().enumerate().map(|(n, plan)| (plan.key.as_str(), n)).collect();
    let gone = existing.iter().filter(|variant| !keep.contains_key(variant.variant_key.as_str()));
    set_active(work, gone.map(|variant| variant.id), false).await?;
    for (position, plan) in plans.iter().enumerate() {
        match existing.iter().find(|variant| variant.variant_key == plan.key) {
            Some(variant) => keep_size(work, variant, plan, position as i64).await?,
            None => {
                let item = item_for(work, product, plan).await?;
                variant_row(work, product, item, plan, position as i64)?.insert(work.db()).await?;
            }
        }
    }
    Ok(())
}

/// Размер уже есть: место в списке, цена, свой остаток.
async fn keep_size(work: &mut Work, variant: &variant::Model, plan: &VariantPlan, position: i64) -> Result<()> {
    let mut row = variant.clone().into_active_model();
    if plan.own_stock.is_some() {
        row.inventory_item_id = Set(own_item(work, variant, plan).await?);
    }
    if plan.price.is_some() {
        (row.price, row.price_delta) = (Set(plan.price), Set(None));
    }
    row.position = Set(position);
    row.is_active = Set(true);
    row.updated_at = Set(work.timestamp());
    row.update(work.db()).await?;
    Ok(())
}

/// Своя позиция варианта с присланным остатком; вариант на общем остатке получает отдельную.
async fn own_item(work: &mut Work, variant: &variant::Model, plan: &VariantPlan) -> Result<i64> {
    let items = items_of(work, vec![variant.product_id]).await?;
    let own = items.iter().find(|item| item.code == plan.key && item.code != inventory_item::SHARED);
    match (own, plan.own_stock) {
        (Some(item), Some(count)) => {
            stock::adjust(work, item.id, StockChange::Available(count), MovementKind::Adjust, "sizes").await?;
            Ok(item.id)
        }
        _ => item_for(work, variant.product_id, plan).await,
    }
}

/// Позиция для нового варианта: общая (заводится пустой, если её не было) или своя.
async fn item_for(work: &mut Work, product: i64, plan: &VariantPlan) -> Result<i64> {
    let (code, stock) = match plan.own_stock {
        Some(stock) => (plan.key.as_str(), stock),
        None => (inventory_item::SHARED, 0),
    };
    if let Some(item) = items_of(work, vec![product]).await?.into_iter().find(|item| item.code == code) {
        return Ok(item.id);
    }
    let code = code.to_owned();
    let items = add_items(work, vec![(product, code.clone(), stock)], MovementKind::Receipt, "").await?;
    items.get(&(product, code)).copied().ok_or_else(|| errors::broken_stock("a new item disappeared"))
}

async fn set_active(work: &Work, ids: impl Iterator<Item = i64>, active: bool) -> Result<()> {
    let ids: Vec<i64> = ids.collect();
    if ids.is_empty() {
        return Ok(());
    }
    variant::Entity::update_many()
        .col_expr(variant::Column::IsActive, Expr::value(active))
        .col_expr(variant::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(variant::Column::Id.is_in(ids))
        .exec(work.db())
        .await?;
    Ok(())
}

/// Цена каждого варианта с прибавкой больше нуля. Товар под замком, поэтому проверка не устареет.
pub(super) async fn check_prices(work: &Work, product: &product::Model) -> Result<()> {
    if product.price == Money::ZERO {
        return Ok(());
    }
    let bad = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(product.id))
        .filter(variant::Column::PriceDelta.lte(Money::ZERO - product.price))
        .one(work.db())
        .await?;
    match bad {
        Some(variant) => Err(Error::refused("catalog.variant_price").with("variant", variant.title)),
        None => Ok(()),
    }
}

/// Товар изменился: новое время и свежие ответы.
pub(super) async fn touch(work: &mut Work, product: i64) -> Result<()> {
    product::Entity::update_many()
        .col_expr(product::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(product::Column::Id.eq(product))
        .exec(work.db())
        .await?;
    work.invalidate("catalog");
    Ok(())
}
