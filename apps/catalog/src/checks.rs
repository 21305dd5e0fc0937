//! Сверка склада для `megashop doctor --money`: остатки против журнала, занятое против строк заказов.

use kernel::data::sum_i64;
use kernel::{Ctx, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, SimpleExpr};
use sea_orm::{FromQueryResult, JoinType, QueryOrder, QuerySelect, Related};

use crate::models::inventory_item::Column as Item;
use crate::models::stock_claim::ClaimState;
use crate::models::{inventory_item, stock_claim, stock_movement};

/// Столько расхождений довольно, чтобы начать искать.
const SHOWN: u64 = 20;

#[derive(FromQueryResult)]
struct Sums {
    id: i64,
    product_id: i64,
    on_hand: i64,
    reserved: i64,
    ledger_on_hand: i64,
    ledger_reserved: i64,
}

#[derive(FromQueryResult)]
struct Held {
    id: i64,
    product_id: i64,
    reserved: i64,
    held: i64,
}

/// Расхождения по порядку id: первая строка — первая неверная позиция.
pub async fn stock_ledger(ctx: &Ctx) -> Result<Vec<String>> {
    let mut found = ledger_against_items(ctx).await?;
    found.extend(claims_against_items(ctx).await?);
    found.extend(balance(ctx).await?);
    Ok(found)
}

async fn ledger_against_items(ctx: &Ctx) -> Result<Vec<String>> {
    let engine = ctx.db_handle().engine;
    let sum = |column: stock_movement::Column| sum_i64(engine, Expr::col((stock_movement::Entity, column)));
    let on_hand = || sum(stock_movement::Column::OnHandDelta);
    let reserved = || sum(stock_movement::Column::ReservedDelta);
    let wrong = differs(Item::OnHand, on_hand()).or(differs(Item::Reserved, reserved()));
    let rows = inventory_item::Entity::find()
        .select_only()
        .columns([Item::Id, Item::ProductId, Item::OnHand, Item::Reserved])
        .column_as(on_hand(), "ledger_on_hand")
        .column_as(reserved(), "ledger_reserved")
        .join(JoinType::LeftJoin, <stock_movement::Entity as Related<inventory_item::Entity>>::to().rev())
        .group_by(Item::Id)
        .group_by(Item::ProductId)
        .group_by(Item::OnHand)
        .group_by(Item::Reserved)
        .having(wrong)
        .order_by_asc(Item::Id)
        .limit(SHOWN)
        .into_model::<Sums>()
        .all(ctx.db_fresh())
        .await?;
    let line = |row: Sums| {
        format!(
            "inventory_item {} (product {}): on_hand {} but the ledger says {}, reserved {} but the ledger says {}",
            row.id, row.product_id, row.on_hand, row.ledger_on_hand, row.reserved, row.ledger_reserved
        )
    };
    Ok(rows.into_iter().map(line).collect())
}

fn differs(column: Item, sum: SimpleExpr) -> SimpleExpr {
    Expr::col((inventory_item::Entity, column)).ne(sum)
}

async fn claims_against_items(ctx: &Ctx) -> Result<Vec<String>> {
    let engine = ctx.db_handle().engine;
    let is_held = Expr::col((stock_claim::Entity, stock_claim::Column::State)).eq(Expr::value(ClaimState::Held));
    let quantity = Expr::col((stock_claim::Entity, stock_claim::Column::Quantity));
    let held = || sum_i64(engine, CaseStatement::new().case(is_held.clone(), quantity.clone()).finally(0i64));
    let rows = inventory_item::Entity::find()
        .select_only()
        .columns([Item::Id, Item::ProductId, Item::Reserved])
        .column_as(held(), "held")
        .join(JoinType::LeftJoin, <stock_claim::Entity as Related<inventory_item::Entity>>::to().rev())
        .group_by(Item::Id)
        .group_by(Item::ProductId)
        .group_by(Item::Reserved)
        .having(differs(Item::Reserved, held()))
        .order_by_asc(Item::Id)
        .limit(SHOWN)
        .into_model::<Held>()
        .all(ctx.db_fresh())
        .await?;
    let line = |row: Held| {
        format!(
            "inventory_item {} (product {}): reserved {} but the held claims sum to {}",
            row.id, row.product_id, row.reserved, row.held
        )
    };
    Ok(rows.into_iter().map(line).collect())
}

/// `available` — это `max(0, on_hand - reserved)`; ограничение базы допускает лишь занижение до нуля.
async fn balance(ctx: &Ctx) -> Result<Vec<String>> {
    let rows = inventory_item::Entity::find()
        .filter(Item::Available.eq(0))
        .filter(Expr::col(Item::OnHand).gt(Expr::col(Item::Reserved)))
        .order_by_asc(Item::Id)
        .limit(SHOWN)
        .all(ctx.db_fresh())
        .await?;
    let line = |row: inventory_item::Model| {
        let free = row.on_hand - row.reserved;
        format!("inventory_item {} (product {}): available 0 but {free} are free", row.id, row.product_id)
    };
    Ok(rows.into_iter().map(line).collect())
}
