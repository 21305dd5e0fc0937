//! Похожие, «берут вместе», избранное, просмотренное.

use std::collections::{BTreeMap, HashMap};

use kernel::http::Paging;
use kernel::{OrNotFound, Result, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, Func, Order, SimpleExpr};
use sea_orm::{Condition, ConnectionTrait, QueryOrder, QuerySelect};

use super::product_out::outs;
use super::scope::{Viewer, public};
use crate::errors;
use crate::models::product::Column as Product;
use crate::models::stock_claim::ClaimState;
use crate::models::{favourite, inventory_item, product, recent_view, stock_claim};
use crate::schemas::ProductOut;

/// Сколько товаров в подборке.
const SHELF: u64 = 12;
/// По скольким последним заказам судят, что берут вместе.
const LAST_OWNERS: u64 = 300;

async fn public_product(db: &impl ConnectionTrait, id: i64, now: Timestamp) -> Result<product::Model> {
    let found = product::Entity::find_by_id(id).filter(public(now)).one(db).await?;
    found.or_not_found(errors::PRODUCT_NOT_FOUND)
}

/// Из того же раздела, ближайшие по цене.
pub async fn similar(db: &impl ConnectionTrait, id: i64, now: Timestamp) -> Result<Vec<ProductOut>> {
    let product = public_product(db, id, now).await?;
    let Some(category) = product.category_id else { return Ok(Vec::new()) };
    let near = |side: Condition, order: Order| {
        product::Entity::find()
            .filter(Product::CategoryId.eq(category))
            .filter(public(now))
            .filter(Product::Id.ne(id))
            .filter(side)
            .order_by(Product::Price, order.clone())
            .order_by(Product::Id, order)
            .limit(SHELF)
    };
    let dearer = near(Condition::all().add(Product::Price.gte(product.price)), Order::Asc).all(db).await?;
    let cheaper = near(Condition::all().add(Product::Price.lt(product.price)), Order::Desc).all(db).await?;
    let mut rows: Vec<product::Model> = dearer.into_iter().chain(cheaper).collect();
    rows.sort_by_key(|row| ((row.price - product.price).to_minor().unsigned_abs(), row.id));
    rows.truncate(SHELF as usize);
    outs(db, rows, Viewer::Public).await
}

/// Что заказывали вместе с этим товаром: считается по занятому и отгруженному (`stock_claims`).
pub async fn bought_together(db: &impl ConnectionTrait, id: i64, now: Timestamp) -> Result<Vec<ProductOut>> {
    public_product(db, id, now).await?;
    use stock_claim::Column as Claim;
    let owners: Vec<(String, String)> = stock_claim::Entity::find()
        .inner_join(inventory_item::Entity)
        .select_only()
        .columns([Claim::OwnerKind, Claim::OwnerId])
        .filter(inventory_item::Column::ProductId.eq(id))
        .filter(Claim::State.ne(ClaimState::Released))
        .order_by_desc(Claim::Id)
        .limit(LAST_OWNERS)
        .into_tuple()
        .all(db)
        .await?;
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (kind, owner) in owners {
        kinds.entry(kind).or_default().push(owner);
    }
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let mut same_owner = Condition::any();
    for (kind, owners) in kinds {
        same_owner = same_owner.add(Condition::all().add(Claim::OwnerKind.eq(kind)).add(Claim::OwnerId.is_in(owners)));
    }
    let times = || SimpleExpr::from(Func::count_distinct(Expr::col((stock_claim::Entity, Claim::OwnerId))));
    let found: Vec<(i64, i64)> = stock_claim::Entity::find()
        .inner_join(inventory_item::Entity)
        .select_only()
        .column(inventory_item::Column::ProductId)
        .column_as(times(), "times")
        .filter(same_owner)
        .filter(Claim::State.ne(ClaimState::Released))
        .filter(inventory_item::Column::ProductId.ne(id))
        .group_by(inventory_item::Column::ProductId)
        .order_by_desc(times())
        .order_by_asc(inventory_item::Column::ProductId)
        .limit(SHELF)
        .into_tuple()
        .all(db)
        .await?;
    in_given_order(db, found.into_iter().map(|(product, _)| product).collect(), now).await
}

/// Видимые покупателю товары в порядке данных id.
async fn in_given_order(db: &impl ConnectionTrait, ids: Vec<i64>, now: Timestamp) -> Result<Vec<ProductOut>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let find = product::Entity::find().filter(Product::Id.is_in(ids.iter().copied())).filter(public(now));
    let mut rows: HashMap<i64, product::Model> = find.all(db).await?.into_iter().map(|row| (row.id, row)).collect();
    let rows = ids.iter().filter_map(|id| rows.remove(id)).collect();
    outs(db, rows, Viewer::Public).await
}

/// Избранное покупателя, последнее — первым, и сколько его всего.
pub async fn favourites(
    db: &impl ConnectionTrait,
    user: i64,
    paging: &Paging,
    now: Timestamp,
) -> Result<(Vec<ProductOut>, u64)> {
    let mine = || {
        favourite::Entity::find()
            .inner_join(product::Entity)
            .filter(favourite::Column::UserId.eq(user))
            .filter(public(now))
    };
    let total = mine().count(db).await?;
    let ids: Vec<i64> = mine()
        .select_only()
        .column(favourite::Column::ProductId)
        .order_by_desc(favourite::Column::CreatedAt)
        .order_by_desc(favourite::Column::ProductId)
        .offset(paging.offset)
        .limit(paging.limit)
        .into_tuple()
        .all(db)
        .await?;
    Ok((in_given_order(db, ids, now).await?, total))
}

/// Недавно просмотренное, последнее — первым.
pub async fn recent_views(db: &impl ConnectionTrait, user: i64, now: Timestamp) -> Result<Vec<ProductOut>> {
    let ids: Vec<i64> = recent_view::Entity::find()
        .select_only()
        .column(recent_view::Column::ProductId)
        .filter(recent_view::Column::UserId.eq(user))
        .order_by_desc(recent_view::Column::ViewedAt)
        .order_by_desc(recent_view::Column::ProductId)
        .limit(SHELF * 2)
        .into_tuple()
        .all(db)
        .await?;
    in_given_order(db, ids, now).await
}
