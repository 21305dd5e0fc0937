//! Бренды.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use kernel::http::{NoContent, Once, Paging, PathParam, Valid};
use kernel::{Actor, Ctx, Result, Work};

use crate::queries;
use crate::schemas::{BrandIn, BrandList, BrandOut, BrandPatch};
use crate::services::shelves;

/// Бренды по порядку.
#[utoipa::path(get, path = "/brands/", params(Paging), responses((status = 200, body = BrandList)))]
pub async fn list_brands(ctx: Ctx, paging: Paging) -> Result<Json<BrandList>> {
    let (brands, total) = queries::brands(ctx.db(), &paging).await?;
    Ok(Json(BrandList { brands, total, page: paging.page(), page_size: paging.limit }))
}

/// Бренд по id.
#[utoipa::path(get, path = "/brands/{id}", params(("id" = i64, Path)), responses((status = 200, body = BrandOut)))]
pub async fn read_brand(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Json<BrandOut>> {
    Ok(Json(queries::find_brand(ctx.db(), &id.to_string()).await?))
}

/// Бренд по адресу (slug).
#[utoipa::path(get, path = "/brands/by-slug/{slug}", params(("slug" = String, Path)), responses((status = 200, body = BrandOut)))]
pub async fn read_brand_by_slug(ctx: Ctx, PathParam(slug): PathParam<String>) -> Result<Json<BrandOut>> {
    Ok(Json(queries::find_brand(ctx.db(), &slug).await?))
}

/// Завести бренд.
#[utoipa::path(post, path = "/brands/", request_body = BrandIn, responses((status = 201, body = BrandOut)))]
pub async fn create_brand(ctx: Ctx, actor: Actor, once: Once<BrandIn>) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &BrandIn| {
        let added = shelves::create_brand(work, input).await?;
        queries::find_brand(work.db(), &added.slug).await
    })
    .await
}

/// Изменить бренд.
#[utoipa::path(put, path = "/brands/{id}", params(("id" = i64, Path)), request_body = BrandPatch, responses((status = 200, body = BrandOut)))]
pub async fn replace_brand(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<BrandPatch>,
) -> Result<Json<BrandOut>> {
    change(ctx, actor, id, patch).await
}

/// Изменить бренд.
#[utoipa::path(patch, path = "/brands/{id}", params(("id" = i64, Path)), request_body = BrandPatch, responses((status = 200, body = BrandOut)))]
pub async fn patch_brand(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<BrandPatch>,
) -> Result<Json<BrandOut>> {
    change(ctx, actor, id, patch).await
}

async fn change(ctx: Ctx, actor: Actor, id: i64, patch: BrandPatch) -> Result<Json<BrandOut>> {
    let out = ctx.atomic(&actor, async move |work: &mut Work| {
        let after = shelves::update_brand(work, id, &patch).await?;
        queries::find_brand(work.db(), &after.slug).await
    });
    Ok(Json(out.await?))
}

/// Удалить бренд без товаров; с товарами — 400.
#[utoipa::path(delete, path = "/brands/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn delete_brand(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| shelves::delete_brand(work, id).await).await?;
    Ok(NoContent)
}
