//! Приветствия на входе.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use kernel::http::{NoContent, Once, Paging, PathParam, Valid};
use kernel::{Actor, Ctx, OrNotFound, Result, Work};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QuerySelect};

use crate::errors::SPLASH_NOT_FOUND;
use crate::models::splash;
use crate::schemas::{Greeting, SplashIn, SplashList, SplashOut, SplashPatch};
use crate::{queries, services};

/// Случайное приветствие; нет ни одного — постоянное.
#[utoipa::path(get, path = "/splash/random", responses((status = 200, body = Greeting)))]
pub async fn read_random_splash(ctx: Ctx) -> Result<Json<Greeting>> {
    let mut texts = queries::active_splashes(ctx.db()).await?;
    if texts.is_empty() {
        return Ok(Json(Greeting { text: ctx.texts().get(ctx.lang(), "content.splash", &()) }));
    }
    let [a, b, c, d] = ctx.random().bytes();
    let chosen = u32::from_le_bytes([a, b, c, d]) as usize % texts.len();
    Ok(Json(Greeting { text: texts.swap_remove(chosen) }))
}

/// Все приветствия.
#[utoipa::path(get, path = "/splash/", params(Paging), responses((status = 200, body = SplashList)))]
pub async fn list_splashes(ctx: Ctx, paging: Paging) -> Result<Json<SplashList>> {
    let find = queries::splashes();
    let total = find.clone().count(ctx.db()).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(ctx.db()).await?;
    let notifications = rows.into_iter().map(SplashOut::from).collect();
    Ok(Json(SplashList { notifications, total, page: paging.page(), page_size: paging.limit }))
}

/// Одно приветствие.
#[utoipa::path(get, path = "/splash/{id}", params(("id" = i64, Path)), responses((status = 200, body = SplashOut)))]
pub async fn read_splash(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Json<SplashOut>> {
    let row = queries::splashes().filter(splash::Column::Id.eq(id)).one(ctx.db()).await?;
    Ok(Json(row.or_not_found(SPLASH_NOT_FOUND)?.into()))
}

/// Завести приветствие.
#[utoipa::path(post, path = "/splash/", request_body = SplashIn, responses((status = 201, body = SplashOut)))]
pub async fn create_splash(ctx: Ctx, actor: Actor, once: Once<SplashIn>) -> Result<Response> {
    let scope = actor.label();
    once.run(&ctx, &actor, &scope, StatusCode::CREATED, async move |work: &mut Work, input: &SplashIn| {
        Ok(SplashOut::from(services::create_splash(work, input).await?))
    })
    .await
}

/// Изменить присланные поля (PUT тоже частичен).
#[utoipa::path(put, path = "/splash/{id}", params(("id" = i64, Path)), request_body = SplashPatch, responses((status = 200, body = SplashOut)))]
pub async fn replace_splash(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<SplashPatch>,
) -> Result<Json<SplashOut>> {
    change(ctx, actor, id, patch).await
}

/// Изменить присланные поля.
#[utoipa::path(patch, path = "/splash/{id}", params(("id" = i64, Path)), request_body = SplashPatch, responses((status = 200, body = SplashOut)))]
pub async fn patch_splash(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(patch): Valid<SplashPatch>,
) -> Result<Json<SplashOut>> {
    change(ctx, actor, id, patch).await
}

async fn change(ctx: Ctx, actor: Actor, id: i64, patch: SplashPatch) -> Result<Json<SplashOut>> {
    let row = ctx.atomic(&actor, async move |work: &mut Work| services::update_splash(work, id, &patch).await).await?;
    Ok(Json(row.into()))
}

/// Удалить приветствие.
#[utoipa::path(delete, path = "/splash/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn delete_splash(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| services::delete_splash(work, id).await).await?;
    Ok(NoContent)
}
