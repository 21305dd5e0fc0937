//! Адреса: покупателю — способы, пункты и цена; сотруднику — их правка.

use axum::Json;
use kernel::http::{Created, NoContent, Paging, Params, PathParam, Routes, Valid};
use kernel::{Access, Actor, Ctx, Result, Work};
use sea_orm::{PaginatorTrait, QuerySelect};
use utoipa_axum::routes;

use crate::calculations::possible_cities;
use crate::models::{method, pickup_point};
use crate::schemas::*;
use crate::{permissions, queries, services};

/// Способы доставки с ценами города `city`.
#[utoipa::path(get, path = "/delivery/methods/", params(MethodFilter, Paging), responses((status = 200, body = MethodList)))]
pub async fn list_delivery_methods(
    ctx: Ctx,
    Params(filter): Params<MethodFilter>,
    paging: Paging,
) -> Result<Json<MethodList>> {
    let cities = possible_cities(filter.city.as_deref(), None);
    let offers = queries::offers(ctx.db(), &cities).await?;
    let total = offers.len() as u64;
    let page = offers.into_iter().skip(paging.offset as usize).take(paging.limit as usize);
    Ok(Json(MethodList {
        methods: page.map(MethodOut::from).collect(),
        total,
        page: paging.page(),
        page_size: paging.limit,
    }))
}

/// Пункты выдачи магазина.
#[utoipa::path(get, path = "/delivery/pickup-points/", params(PointFilter, Paging), responses((status = 200, body = PickupPointList)))]
pub async fn list_pickup_points(
    ctx: Ctx,
    Params(filter): Params<PointFilter>,
    paging: Paging,
) -> Result<Json<PickupPointList>> {
    points_page(&ctx, queries::active_points(filter.city.as_deref()), &paging).await
}

/// Посчитать доставку.
#[utoipa::path(post, path = "/delivery/quote", request_body = QuoteIn, responses((status = 200, body = QuoteOut)))]
pub async fn quote_delivery(ctx: Ctx, Valid(input): Valid<QuoteIn>) -> Result<Json<QuoteOut>> {
    let quote = services::quote(&ctx, ctx.db_fresh(), &input.delivery, input.subtotal).await?;
    Ok(Json(quote.into()))
}

/// Все способы, и выключенные, с ценами городов.
#[utoipa::path(get, path = "/delivery/methods/admin/all", params(Paging), responses((status = 200, body = MethodAdminList)))]
pub async fn list_all_delivery_methods(ctx: Ctx, paging: Paging) -> Result<Json<MethodAdminList>> {
    let find = queries::all_methods();
    let total = find.clone().count(ctx.db()).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(ctx.db()).await?;
    let methods = admin_out(&ctx, rows).await?;
    Ok(Json(MethodAdminList { methods, total, page: paging.page(), page_size: paging.limit }))
}

/// Завести способ доставки.
#[utoipa::path(post, path = "/delivery/methods/", request_body = MethodIn, responses((status = 201, body = MethodAdminOut)))]
pub async fn create_delivery_method(
    ctx: Ctx,
    actor: Actor,
    Valid(input): Valid<MethodIn>,
) -> Result<Created<MethodAdminOut>> {
    let method =
        ctx.atomic(&actor, async move |work: &mut Work| services::create_method(work, input.clone()).await).await?;
    Ok(Created(one_admin_out(&ctx, method).await?))
}

/// Заменить способ доставки.
#[utoipa::path(put, path = "/delivery/methods/{id}", params(("id" = i64, Path)), request_body = MethodIn,
    responses((status = 200, body = MethodAdminOut)))]
pub async fn update_delivery_method(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(input): Valid<MethodIn>,
) -> Result<Json<MethodAdminOut>> {
    let method =
        ctx.atomic(&actor, async move |work: &mut Work| services::update_method(work, id, input.clone()).await).await?;
    Ok(Json(one_admin_out(&ctx, method).await?))
}

