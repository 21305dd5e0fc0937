//! Избранное и просмотренное: каждый видит только своё.

use axum::Json;
use kernel::http::{Created, NoContent, Paging, PathParam, Valid};
use kernel::{Actor, Ctx, Result, Work};
use serde::Serialize;
use utoipa::ToSchema;

use crate::queries;
use crate::schemas::{ProductList, ProductRef, ProductShelf};
use crate::services::personal;

#[derive(Serialize, ToSchema)]
pub struct Favorite {
    pub product_id: i64,
}

/// Избранное, последнее — первым.
#[utoipa::path(get, path = "/favorites/", params(Paging), responses((status = 200, body = ProductList)))]
pub async fn list_favorites(ctx: Ctx, actor: Actor, paging: Paging) -> Result<Json<ProductList>> {
    let user = actor.require_user()?;
    let (products, total) = queries::favourites(ctx.db(), user, &paging, ctx.now().naive_utc()).await?;
    Ok(Json(ProductList { products, total, page: paging.page(), page_size: paging.limit, next_cursor: None }))
}

/// Добавить в избранное; повтор ничего не меняет.
#[utoipa::path(post, path = "/favorites/", request_body = ProductRef, responses((status = 201, body = Favorite)))]
pub async fn add_favorite(ctx: Ctx, actor: Actor, Valid(input): Valid<ProductRef>) -> Result<Created<Favorite>> {
    let user = actor.require_user()?;
    let product_id = input.product_id;
    ctx.atomic(&actor, async move |work: &mut Work| personal::add_favourite(work, user, product_id).await).await?;
    Ok(Created(Favorite { product_id }))
}

/// Убрать из избранного.
#[utoipa::path(delete, path = "/favorites/{product_id}", params(("product_id" = i64, Path)), responses((status = 204)))]
pub async fn remove_favorite(ctx: Ctx, actor: Actor, PathParam(product): PathParam<i64>) -> Result<NoContent> {
    let user = actor.require_user()?;
    ctx.atomic(&actor, async move |work: &mut Work| personal::remove_favourite(work, user, product).await).await?;
    Ok(NoContent)
}

/// Недавно просмотренное, последнее — первым.
#[utoipa::path(get, path = "/recently-viewed/", responses((status = 200, body = ProductShelf)))]
pub async fn list_recent_views(ctx: Ctx, actor: Actor) -> Result<Json<ProductShelf>> {
    let user = actor.require_user()?;
    let products = queries::recent_views(ctx.db(), user, ctx.now().naive_utc()).await?;
    Ok(Json(ProductShelf { products }))
}

/// Запомнить просмотр товара.
#[utoipa::path(post, path = "/recently-viewed/", request_body = ProductRef, responses((status = 204)))]
pub async fn remember_view(ctx: Ctx, actor: Actor, Valid(input): Valid<ProductRef>) -> Result<NoContent> {
    let user = actor.require_user()?;
    ctx.atomic(&actor, async move |work: &mut Work| personal::remember_view(work, user, input.product_id).await)
        .await?;
    Ok(NoContent)
}
