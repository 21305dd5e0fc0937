//! Сотрудник.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use kernel::http::{Once, Paging, Params, PathParam, Valid};
use kernel::{Actor, Ctx, OrNotFound, Result, Work};
use payments::schemas::NoFields;

use crate::errors::NOT_FOUND;
use crate::queries::Viewer;
use crate::schemas::*;
use crate::{queries, services};

/// Все заказы, новые первыми.
#[utoipa::path(get, path = "/orders/admin/all", params(OrderFilter, Paging), responses((status = 200, body = OrderList)))]
pub async fn list_all_orders(ctx: Ctx, Params(filter): Params<OrderFilter>, paging: Paging) -> Result<Json<OrderList>> {
    Ok(Json(queries::order_list(&ctx, queries::matching(&filter), &paging).await?))
}

/// Заказы, держащие места в волне предзаказа, новые первыми.
#[utoipa::path(get, path = "/preorder-waves/{id}/orders", params(("id" = i64, Path), Paging),
    responses((status = 200, body = OrderList)))]
pub async fn list_wave_orders(ctx: Ctx, PathParam(id): PathParam<i64>, paging: Paging) -> Result<Json<OrderList>> {
    let wave = preorders::queries::wave_by_id(ctx.db_fresh(), id).await?;
    wave.or_not_found(preorders::errors::WAVE_NOT_FOUND)?;
    let orders = queries::orders_in_wave(&ctx, id).await?;
    Ok(Json(queries::order_list(&ctx, orders, &paging).await?))
}

/// Поправить заказ: только присланные поля.
#[utoipa::path(put, path = "/orders/{id}", params(("id" = i64, Path)), request_body = OrderPatch,
    responses((status = 200, body = OrderDetailOut)))]
pub async fn update_order(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<OrderPatch>,
) -> Result<Json<OrderDetailOut>> {
    change(&ctx, &actor, id, patch).await
}

/// То же, что `PUT`: правка частичная в обоих случаях.
#[utoipa::path(patch, path = "/orders/{id}", params(("id" = i64, Path)), request_body = OrderPatch,
    responses((status = 200, body = OrderDetailOut)))]
pub async fn patch_order(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<OrderPatch>,
) -> Result<Json<OrderDetailOut>> {
    change(&ctx, &actor, id, patch).await
}

async fn change(ctx: &Ctx, actor: &Actor, id: i64, patch: OrderPatch) -> Result<Json<OrderDetailOut>> {
    let order = ctx.atomic(actor, async move |work: &mut Work| services::update_order(work, id, &patch).await).await?;
    Ok(Json(queries::detail(ctx, order, Viewer::Staff).await?))
}

/// Перевести заказ в другое состояние; незаконный переход — 400 `orders.illegal_transition`.
#[utoipa::path(post, path = "/orders/{id}/status", params(("id" = i64, Path)), request_body = StatusIn,
    responses((status = 200, body = OrderDetailOut)))]
pub async fn change_order_status(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    once: Once<StatusIn>,
) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::OK, async move |work: &mut Work, input: &StatusIn| {
        let note = input.note.as_deref().unwrap_or_default();
        if input.tracking_number.is_some() {
            let tracking = OrderPatch { tracking_number: input.tracking_number.clone(), ..OrderPatch::default() };
            services::update_order(work, id, &tracking).await?;
        }
        let order = services::change_status(work, id, input.status, note, input.restock).await?;
        queries::detail_in(work, order, Viewer::Staff).await
    })
    .await
}

/// Остаток после задатка принят в руки.
#[utoipa::path(post, path = "/orders/{id}/balance", params(("id" = i64, Path)), responses((status = 200, body = OrderDetailOut)))]
pub async fn accept_order_balance(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    once: Once<Option<NoFields>>,
) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::OK, async move |work: &mut Work, _: &Option<NoFields>| {
        let order = services::accept_balance(work, id).await?;
        queries::detail_in(work, order, Viewer::Staff).await
    })
    .await
}

/// Вернуть деньги: за строки со штуками, суммой или всё, что осталось.
#[utoipa::path(post, path = "/orders/{id}/refund", params(("id" = i64, Path)), request_body = OrderRefundIn,
    responses((status = 200, body = OrderDetailOut)))]
pub async fn refund_order(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    once: Once<OrderRefundIn>,
) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::OK, async move |work: &mut Work, input: &OrderRefundIn| {
        let order = queries::order_by_id(work.db(), id).await?.or_not_found(NOT_FOUND)?;
        services::refund_by_staff(work, &order, input).await?;
        queries::detail_in(work, order, Viewer::Staff).await
    })
    .await
}

/// Назначить этапу дату или отметить его сделанным.
#[utoipa::path(put, path = "/orders/{id}/stages/{code}", params(("id" = i64, Path), ("code" = String, Path)), request_body = StageIn,
    responses((status = 200, body = OrderDetailOut)))]
pub async fn set_order_stage(
    ctx: Ctx,
    actor: Actor,
    PathParam((id, code)): PathParam<(i64, String)>,
    Valid(input): Valid<StageIn>,
) -> Result<Json<OrderDetailOut>> {
    ctx.atomic(&actor, async move |work: &mut Work| services::set_stage(work, id, &code, &input).await).await?;
    let order = queries::order_by_id(ctx.db_fresh(), id).await?.or_not_found(NOT_FOUND)?;
    Ok(Json(queries::detail(&ctx, order, Viewer::Staff).await?))
}
