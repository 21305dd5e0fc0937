//! Характеристики.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use kernel::http::{NoContent, Once, Paging, PathParam, Valid};
use kernel::{Actor, Ctx, Result, Work};

use crate::queries;
use crate::schemas::{AttributeIn, AttributeList, AttributeOut, AttributePatch};
use crate::services::attributes;

/// Характеристики по порядку, с перечнями.
#[utoipa::path(get, path = "/attributes/", params(Paging), responses((status = 200, body = AttributeList)))]
pub async fn list_attributes(ctx: Ctx, paging: Paging) -> Result<Json<AttributeList>> {
    let (attributes, total) = queries::attributes(ctx.db(), &paging).await?;
    Ok(Json(AttributeList { attributes, total, page: paging.page(), page_size: paging.limit }))
}

/// Характеристика по id.
#[utoipa::path(get, path = "/attributes/{id}", params(("id" = i64, Path)), responses((status = 200, body = AttributeOut)))]
pub async fn read_attribute(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Json<AttributeOut>> {
    Ok(Json(queries::find_attribute(ctx.db(), id).await?))
}

/// Завести характеристику.
#[utoipa::path(post, path = "/attributes/", request_body = AttributeIn, responses((status = 201, body = AttributeOut)))]
pub async fn create_attribute(ctx: Ctx, actor: Actor, once: Once<AttributeIn>) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &AttributeIn| {
        let added = attributes::create_attribute(work, input).await?;
        queries::find_attribute(work.db(), added.id).await
    })
    .await
}

/// Изменить характеристику; `choices` заменяет перечень.
#[utoipa::path(patch, path = "/attributes/{id}", params(("id" = i64, Path)), request_body = AttributePatch, responses((status = 200, body = AttributeOut)))]
pub async fn patch_attribute(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<AttributePatch>,
) -> Result<Json<AttributeOut>> {
    let out = ctx.atomic(&actor, async move |work: &mut Work| {
        attributes::update_attribute(work, id, &patch).await?;
        queries::find_attribute(work.db(), id).await
    });
    Ok(Json(out.await?))
}

/// Удалить характеристику, которой нет ни у одного товара; иначе 400.
#[utoipa::path(delete, path = "/attributes/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn delete_attribute(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| attributes::delete_attribute(work, id).await).await?;
    Ok(NoContent)
}
