//! Адреса и кому они открыты.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use kernel::http::{NoContent, Once, Paging, PathParam, Routes};
use kernel::{Access, Actor, Ctx, Result, Work};
use utoipa_axum::routes;

use crate::schemas::{%App%ItemIn, %App%ItemList, %App%ItemOut};
use crate::{queries, services};

pub fn routes(_: &Ctx) -> Routes {
    Routes::new("%title%")
        .add(routes!(list_%app%_items, create_%app%_item), Access::Customer)
        .add(routes!(delete_%app%_item), Access::Customer)
}

/// Свои записи, новые сверху.
#[utoipa::path(get, path = "/%app%/", params(Paging), responses((status = 200, body = %App%ItemList)))]
async fn list_%app%_items(ctx: Ctx, actor: Actor, paging: Paging) -> Result<Json<%App%ItemList>> {
    let (rows, total) = queries::page_of_user(ctx.db(), actor.require_user()?, &paging).await?;
    let items = rows.into_iter().map(%App%ItemOut::from).collect();
    Ok(Json(%App%ItemList { items, total, page: paging.page(), page_size: paging.limit }))
}

/// Добавить запись.
#[utoipa::path(post, path = "/%app%/", request_body = %App%ItemIn, responses((status = 201, body = %App%ItemOut)))]
async fn create_%app%_item(ctx: Ctx, actor: Actor, once: Once<%App%ItemIn>) -> Result<Response> {
    let (user_id, scope) = (actor.require_user()?, actor.label());
    let add = async move |work: &mut Work, input: &%App%ItemIn| {
        services::add_item(work, user_id, input).await.map(%App%ItemOut::from)
    };
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, add).await
}

/// Убрать свою запись.
#[utoipa::path(delete, path = "/%app%/{id}", params(("id" = i64, Path)), responses((status = 204)))]
async fn delete_%app%_item(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    let user_id = actor.require_user()?;
    ctx.atomic(&actor, async move |work: &mut Work| services::remove_item(work, user_id, id).await).await?;
    Ok(NoContent)
}
