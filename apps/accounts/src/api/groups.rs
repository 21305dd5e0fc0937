//! Группы прав.

use std::collections::HashMap;

use axum::Json;
use kernel::http::{Created, NoContent, PathParam, Valid};
use kernel::{Actor, Ctx, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder};

use crate::models::{Group, GroupPermission, group, group_permission};
use crate::queries;
use crate::schemas::*;
use crate::services::{self, GroupFields};

const NOT_FOUND: &str = "accounts.group_not_found";

/// Группы и их права.
#[utoipa::path(get, path = "/groups/", responses((status = 200, body = GroupList)))]
pub async fn list_groups(ctx: Ctx) -> Result<Json<GroupList>> {
    let rows = Group::find().order_by_asc(group::Column::Id).all(ctx.db()).await?;
    let mut permissions: HashMap<i64, Vec<String>> = HashMap::new();
    for row in GroupPermission::find().order_by_asc(group_permission::Column::Permission).all(ctx.db()).await? {
        permissions.entry(row.group_id).or_default().push(row.permission);
    }
    let out = |group: group::Model| {
        let own = permissions.remove(&group.id).unwrap_or_default();
        GroupOut::of(group, own)
    };
    let groups: Vec<GroupOut> = rows.into_iter().map(out).collect();
    Ok(Json(GroupList { total: groups.len() as u64, groups }))
}

/// Права, которые можно дать группе.
#[utoipa::path(get, path = "/groups/permissions", responses((status = 200, body = PermissionList)))]
pub async fn list_permissions(ctx: Ctx) -> Result<Json<PermissionList>> {
    let out = |p: kernel::Permission| PermissionOut { code: p.code.to_owned(), title: p.title.to_owned() };
    let permissions: Vec<_> = services::declared_permissions(&ctx).into_iter().map(out).collect();
    Ok(Json(PermissionList { total: permissions.len() as u64, permissions }))
}

#[utoipa::path(get, path = "/groups/{id}", params(("id" = i64, Path)), responses((status = 200, body = GroupOut)))]
pub async fn read_group(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<Json<GroupOut>> {
    let group = Group::find_by_id(id).one(ctx.db()).await?.or_not_found(NOT_FOUND)?;
    Ok(Json(group_out(ctx.db(), group).await?))
}

#[utoipa::path(post, path = "/groups/", request_body = GroupIn, responses((status = 201, body = GroupOut)))]
pub async fn create_group(ctx: Ctx, actor: Actor, Valid(input): Valid<GroupIn>) -> Result<Created<GroupOut>> {
    let fields = fields_of(input);
    let out = ctx
        .atomic(&actor, async move |work: &mut Work| {
            let group = services::create_group(work, fields.clone()).await?;
            group_out(work.db(), group).await
        })
        .await?;
    Ok(Created(out))
}

/// Заменить название и права группы.
#[utoipa::path(put, path = "/groups/{id}", params(("id" = i64, Path)), request_body = GroupIn,
    responses((status = 200, body = GroupOut)))]
pub async fn update_group(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<i64>,
    Valid(input): Valid<GroupIn>,
) -> Result<Json<GroupOut>> {
    let fields = fields_of(input);
    let out = ctx
        .atomic(&actor, async move |work: &mut Work| {
            let group = services::change_group(work, id, fields.clone()).await?;
            group_out(work.db(), group).await
        })
        .await?;
    Ok(Json(out))
}

/// Удалить группу; её участники теряют права группы.
#[utoipa::path(delete, path = "/groups/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn delete_group(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<NoContent> {
    ctx.atomic(&actor, async move |work: &mut Work| services::delete_group(work, id).await).await?;
    Ok(NoContent)
}

fn fields_of(input: GroupIn) -> GroupFields {
    GroupFields { code: input.code, title: input.title, permissions: input.permissions.into_iter().collect() }
}

async fn group_out(db: &impl ConnectionTrait, group: group::Model) -> Result<GroupOut> {
    let mut permissions = queries::permissions_of(db, std::slice::from_ref(&group)).await?;
    permissions.sort();
    Ok(GroupOut::of(group, permissions))
}
