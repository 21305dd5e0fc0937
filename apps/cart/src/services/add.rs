//! Положить в корзину.

use catalog::errors::VARIANT_NOT_FOUND;
use catalog::queries::{Sellable, sellable};
use kernel::{OrNotFound, Result, Work};
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};

use super::{MAX_LINES, check_on_sale, fit, limit_of, lock, too_many};
use crate::models::*;
use crate::owner::{CartOwner, GuestToken};
use crate::{errors, queries};

/// Что вышло: строка и, если корзину гостю только что завели, её ключ.
#[derive(Clone, Debug)]
pub struct Added {
    pub item: cart_item::Model,
    pub new_token: Option<GuestToken>,
}

/// Кладёт вариант: к такому же прибавляет.
pub async fn add_item(work: &mut Work, owner: &CartOwner, variant_id: i64, quantity: i64) -> Result<Added> {
    let mut good = sellable(work.db(), &[variant_id]).await?.pop().or_not_found(VARIANT_NOT_FOUND)?;
    add_good(work, owner, &mut good, quantity).await
}

/// То же, когда товар уже прочитан; предзаказ становится таким, каким его видит владелец корзины ([`fit`]).
pub async fn add_good(work: &mut Work, owner: &CartOwner, good: &mut Sellable, quantity: i64) -> Result<Added> {
    fit(work, owner, good).await?;
    let good = &*good;
    check_on_sale(work, good)?;
    if quantity > limit_of(good) {
        return Err(too_many(good));
    }
    let (cart_id, lines, new_token) = open(work, owner).await?;
    let item = match lines.iter().find(|line| line.variant_id == good.variant_id) {
        Some(line) => raise(work, line, good, quantity).await?,
        None if lines.len() >= MAX_LINES => return Err(errors::too_many_lines()),
        None => insert(work, cart_id, good, quantity).await?,
    };
    Ok(Added { item, new_token })
}

/// Запертая корзина владельца и её строки; новая, если корзины не было.
async fn open(work: &Work, owner: &CartOwner) -> Result<(i64, Vec<cart_item::Model>, Option<GuestToken>)> {
    if let CartOwner::User(user_id) = owner {
        if !lock(work, owner).await? {
            create_for_user(work, *user_id).await?;
            lock(work, owner).await?;
        }
        let (cart, items) = queries::cart_with_items(work.db(), owner).await?.or_not_found(errors::ITEM_NOT_FOUND)?;
        return Ok((cart.id, items, None));
    }
    if *owner != CartOwner::Nobody
        && lock(work, owner).await?
        && let Some((cart, items)) = queries::cart_with_items(work.db(), owner).await?
    {
        return Ok((cart.id, items, None));
    }
    // Ключ придумываем мы: чужой или выдуманный клиентом не становится ключом новой корзины.
    let token = GuestToken::new(work.ctx());
    let cart = new_cart(work, None, Some(token.hash())).insert(work.db()).await?;
    Ok((cart.id, Vec::new(), Some(token)))
}

/// Заводит корзину человеку; опередил близнец — не беда.
pub async fn create_for_user(work: &Work, user_id: i64) -> Result<()> {
    Cart::insert(new_cart(work, Some(user_id), None))
        .on_conflict_do_nothing_on([cart::Column::UserId])
        .exec_without_returning(work.db())
        .await?;
    Ok(())
}

fn new_cart(work: &Work, user_id: Option<i64>, token_hash: Option<String>) -> cart::ActiveModel {
    cart::ActiveModel {
        user_id: Set(user_id),
        token_hash: Set(token_hash),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
        ..Default::default()
    }
}

/// Прибавляет к строке одним условным UPDATE: больше предела не станет.
async fn raise(work: &Work, line: &cart_item::Model, good: &Sellable, quantity: i64) -> Result<cart_item::Model> {
    let raised = CartItem::update_many()
        .col_expr(cart_item::Column::Quantity, Expr::col(cart_item::Column::Quantity).add(quantity))
        .col_expr(cart_item::Column::Price, Expr::value(good.price))
        .col_expr(cart_item::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(cart_item::Column::Id.eq(line.id))
        .filter(cart_item::Column::Quantity.lte(limit_of(good) - quantity))
        .exec(work.db())
        .await?;
    if raised.rows_affected == 0 {
        return Err(too_many(good));
    }
    Ok(cart_item::Model {
        quantity: line.quantity + quantity,
        price: good.price,
        updated_at: work.timestamp(),
        ..line.clone()
    })
}

async fn insert(work: &Work, cart_id: i64, good: &Sellable, quantity: i64) -> Result<cart_item::Model> {
    let row = cart_item::ActiveModel {
        cart_id: Set(cart_id),
        variant_id: Set(good.variant_id),
        quantity: Set(quantity),
        price: Set(good.price),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
        ..Default::default()
    };
    Ok(row.insert(work.db()).await?)
}
