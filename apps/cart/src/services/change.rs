//! Изменить количество, убрать строку, очистить корзину.

use catalog::errors::VARIANT_NOT_FOUND;
use catalog::queries::{Sellable, sellable};
use kernel::{OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::{check_on_sale, fit, limit_of, lock, own_item, too_many};
use crate::errors::ITEM_NOT_FOUND;
use crate::models::*;
use crate::owner::CartOwner;
use crate::queries;

/// Ставит количество; цена строки становится сегодняшней, и сообщение о её перемене исчезает.
pub async fn change_quantity(
    work: &mut Work,
    owner: &CartOwner,
    item_id: i64,
    quantity: i64,
) -> Result<(cart_item::Model, Sellable)> {
    lock(work, owner).await?;
    let item = own_item(work, owner, item_id).await?.or_not_found(ITEM_NOT_FOUND)?;
    let mut good = sellable(work.db(), &[item.variant_id]).await?.pop().or_not_found(VARIANT_NOT_FOUND)?;
    fit(work, owner, &mut good).await?;
    check_on_sale(work, &good)?;
    if quantity > limit_of(&good) {
        return Err(too_many(&good));
    }
    CartItem::update_many()
        .col_expr(cart_item::Column::Quantity, Expr::value(quantity))
        .col_expr(cart_item::Column::Price, Expr::value(good.price))
        .col_expr(cart_item::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(cart_item::Column::Id.eq(item.id))
        .exec(work.db())
        .await?;
    Ok((cart_item::Model { quantity, price: good.price, updated_at: work.timestamp(), ..item }, good))
}

/// Убирает строку; чужой или уже убранной «нет».
pub async fn remove_item(work: &mut Work, owner: &CartOwner, item_id: i64) -> Result<()> {
    lock(work, owner).await?;
    let removed = CartItem::delete_many()
        .filter(cart_item::Column::Id.eq(item_id))
        .filter(cart_item::Column::CartId.in_subquery(queries::own_cart_id(owner)))
        .exec(work.db())
        .await?;
    (removed.rows_affected == 1).then_some(()).or_not_found(ITEM_NOT_FOUND)
}

/// Очищает корзину; пустая остаётся пустой.
pub async fn clear(work: &mut Work, owner: &CartOwner) -> Result<()> {
    if !lock(work, owner).await? {
        return Ok(());
    }
    CartItem::delete_many()
        .filter(cart_item::Column::CartId.in_subquery(queries::own_cart_id(owner)))
        .exec(work.db())
        .await?;
    Ok(())
}
