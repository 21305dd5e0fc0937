//! Остатки товара и журнал склада: для сотрудников.

use kernel::http::Paging;
use kernel::{OrNotFound, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};

use crate::errors;
use crate::models::{inventory_item, product, stock_movement, variant};
use crate::schemas::{MovementOut, StockItemOut, StockOut, StockVariant};

/// Складские позиции товара и кто из них продаётся.
pub async fn stock_of(db: &impl ConnectionTrait, product_id: i64) -> Result<StockOut> {
    product::Entity::find_by_id(product_id).one(db).await?.or_not_found(errors::PRODUCT_NOT_FOUND)?;
    let items = inventory_item::Entity::find()
        .filter(inventory_item::Column::ProductId.eq(product_id))
        .order_by_asc(inventory_item::Column::Id)
        .all(db)
        .await?;
    let variants = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(product_id))
        .order_by_asc(variant::Column::Position)
        .order_by_asc(variant::Column::Id)
        .all(db)
        .await?;
    let item_out = |item: inventory_item::Model| StockItemOut {
        inventory_item_id: item.id,
        variants: variants.iter().filter(|v| v.inventory_item_id == item.id).map(stock_variant).collect(),
        on_hand: item.on_hand,
        reserved: item.reserved,
        available: item.available,
    };
    Ok(StockOut { product_id, items: items.into_iter().map(item_out).collect() })
}

fn stock_variant(variant: &variant::Model) -> StockVariant {
    StockVariant { id: variant.id, title: variant.title.clone(), is_active: variant.is_active }
}

/// Журнал склада товара, последнее — первым, и сколько строк всего.
pub async fn ledger(db: &impl ConnectionTrait, product_id: i64, paging: &Paging) -> Result<(Vec<MovementOut>, u64)> {
    product::Entity::find_by_id(product_id).one(db).await?.or_not_found(errors::PRODUCT_NOT_FOUND)?;
    let items: Vec<i64> = inventory_item::Entity::find()
        .select_only()
        .column(inventory_item::Column::Id)
        .filter(inventory_item::Column::ProductId.eq(product_id))
        .into_tuple()
        .all(db)
        .await?;
    let find = stock_movement::Entity::find().filter(stock_movement::Column::InventoryItemId.is_in(items));
    let total = find.clone().count(db).await?;
    let rows = find.order_by_desc(stock_movement::Column::Id).offset(paging.offset).limit(paging.limit).all(db).await?;
    Ok((rows.into_iter().map(movement_out).collect(), total))
}

fn movement_out(row: stock_movement::Model) -> MovementOut {
    MovementOut {
        id: row.id,
        inventory_item_id: row.inventory_item_id,
        kind: row.kind,
        on_hand_delta: row.on_hand_delta,
        reserved_delta: row.reserved_delta,
        owner_kind: row.owner_kind,
        owner_id: row.owner_id,
        reason: row.reason,
        actor: row.actor,
        created_at: row.created_at.and_utc(),
    }
}
