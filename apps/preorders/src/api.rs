//! Адреса: покупателю — места и лист ожидания; сотруднику — волны.

use std::collections::BTreeSet;

use axum::Json;
use axum::response::Response;
use catalog::errors::PRODUCT_NOT_FOUND;
use catalog::models::product;
use http::StatusCode;
use kernel::http::{List, NoContent, Once, Paging, Params, PathParam, Routes, Valid};
use kernel::{Access, Actor, Ctx, Error, OrNotFound, Result, Work};
use sea_orm::{EntityTrait, PaginatorTrait, QuerySelect};
use serde_json::json;
use utoipa_axum::routes;

use crate::permissions::{CHANGE_WAVE, VIEW_WAVE};
use crate::schemas::*;
use crate::{errors, queries, services};

/// Товаров в одном переводе.
const MAX_PRODUCTS: usize = 200;

/// Волны товара и свободные места.
#[utoipa::path(get, path = "/products/{id}/preorder", params(("id" = i64, Path)), responses((status = 200, body = PreorderOut)))]
pub async fn read_preorder(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Json<PreorderOut>> {
    let now = ctx.now().naive_utc();
    let product = product::Entity::find_by_id(id).one(ctx.db()).await?;
    product.filter(|product| product.is_public(now)).or_not_found(PRODUCT_NOT_FOUND)?;
    let waves = queries::waves_of(ctx.db_fresh(), id).await?;
    Ok(Json(PreorderOut {
        product_id: id,
        current_wave: waves.iter().find(|wave| wave.is_open(now)).map(|wave| wave.wave_number),
        waves: waves.iter().map(|wave| PublicWave::of(wave, now)).collect(),
    }))
}

/// Моя запись в листе ожидания товара.
#[utoipa::path(get, path = "/products/{id}/waiting-list", params(("id" = i64, Path)), responses((status = 200, body = WaitingOut)))]
pub async fn read_waiting(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<Json<WaitingOut>> {
    let entry = queries::waiting_of(ctx.db_fresh(), id, actor.require_user()?).await?;
    Ok(Json(entry.or_not_found(errors::NOT_WAITING)?.into()))
}

/// Встать в лист ожидания: освободится место — его отложат для вас и напишут.
#[utoipa::path(post, path = "/products/{id}/waiting-list", params(("id" = i64, Path)), request_body = Option<WaitingIn>,
    responses((status = 201, body = WaitingOut)))]
pub async fn join_waiting_list(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    once: Once<Option<WaitingIn>>,
) -> Result<Response> {
    let user_id = actor.require_user()?;
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &Option<WaitingIn>| {
        let quantity = input.as_ref().and_then(|input| input.quantity).unwrap_or(1);
        services::join_waiting_list(work, id, user_id, quantity).await.map(WaitingOut::from)
    })
    .await
}

/// Уйти из листа ожидания.
#[utoipa::path(delete, path = "/products/{id}/waiting-list", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn leave_waiting_list(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    let user_id = actor.require_user()?;
    ctx.atomic(&actor, async move |work: &mut Work| services::leave_waiting_list(work, id, user_id).await).await?;
    Ok(NoContent)
}

/// Лист ожидания товара по очереди.
#[utoipa::path(get, path = "/products/{id}/waiting-list/admin", params(("id" = i64, Path), Paging),
    responses((status = 200, body = WaitingList)))]
pub async fn list_waiting(ctx: Ctx, PathParam(id): PathParam<i64>, paging: Paging) -> Result<Json<WaitingList>> {
    let find = queries::queue(id);
    let total = find.clone().count(ctx.db_fresh()).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(ctx.db_fresh()).await?;
    let waiting = rows.into_iter().map(WaitingOut::from).collect();
    Ok(Json(WaitingList { waiting, total, page: paging.page(), page_size: paging.limit }))
}

/// Волны товара или всех товаров.
#[utoipa::path(get, path = "/preorder-waves/", params(WaveFilter, Paging), responses((status = 200, body = WaveList)))]
pub async fn list_waves(ctx: Ctx, Params(filter): Params<WaveFilter>, paging: Paging) -> Result<Json<WaveList>> {
    let find = queries::all_waves(filter.product_id);
    let total = find.clone().count(ctx.db_fresh()).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(ctx.db_fresh()).await?;
    let waves = rows.into_iter().map(WaveOut::from).collect();
    Ok(Json(WaveList { waves, total, page: paging.page(), page_size: paging.limit }))
}