/// Удалить способ доставки.
#[utoipa::path(delete, path = "/delivery/methods/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn delete_delivery_method(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| services::delete_method(work, id).await).await?;
    Ok(NoContent)
}

/// Все пункты выдачи, и выключенные.
#[utoipa::path(get, path = "/delivery/pickup-points/admin/all", params(Paging), responses((status = 200, body = PickupPointList)))]
pub async fn list_all_pickup_points(ctx: Ctx, paging: Paging) -> Result<Json<PickupPointList>> {
    points_page(&ctx, queries::all_points(), &paging).await
}

/// Завести пункт выдачи.
#[utoipa::path(post, path = "/delivery/pickup-points/", request_body = PickupPointIn, responses((status = 201, body = PickupPointOut)))]
pub async fn create_pickup_point(
    ctx: Ctx,
    actor: Actor,
    Valid(input): Valid<PickupPointIn>,
) -> Result<Created<PickupPointOut>> {
    let point =
        ctx.atomic(&actor, async move |work: &mut Work| services::create_point(work, input.clone()).await).await?;
    Ok(Created(point.into()))
}

/// Заменить пункт выдачи.
#[utoipa::path(put, path = "/delivery/pickup-points/{id}", params(("id" = i64, Path)), request_body = PickupPointIn,
    responses((status = 200, body = PickupPointOut)))]
pub async fn update_pickup_point(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(input): Valid<PickupPointIn>,
) -> Result<Json<PickupPointOut>> {
    let point =
        ctx.atomic(&actor, async move |work: &mut Work| services::update_point(work, id, input.clone()).await).await?;
    Ok(Json(point.into()))
}

/// Удалить пункт выдачи.
#[utoipa::path(delete, path = "/delivery/pickup-points/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn delete_pickup_point(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| services::delete_point(work, id).await).await?;
    Ok(NoContent)
}

async fn points_page(
    ctx: &Ctx,
    find: sea_orm::Select<pickup_point::Entity>,
    paging: &Paging,
) -> Result<Json<PickupPointList>> {
    let total = find.clone().count(ctx.db()).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(ctx.db()).await?;
    let pickup_points = rows.into_iter().map(PickupPointOut::from).collect();
    Ok(Json(PickupPointList { pickup_points, total, page: paging.page(), page_size: paging.limit }))
}

async fn one_admin_out(ctx: &Ctx, method: method::Model) -> Result<MethodAdminOut> {
    let cities = queries::city_prices_of(ctx.db(), vec![method.id]).await?;
    Ok(MethodAdminOut::of(method, cities))
}

async fn admin_out(ctx: &Ctx, methods: Vec<method::Model>) -> Result<Vec<MethodAdminOut>> {
    let cities = queries::city_prices_of(ctx.db(), methods.iter().map(|method| method.id).collect()).await?;
    let of = |id: i64| cities.iter().filter(move |city| city.method_id == id).cloned().collect();
    Ok(methods.into_iter().map(|method| MethodAdminOut::of(method.clone(), of(method.id))).collect())
}

pub fn routes(_: &Ctx) -> Routes {
    Routes::new("Доставка")
        .add(routes!(list_delivery_methods), Access::Public)
        .add(routes!(list_pickup_points), Access::Public)
        .add(routes!(quote_delivery), Access::Public)
        .add(routes!(list_all_delivery_methods), Access::Staff(permissions::CHANGE_METHOD))
        .add(routes!(create_delivery_method), Access::Staff(permissions::CHANGE_METHOD))
        .add(routes!(update_delivery_method, delete_delivery_method), Access::Staff(permissions::CHANGE_METHOD))
        .add(routes!(list_all_pickup_points), Access::Staff(permissions::CHANGE_PICKUP_POINT))
        .add(routes!(create_pickup_point), Access::Staff(permissions::CHANGE_PICKUP_POINT))
        .add(routes!(update_pickup_point, delete_pickup_point), Access::Staff(permissions::CHANGE_PICKUP_POINT))
}
