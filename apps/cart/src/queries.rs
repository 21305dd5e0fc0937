//! Чтение корзины. Владелец — всегда часть запроса.

use std::collections::HashMap;

use catalog::models::product::OrderType;
use catalog::queries::{Sellable, sellable};
use kernel::data::sum_i64;
use kernel::{Ctx, Money, RUB, Result, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{QueryOrder, QuerySelect, QueryTrait, Select};
use serde_json::json;

use crate::models::*;
use crate::owner::{CartOwner, GuestToken};
use crate::schemas::{CartItemOut, CartOut, Notice, NoticeCode};
use crate::services::{is_limited, owned_by};

pub async fn guest_cart_exists(db: &impl ConnectionTrait, token: &GuestToken) -> Result<bool> {
    Ok(Cart::find().filter(cart::Column::TokenHash.eq(token.hash())).count(db).await? > 0)
}

/// Подзапрос: id корзины владельца.
pub(crate) fn own_cart_id(owner: &CartOwner) -> SelectStatement {
    Cart::find().select_only().column(cart::Column::Id).filter(owned_by(owner)).into_query()
}

/// Строки корзины владельца.
pub fn own_items(owner: &CartOwner) -> Select<CartItem> {
    CartItem::find().filter(cart_item::Column::CartId.in_subquery(own_cart_id(owner)))
}

/// Корзина и её строки в том порядке, в каком их клали, одним запросом.
pub async fn cart_with_items(
    db: &impl ConnectionTrait,
    owner: &CartOwner,
) -> Result<Option<(cart::Model, Vec<cart_item::Model>)>> {
    let rows = Cart::find()
        .filter(owned_by(owner))
        .find_also_related(CartItem)
        .order_by_asc(cart_item::Column::Id)
        .all(db)
        .await?;
    let mut rows = rows.into_iter().peekable();
    let Some(cart) = rows.peek().map(|(cart, _)| cart.clone()) else { return Ok(None) };
    Ok(Some((cart, rows.filter_map(|(_, item)| item).collect())))
}

/// Сколько штук в корзине.
pub async fn count(ctx: &Ctx, owner: &CartOwner) -> Result<i64> {
    let sum: Option<i64> = own_items(owner)
        .select_only()
        .column_as(sum_i64(ctx.db_handle().engine, Expr::col(cart_item::Column::Quantity)), "total")
        .into_tuple()
        .one(ctx.db())
        .await?;
    Ok(sum.unwrap_or(0))
}

/// Корзина по сегодняшним ценам; что переменилось с тех пор, как покупатель менял строку, — в `notices`.
pub async fn cart_view(ctx: &Ctx, owner: &CartOwner) -> Result<CartOut> {
    let found = if *owner == CartOwner::Nobody { None } else { cart_with_items(ctx.db(), owner).await? };
    let Some((cart, items)) = found else { return Ok(CartOut::empty()) };
    let variants: Vec<i64> = items.iter().map(|item| item.variant_id).collect();
    let goods = sellable(ctx.db(), &variants).await?;
    let mut places = preorders::services::quote(ctx, ctx.db(), owner.user_id(), &goods).await?;
    let goods: HashMap<i64, Sellable> = goods
        .into_iter()
        .map(|mut good| {
            places.fit(&mut good);
            (good.variant_id, good)
        })
        .collect();
    let now = ctx.now().naive_utc();
    let mut out = CartOut {
        id: Some(cart.id),
        created_at: Some(cart.created_at.and_utc()),
        updated_at: Some(cart.updated_at.and_utc()),
        ..CartOut::empty()
    };
    for item in &items {
        // Внешний ключ не даёт удалить вариант, который лежит в корзине.
        let Some(good) = goods.get(&item.variant_id) else { continue };
        let shares = places.take(good, item.quantity);
        let enough = match good.order_type {
            OrderType::Preorder => shares.is_some(),
            _ => !is_limited(good) || good.available >= item.quantity,
        };
        out.notices.extend(notices(ctx, item, good, now, enough));
        let mut line = CartItemOut::of(item, good, is_available(good, now, enough));
        if let Some(shares) = shares {
            // Строка, поделённая между волнами с разными ценами, стоит сумму своих частей.
            line.amount = shares.iter().map(|share| share.amount()).sum();
        }
        if line.is_available {
            out.total_items += line.quantity;
            out.total_amount = out.total_amount.plus(line.amount).unwrap_or(Money::MAX);
        }
        out.items.push(line);
    }
    out.currency = out.items.first().map_or_else(|| RUB.to_owned(), |line| line.currency.clone());
    Ok(out)
}

/// Можно ли заказать строку как она есть.
fn is_available(good: &Sellable, now: Timestamp, enough: bool) -> bool {
    good.on_sale(now) && good.order_type != OrderType::Waiting && enough
}

fn notices(ctx: &Ctx, item: &cart_item::Model, good: &Sellable, now: Timestamp, enough: bool) -> Vec<Notice> {
    let mut found = Vec::new();
    if !good.on_sale(now) || good.order_type == OrderType::Waiting {
        found.push(NoticeCode::Unavailable);
        return found.into_iter().map(|code| notice(ctx, item, good, code)).collect();
    }
    if good.price != item.price {
        found.push(NoticeCode::PriceChanged);
    }
    if !enough {
        found.push(NoticeCode::NotEnough);
    }
    found.into_iter().map(|code| notice(ctx, item, good, code)).collect()
}

fn notice(ctx: &Ctx, item: &cart_item::Model, good: &Sellable, code: NoticeCode) -> Notice {
    let args =
        json!({"product": good.title(), "old_price": item.price, "new_price": good.price, "left": good.available});
    Notice {
        code,
        item_id: item.id,
        product_id: good.product_id,
        old_price: item.price,
        new_price: good.price,
        available: good.available,
        message: ctx.texts().get(ctx.lang(), &format!("cart.notices.{}", code.name()), &args),
    }
}
