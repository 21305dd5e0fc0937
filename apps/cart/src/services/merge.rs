//! Влить корзину гостя в корзину вошедшего.

use kernel::{OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _};

use super::add::create_for_user;
use super::{MAX_LINES, MAX_QUANTITY, lock};
use crate::errors::ITEM_NOT_FOUND;
use crate::models::*;
use crate::owner::{CartOwner, GuestToken};
use crate::queries;

/// Одинаковые варианты складываются (до предела штук), остальные переезжают (до предела строк). Корзина гостя исчезает, поэтому
/// второй раз вливать нечего, сколько бы запросов ни пришло разом.
pub async fn merge_guest_cart(work: &mut Work, token: &GuestToken, user_id: i64) -> Result<()> {
    let (guest, user) = (CartOwner::Guest(token.clone()), CartOwner::User(user_id));
    if !lock(work, &guest).await? {
        return Ok(());
    }
    let Some((guest_cart, lines)) = queries::cart_with_items(work.db(), &guest).await? else { return Ok(()) };
    if !lock(work, &user).await? {
        create_for_user(work, user_id).await?;
        lock(work, &user).await?;
    }
    let (cart, own) = queries::cart_with_items(work.db(), &user).await?.or_not_found(ITEM_NOT_FOUND)?;
    let mut new = Vec::new();
    for line in &lines {
        match own.iter().find(|item| item.variant_id == line.variant_id) {
            Some(item) => raise(work, item.id, line.quantity).await?,
            None => new.push(line.id),
        }
    }
    new.truncate(MAX_LINES.saturating_sub(own.len()));
    move_lines(work, new, cart.id).await?;
    CartItem::delete_many().filter(cart_item::Column::CartId.eq(guest_cart.id)).exec(work.db()).await?;
    Cart::delete_by_id(guest_cart.id).exec(work.db()).await?;
    Ok(())
}

async fn raise(work: &Work, item_id: i64, quantity: i64) -> Result<()> {
    let sum = || Expr::col(cart_item::Column::Quantity).add(quantity);
    let capped = CaseStatement::new().case(sum().gt(MAX_QUANTITY), MAX_QUANTITY).finally(sum());
    CartItem::update_many()
        .col_expr(cart_item::Column::Quantity, capped.into())
        .col_expr(cart_item::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(cart_item::Column::Id.eq(item_id))
        .exec(work.db())
        .await?;
    Ok(())
}

async fn move_lines(work: &Work, items: Vec<i64>, cart_id: i64) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    CartItem::update_many()
        .col_expr(cart_item::Column::CartId, Expr::value(cart_id))
        .filter(cart_item::Column::Id.is_in(items))
        .exec(work.db())
        .await?;
    Ok(())
}
