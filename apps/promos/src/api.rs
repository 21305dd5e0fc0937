//! Адреса: сотруднику — список и правка, всем — проверка кода.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use kernel::http::{NoContent, Once, Paging, Params, PathParam, Routes, Valid};
use kernel::{Access, Actor, Ctx, Kind, OrNotFound, Result, Work};
use utoipa_axum::routes;

use crate::errors::NOT_FOUND;
use crate::permissions::{CHANGE_PROMO_CODE, VIEW_PROMO_CODE};
use crate::schemas::*;
use crate::services::Buyer;
use crate::{queries, services};

/// Столько кодов даёт список тому, кто размера не назвал: так обещал прежний контракт.
const PAGE: u64 = 100;

pub fn routes(_: &Ctx) -> Routes {
    Routes::new("Промокоды")
        .add(routes!(list_promo_codes), Access::Staff(VIEW_PROMO_CODE))
        .lenient()
        .add(routes!(create_promo_code), Access::Staff(CHANGE_PROMO_CODE))
        .lenient()
        .add(routes!(validate_promo_code), Access::Visitor)
        .lenient()
        .add(routes!(read_promo_code), Access::Staff(VIEW_PROMO_CODE))
        .lenient()
        .add(routes!(update_promo_code, patch_promo_code, delete_promo_code), Access::Staff(CHANGE_PROMO_CODE))
        .lenient()
}

/// Промокоды, новые первыми.
#[utoipa::path(get, path = "/promo-codes/", params(PromoCodeFilter, Paging), responses((status = 200, body = PromoCodeList)))]
async fn list_promo_codes(
    ctx: Ctx,
    Params(filter): Params<PromoCodeFilter>,
    paging: Paging,
) -> Result<Json<PromoCodeList>> {
    Ok(Json(queries::promo_list(&ctx, queries::matching(&filter), &paging.or_size(PAGE)).await?))
}

/// Завести промокод. Такой код уже есть, хотя бы и в другом регистре, — 400 `promos.code_taken`.
#[utoipa::path(post, path = "/promo-codes/", request_body = PromoCodeIn, responses((status = 201, body = PromoCodeOut)))]
async fn create_promo_code(ctx: Ctx, actor: Actor, once: Once<PromoCodeIn>) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &PromoCodeIn| {
        let promo = services::create_code(work, input).await?;
        queries::promo_out(work.db(), promo).await
    })
    .await
}

/// Один промокод.
#[utoipa::path(get, path = "/promo-codes/{id}", params(("id" = i64, Path)), responses((status = 200, body = PromoCodeOut)))]
async fn read_promo_code(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Json<PromoCodeOut>> {
    let promo = queries::by_id(ctx.db_fresh(), id).await?.or_not_found(NOT_FOUND)?;
    Ok(Json(queries::promo_out(ctx.db_fresh(), promo).await?))
}

/// Изменить промокод: только присланные поля. Оформленных заказов это не касается.
#[utoipa::path(put, path = "/promo-codes/{id}", params(("id" = i64, Path)), request_body = PromoCodePatch,
    responses((status = 200, body = PromoCodeOut)))]
async fn update_promo_code(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<PromoCodePatch>,
) -> Result<Json<PromoCodeOut>> {
    change(&ctx, &actor, id, patch).await
}

/// То же, что `PUT`: правка частичная в обоих случаях.
#[utoipa::path(patch, path = "/promo-codes/{id}", params(("id" = i64, Path)), request_body = PromoCodePatch,
    responses((status = 200, body = PromoCodeOut)))]
async fn patch_promo_code(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<PromoCodePatch>,
) -> Result<Json<PromoCodeOut>> {
    change(&ctx, &actor, id, patch).await
}

async fn change(ctx: &Ctx, actor: &Actor, id: i64, patch: PromoCodePatch) -> Result<Json<PromoCodeOut>> {
    let changed = ctx.atomic(actor, async move |work: &mut Work| {
        let promo = services::update_code(work, id, &patch).await?;
        queries::promo_out(work.db(), promo).await
    });
    Ok(Json(changed.await?))
}

/// Выключить промокод: строка остаётся, на неё ссылаются заказы.
#[utoipa::path(delete, path = "/promo-codes/{id}", params(("id" = i64, Path)), responses((status = 204)))]
async fn delete_promo_code(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| services::switch_off(work, id).await).await?;
    Ok(NoContent)
}

/// Годится ли код для этих товаров. Негодный — тоже 200, с причиной; перебор кодов — 429.
#[utoipa::path(post, path = "/promo-codes/validate", request_body = PromoCheckIn, responses((status = 200, body = PromoCheckOut)))]
async fn validate_promo_code(ctx: Ctx, actor: Actor, Valid(input): Valid<PromoCheckIn>) -> Result<Json<PromoCheckOut>> {
    services::check_guess(&ctx, &actor, &input.code).await?;
    let buyer = Buyer { user_id: actor.user_id(), ..Buyer::default() };
    match services::validate(&ctx, &input.code, &buyer, &input.product_ids).await {
        Ok(promo) => Ok(Json(PromoCheckOut::valid(&ctx, &promo))),
        Err(refusal) if refusal.kind == Kind::Refused => Ok(Json(PromoCheckOut::refused(&ctx, &refusal))),
        Err(error) => Err(error),
    }
}
