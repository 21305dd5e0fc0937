//! Разделы.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use kernel::http::{NoContent, Once, Paging, PathParam, Valid};
use kernel::{Actor, Ctx, Result, Work};

use super::params::viewer;
use crate::queries;
use crate::schemas::{CategoryIn, CategoryList, CategoryOut, CategoryPatch, CategoryTree};
use crate::services::shelves;

/// Разделы подряд, в порядке дерева.
#[utoipa::path(get, path = "/categories/", params(Paging), responses((status = 200, body = CategoryList)))]
pub async fn list_categories(ctx: Ctx, actor: Actor, paging: Paging) -> Result<Json<CategoryList>> {
    let all = queries::categories(ctx.db(), viewer(&actor)).await?;
    let total = all.len() as u64;
    let page = all.into_iter().skip(paging.offset as usize).take(paging.limit as usize);
    Ok(Json(CategoryList { categories: page.collect(), total, page: paging.page(), page_size: paging.limit }))
}

/// Всё дерево разделов.
#[utoipa::path(get, path = "/categories/tree", responses((status = 200, body = CategoryTree)))]
pub async fn read_category_tree(ctx: Ctx, actor: Actor) -> Result<Json<CategoryTree>> {
    Ok(Json(CategoryTree { categories: queries::category_tree(ctx.db(), viewer(&actor)).await? }))
}

/// Раздел по id.
#[utoipa::path(get, path = "/categories/{id}", params(("id" = i64, Path)), responses((status = 200, body = CategoryOut)))]
pub async fn read_category(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<Json<CategoryOut>> {
    Ok(Json(queries::find_category(ctx.db(), &id.to_string(), viewer(&actor)).await?))
}

/// Раздел по адресу (slug).
#[utoipa::path(get, path = "/categories/by-slug/{slug}", params(("slug" = String, Path)), responses((status = 200, body = CategoryOut)))]
pub async fn read_category_by_slug(
    ctx: Ctx,
    actor: Actor,
    PathParam(slug): PathParam<String>,
) -> Result<Json<CategoryOut>> {
    Ok(Json(queries::find_category(ctx.db(), &slug, viewer(&actor)).await?))
}

/// Завести раздел.
#[utoipa::path(post, path = "/categories/", request_body = CategoryIn, responses((status = 201, body = CategoryOut)))]
pub async fn create_category(ctx: Ctx, actor: Actor, once: Once<CategoryIn>) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &CategoryIn| {
        Ok(queries::category_out(shelves::create_category(work, input).await?))
    })
    .await
}

/// Изменить раздел; `parent_id` переносит всю ветвь.
#[utoipa::path(put, path = "/categories/{id}", params(("id" = i64, Path)), request_body = CategoryPatch, responses((status = 200, body = CategoryOut)))]
pub async fn replace_category(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<CategoryPatch>,
) -> Result<Json<CategoryOut>> {
    change(ctx, actor, id, patch).await
}

/// Изменить раздел; `parent_id` переносит всю ветвь.
#[utoipa::path(patch, path = "/categories/{id}", params(("id" = i64, Path)), request_body = CategoryPatch, responses((status = 200, body = CategoryOut)))]
pub async fn patch_category(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<CategoryPatch>,
) -> Result<Json<CategoryOut>> {
    change(ctx, actor, id, patch).await
}

async fn change(ctx: Ctx, actor: Actor, id: i64, patch: CategoryPatch) -> Result<Json<CategoryOut>> {
    let row = ctx.atomic(&actor, async move |work: &mut Work| shelves::update_category(work, id, &patch).await).await?;
    Ok(Json(queries::category_out(row)))
}

/// Удалить пустой раздел; с товарами или вложенными — 400.
#[utoipa::path(delete, path = "/categories/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn delete_category(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| shelves::delete_category(work, id).await).await?;
    Ok(NoContent)
}
