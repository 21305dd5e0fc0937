//! Изменение товаров.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use kernel::http::{NoContent, Once, PathParam, Valid};
use kernel::{Actor, Ctx, Result, Work};

use crate::queries::{self, ProductAddress, Viewer};
use crate::schemas::{BulkIn, BulkOut, ProductDetail, ProductIn, ProductPatch};
use crate::services;

async fn detail(work: &Work, id: i64) -> Result<ProductDetail> {
    queries::find_detail(work.db(), &ProductAddress::Id(id), Viewer::Staff, work.timestamp()).await
}

/// Завести товар.
#[utoipa::path(post, path = "/products/", request_body = ProductIn, responses((status = 201, body = ProductDetail)))]
pub async fn create_product(ctx: Ctx, actor: Actor, once: Once<ProductIn>) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &ProductIn| {
        let product = services::create_product(work, input.clone()).await?;
        detail(work, product.id).await
    })
    .await
}

/// Изменить присланные поля (PUT тоже частичен).
#[utoipa::path(put, path = "/products/{id}", params(("id" = i64, Path)), request_body = ProductPatch, responses((status = 200, body = ProductDetail)))]
pub async fn replace_product(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<ProductPatch>,
) -> Result<Json<ProductDetail>> {
    change(ctx, actor, id, patch).await
}

/// Изменить присланные поля.
#[utoipa::path(patch, path = "/products/{id}", params(("id" = i64, Path)), request_body = ProductPatch, responses((status = 200, body = ProductDetail)))]
pub async fn patch_product(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<ProductPatch>,
) -> Result<Json<ProductDetail>> {
    change(ctx, actor, id, patch).await
}

async fn change(ctx: Ctx, actor: Actor, id: i64, patch: ProductPatch) -> Result<Json<ProductDetail>> {
    let out = ctx.atomic(&actor, async move |work: &mut Work| {
        services::update_product(work, id, &patch).await?;
        detail(work, id).await
    });
    Ok(Json(out.await?))
}

/// Убрать товар в архив.
#[utoipa::path(post, path = "/products/{id}/archive", params(("id" = i64, Path)), responses((status = 200, body = ProductDetail)))]
pub async fn archive_product(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<Json<ProductDetail>> {
    let out = ctx.atomic(&actor, async move |work: &mut Work| {
        services::archive_product(work, id).await?;
        detail(work, id).await
    });
    Ok(Json(out.await?))
}

/// Удалить товар, которого ещё никто не заказывал; иначе 400.
#[utoipa::path(delete, path = "/products/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn delete_product(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| services::delete_product(work, id).await).await?;
    Ok(NoContent)
}

/// Завести и изменить много товаров; у каждой строки свой итог. Повтор того же пакета ничего нового не заводит.
#[utoipa::path(post, path = "/products/bulk", request_body = BulkIn, responses((status = 200, body = BulkOut)))]
pub async fn bulk_products(ctx: Ctx, actor: Actor, Valid(input): Valid<BulkIn>) -> Result<Json<BulkOut>> {
    Ok(Json(services::bulk::apply_bulk(&ctx, &actor, &input.products).await?))
}
