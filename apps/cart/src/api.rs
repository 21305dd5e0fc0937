//! Адреса корзины: гостю по ключу, вошедшему — его собственная.

use axum::Json;
use axum::response::{IntoResponse, Response};
use catalog::queries::{Wanted, known_sellable};
use http::{HeaderMap, StatusCode};
use kernel::http::{NoContent, PathParam, Routes, Valid};
use kernel::{Access, Actor, Ctx, Result, Work};
use utoipa_axum::routes;

use crate::owner::CartOwner;
use crate::schemas::*;
use crate::{queries, services};

/// Корзина по сегодняшним ценам. Вошедшему без корзины заводится пустая, гостю — нет.
#[utoipa::path(get, path = "/cart/", responses((status = 200, body = CartOut)))]
pub async fn get_cart(ctx: Ctx, actor: Actor, owner: CartOwner) -> Result<Json<CartOut>> {
    let mut cart = queries::cart_view(&ctx, &owner).await?;
    if let (CartOwner::User(user_id), None) = (&owner, cart.id) {
        let user_id = *user_id;
        ctx.atomic(&actor, async move |work: &mut Work| services::create_for_user(work, user_id).await).await?;
        cart = queries::cart_view(&ctx, &owner).await?;
    }
    if let Actor::User(user) = &actor {
        cart.user_id = Some(user.public_id);
    }
    Ok(Json(cart))
}

/// Положить в корзину: к такой же строке прибавляется. Гостю без корзины её ключ вернут заголовок `X-Cart-Token` и cookie `cart`.
#[utoipa::path(post, path = "/cart/items", request_body = CartItemIn, responses((status = 201, body = CartItemOut)))]
pub async fn add_cart_item(
    ctx: Ctx,
    actor: Actor,
    owner: CartOwner,
    Valid(input): Valid<CartItemIn>,
) -> Result<Response> {
    let (added, good) = ctx
        .atomic(&actor, async move |work: &mut Work| {
            let wanted = Wanted { product_id: input.product_id, size: input.size.clone() };
            let mut good = known_sellable(work.ctx(), work.db(), &wanted).await?;
            let added = services::add_good(work, &owner, &mut good, input.quantity).await?;
            Ok((added, good))
        })
        .await?;
    let headers = added.new_token.map(|token| token.headers(&ctx)).transpose()?.unwrap_or_else(HeaderMap::new);
    Ok((StatusCode::CREATED, headers, Json(CartItemOut::of(&added.item, &good, true))).into_response())
}

/// Изменить количество.
#[utoipa::path(put, path = "/cart/items/{id}", params(("id" = i64, Path)), request_body = CartItemPatch,
    responses((status = 200, body = CartItemOut)))]
pub async fn change_cart_item(
    ctx: Ctx,
    actor: Actor,
    owner: CartOwner,
    PathParam(id): PathParam<i64>,
    Valid(input): Valid<CartItemPatch>,
) -> Result<Json<CartItemOut>> {
    let changed = ctx
        .atomic(&actor, async move |work: &mut Work| services::change_quantity(work, &owner, id, input.quantity).await);
    let (item, good) = changed.await?;
    Ok(Json(CartItemOut::of(&item, &good, true)))
}

/// Убрать строку.
#[utoipa::path(delete, path = "/cart/items/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn remove_cart_item(
    ctx: Ctx,
    actor: Actor,
    owner: CartOwner,
    PathParam(id): PathParam<i64>,
) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| services::remove_item(work, &owner, id).await).await?;
    Ok(NoContent)
}

/// Очистить корзину.
#[utoipa::path(delete, path = "/cart/", responses((status = 204)))]
pub async fn clear_cart(ctx: Ctx, actor: Actor, owner: CartOwner) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| services::clear(work, &owner).await).await?;
    Ok(NoContent)
}

/// Сколько штук в корзине.
#[utoipa::path(get, path = "/cart/count", responses((status = 200, body = CartCount)))]
pub async fn count_cart(ctx: Ctx, owner: CartOwner) -> Result<Json<CartCount>> {
    Ok(Json(CartCount { count: queries::count(&ctx, &owner).await? }))
}

pub fn routes(_: &Ctx) -> Routes {
    Routes::new("Корзина")
        .add(routes!(get_cart, clear_cart), Access::Visitor)
        .lenient()
        .add(routes!(add_cart_item), Access::Visitor)
        .lenient()
        .add(routes!(change_cart_item, remove_cart_item), Access::Visitor)
        .lenient()
        .add(routes!(count_cart), Access::Visitor)
        .lenient()
}
