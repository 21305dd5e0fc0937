//! Страницы.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use kernel::http::{NoContent, Once, Paging, PathParam, Valid};
use kernel::{Actor, Ctx, Result, Work};
use sea_orm::{PaginatorTrait, QuerySelect};

use crate::schemas::{PageIn, PageList, PageOut, PagePatch};
use crate::{queries, services};

/// Столько страниц даёт список тому, кто размера не назвал: так обещал прежний контракт.
const PAGE: u64 = 100;

/// Опубликованные страницы; пишущему их сотруднику — все.
#[utoipa::path(get, path = "/pages/", params(Paging), responses((status = 200, body = PageList)))]
pub async fn list_pages(ctx: Ctx, actor: Actor, paging: Paging) -> Result<Json<PageList>> {
    let paging = paging.or_size(PAGE);
    let find = queries::pages(&actor);
    let total = find.clone().count(ctx.db()).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(ctx.db()).await?;
    let pages = rows.into_iter().map(PageOut::from).collect();
    Ok(Json(PageList { pages, total, page: paging.page(), page_size: paging.limit }))
}

/// Страница по адресу.
#[utoipa::path(get, path = "/pages/{slug}", params(("slug" = String, Path)), responses((status = 200, body = PageOut)))]
pub async fn read_page(ctx: Ctx, actor: Actor, PathParam(slug): PathParam<String>) -> Result<Json<PageOut>> {
    Ok(Json(queries::find_page(ctx.db(), &actor, &slug).await?.into()))
}

/// Завести страницу.
#[utoipa::path(post, path = "/pages/", request_body = PageIn, responses((status = 201, body = PageOut)))]
pub async fn create_page(ctx: Ctx, actor: Actor, once: Once<PageIn>) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &PageIn| {
        Ok(PageOut::from(services::create_page(work, input).await?))
    })
    .await
}

/// Изменить присланные поля (PUT тоже частичен).
#[utoipa::path(put, path = "/pages/{slug}", params(("slug" = String, Path)), request_body = PagePatch, responses((status = 200, body = PageOut)))]
pub async fn replace_page(
    ctx: Ctx,
    actor: Actor,
    PathParam(slug): PathParam<String>,
    Valid(patch): Valid<PagePatch>,
) -> Result<Json<PageOut>> {
    change(ctx, actor, slug, patch).await
}

/// Изменить присланные поля.
#[utoipa::path(patch, path = "/pages/{slug}", params(("slug" = String, Path)), request_body = PagePatch, responses((status = 200, body = PageOut)))]
pub async fn patch_page(
    ctx: Ctx,
    actor: Actor,
    PathParam(slug): PathParam<String>,
    Valid(patch): Valid<PagePatch>,
) -> Result<Json<PageOut>> {
    change(ctx, actor, slug, patch).await
}

async fn change(ctx: Ctx, actor: Actor, slug: String, patch: PagePatch) -> Result<Json<PageOut>> {
    let row = ctx.atomic(&actor, async move |work: &mut Work| services::update_page(work, &slug, &patch).await).await?;
    Ok(Json(row.into()))
}

/// Удалить страницу.
#[utoipa::path(delete, path = "/pages/{slug}", params(("slug" = String, Path)), responses((status = 204)))]
pub async fn delete_page(ctx: Ctx, actor: Actor, PathParam(slug): PathParam<String>) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| services::delete_page(work, &slug).await).await?;
    Ok(NoContent)
}