/// Одна волна.
#[utoipa::path(get, path = "/preorder-waves/{id}", params(("id" = i64, Path)), responses((status = 200, body = WaveOut)))]
pub async fn read_wave(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Json<WaveOut>> {
    let wave = queries::wave_by_id(ctx.db_fresh(), id).await?.or_not_found(errors::WAVE_NOT_FOUND)?;
    Ok(Json(wave.into()))
}

/// Завести волну; номер — следующий. Товар, все волны которого полны, снова продаётся.
#[utoipa::path(post, path = "/preorder-waves/", request_body = WaveIn, responses((status = 201, body = WaveOut)))]
pub async fn create_wave(ctx: Ctx, actor: Actor, once: Once<WaveIn>) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &WaveIn| {
        services::create_wave(work, input).await.map(WaveOut::from)
    })
    .await
}

/// Поправить волну.
#[utoipa::path(patch, path = "/preorder-waves/{id}", params(("id" = i64, Path)), request_body = WavePatch,
    responses((status = 200, body = WaveOut)))]
pub async fn update_wave(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<WavePatch>,
) -> Result<Json<WaveOut>> {
    let wave = ctx.atomic(&actor, async move |work: &mut Work| services::update_wave(work, id, &patch).await).await?;
    Ok(Json(wave.into()))
}

/// Удалить волну, места в которой никому не доставались.
#[utoipa::path(delete, path = "/preorder-waves/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn delete_wave(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| services::delete_wave(work, id).await).await?;
    Ok(NoContent)
}

/// Перевести волну: каждый заказ в ней узнаёт об этом, каждый покупатель получает письмо. Отмена занятой волны (`refund: true`) возвращает
/// деньги за её места.
#[utoipa::path(post, path = "/preorder-waves/{id}/status", params(("id" = i64, Path)), request_body = WaveStatusIn,
    responses((status = 200, body = WaveOut)))]
pub async fn change_wave_status(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    once: Once<WaveStatusIn>,
) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::OK, async move |work: &mut Work, input: &WaveStatusIn| {
        services::move_wave(work, id, input.status, input.message.trim(), input.refund).await.map(WaveOut::from)
    })
    .await
}

/// Перевести разом волны нескольких товаров: у каждого — первую, которую туда можно перевести. Всё или ничего.
#[utoipa::path(patch, path = "/orders/admin/bulk-production-status", params(BulkStatusParams), request_body = Vec<i64>,
    responses((status = 200, body = BulkStatusOut)))]
pub async fn bulk_production_status(
    ctx: Ctx,
    actor: Actor,
    Params(params): Params<BulkStatusParams>,
    List(ids): List<i64>,
) -> Result<Json<BulkStatusOut>> {
    if !(1..=MAX_PRODUCTS).contains(&ids.len()) {
        return Err(Error::invalid("product_ids", "out_of_range"));
    }
    let ids: BTreeSet<i64> = ids.into_iter().collect();
    let updated_count = ctx
        .atomic(&actor, async move |work: &mut Work| services::move_products(work, &ids, params.status).await)
        .await?;
    let message = ctx.texts().get(ctx.lang(), "preorders.bulk_moved", &json!({"count": updated_count}));
    Ok(Json(BulkStatusOut { message, updated_count }))
}

pub fn routes(_: &Ctx) -> Routes {
    Routes::new("Предзаказы")
        .add(routes!(read_preorder), Access::Public)
        .add(routes!(read_waiting, join_waiting_list, leave_waiting_list), Access::Customer)
        .add(routes!(list_waiting), Access::Staff(VIEW_WAVE))
        .add(routes!(list_waves), Access::Staff(VIEW_WAVE))
        .add(routes!(read_wave), Access::Staff(VIEW_WAVE))
        .add(routes!(create_wave), Access::Staff(CHANGE_WAVE))
        .add(routes!(update_wave, delete_wave), Access::Staff(CHANGE_WAVE))
        .add(routes!(change_wave_status), Access::Staff(CHANGE_WAVE))
        .add(routes!(bulk_production_status), Access::Staff(CHANGE_WAVE))
        .lenient()
}
