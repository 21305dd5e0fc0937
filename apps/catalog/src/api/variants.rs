//! Варианты товара.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use kernel::http::{NoContent, Once, PathParam, Valid};
use kernel::{Actor, Ctx, OrNotFound, Result, Work};

use super::params::viewer;
use crate::errors;
use crate::queries::{self, ProductAddress, Viewer};
use crate::schemas::{VariantIn, VariantList, VariantOut, VariantPatch};
use crate::services::variants;

/// Варианты товара по порядку.
#[utoipa::path(get, path = "/products/{id}/variants", params(("id" = i64, Path)), responses((status = 200, body = VariantList)))]
pub async fn list_variants(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<Json<VariantList>> {
    let now = ctx.now().naive_utc();
    let found = queries::find_detail(ctx.db(), &ProductAddress::Id(id), viewer(&actor), now).await?;
    Ok(Json(VariantList { variants: found.product.variants }))
}

async fn shown(work: &Work, product: i64, id: i64) -> Result<VariantOut> {
    let address = ProductAddress::Id(product);
    let found = queries::find_detail(work.db(), &address, Viewer::Staff, work.timestamp()).await?;
    found.product.variants.into_iter().find(|variant| variant.id == id).or_not_found(errors::VARIANT_NOT_FOUND)
}

/// Добавить вариант.
#[utoipa::path(post, path = "/products/{id}/variants", params(("id" = i64, Path)), request_body = VariantIn, responses((status = 201, body = VariantOut)))]
pub async fn create_variant(
    ctx: Ctx,
    actor: Actor,
    PathParam(product): PathParam<i64>,
    once: Once<VariantIn>,
) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &VariantIn| {
        let added = variants::add_variant(work, product, input).await?;
        shown(work, product, added.id).await
    })
    .await
}

/// Изменить вариант.
#[utoipa::path(patch, path = "/products/{id}/variants/{variant_id}", params(("id" = i64, Path), ("variant_id" = i64, Path)), request_body = VariantPatch, responses((status = 200, body = VariantOut)))]
pub async fn patch_variant(
    ctx: Ctx,
    actor: Actor,
    PathParam((product, id)): PathParam<(i64, i64)>,
    Valid(patch): Valid<VariantPatch>,
) -> Result<Json<VariantOut>> {
    let out = ctx.atomic(&actor, async move |work: &mut Work| {
        variants::update_variant(work, product, id, &patch).await?;
        shown(work, product, id).await
    });
    Ok(Json(out.await?))
}

/// Удалить вариант, которого ещё никто не заказывал; иначе 400.
#[utoipa::path(delete, path = "/products/{id}/variants/{variant_id}", params(("id" = i64, Path), ("variant_id" = i64, Path)), responses((status = 204)))]
pub async fn delete_variant(
    ctx: Ctx,
    actor: Actor,
    PathParam((product, id)): PathParam<(i64, i64)>,
) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| variants::delete_variant(work, product, id).await).await?;
    Ok(NoContent)
}
