//! Люди глазами сотрудника и открытый список преподавателей.

use std::collections::{BTreeSet, HashMap};

use axum::Json;
use kernel::http::{Paging, Params, PathParam, Valid};
use kernel::{Actor, Ctx, OrNotFound, Result, Work};
use sea_orm::{PaginatorTrait, QuerySelect};
use uuid::Uuid;

use super::me::user_out;
use crate::events::UserViewed;
use crate::models::user;
use crate::permissions::VIEW_USER;
use crate::schemas::*;
use crate::{queries, services};

const NOT_FOUND: &str = "accounts.user_not_found";

/// Столько людей даёт список тому, кто размера не назвал: так обещал прежний контракт.
const PAGE: u64 = 100;

/// Список людей. Контакты видит тот, у кого есть право `accounts.view_user`.
#[utoipa::path(get, path = "/users/", params(UserFilter, Paging), responses((status = 200, body = UserList)))]
pub async fn list_users(
    ctx: Ctx,
    actor: Actor,
    Params(filter): Params<UserFilter>,
    paging: Paging,
) -> Result<Json<UserList>> {
    let paging = paging.or_size(PAGE);
    let find = queries::users_matching(&filter);
    let total = find.clone().count(ctx.db()).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(ctx.db()).await?;
    let mut roles = roles_by_user(&ctx, &rows).await?;
    let with_contacts = actor.can(VIEW_USER);
    let out = |user: user::Model| {
        let codes = roles.remove(&user.id).unwrap_or_default();
        UserRowOut::of(user, queries::with_customer(codes.into_iter()), with_contacts)
    };
    let users = rows.into_iter().map(out).collect();
    Ok(Json(UserList { users, total, page: paging.page(), page_size: paging.limit }))
}

async fn roles_by_user(ctx: &Ctx, users: &[user::Model]) -> Result<HashMap<i64, Vec<String>>> {
    let ids: Vec<i64> = users.iter().map(|user| user.id).collect();
    let mut roles: HashMap<i64, Vec<String>> = HashMap::new();
    for (user_id, code) in queries::roles_of(ctx.db(), &ids).await? {
        roles.entry(user_id).or_default().push(code);
    }
    Ok(roles)
}

/// Один человек целиком. Просмотр пишется в журнал дел.
#[utoipa::path(get, path = "/users/{id}", params(("id" = Uuid, Path)), responses((status = 200, body = UserOut)))]
pub async fn read_user(ctx: Ctx, actor: Actor, PathParam(id): PathParam<Uuid>) -> Result<Json<UserOut>> {
    let user = ctx
        .atomic(&actor, async move |work: &mut Work| {
            let user = queries::user_by_public_id(work.db(), id).await?.or_not_found(NOT_FOUND)?;
            work.emit(&UserViewed { user_id: user.id }).await?;
            Ok(user)
        })
        .await?;
    Ok(Json(user_out(&ctx, user).await?))
}

/// Заблокировать, разблокировать, сменить группы прав.
#[utoipa::path(patch, path = "/users/{id}", params(("id" = Uuid, Path)), request_body = UserPatch,
    responses((status = 200, body = UserOut)))]
pub async fn patch_user(
    ctx: Ctx,
    actor: Actor,
    PathParam(id): PathParam<Uuid>,
    Valid(input): Valid<UserPatch>,
) -> Result<Json<UserOut>> {
    let groups: Option<BTreeSet<String>> = input.groups.map(|codes| codes.into_iter().collect());
    let user = ctx
        .atomic(&actor, async move |work: &mut Work| {
            let user = queries::user_by_public_id(work.db(), id).await?.or_not_found(NOT_FOUND)?;
            if let Some(groups) = &groups {
                services::set_user_groups(work, user.id, groups).await?;
            }
            match input.is_active {
                Some(is_active) => services::set_active(work, user.id, is_active).await,
                None => Ok(user),
            }
        })
        .await?;
    Ok(Json(user_out(&ctx, user).await?))
}

/// Преподаватели: только открытые поля.
#[utoipa::path(get, path = "/users/teachers", params(Paging), responses((status = 200, body = TeacherList)))]
pub async fn list_teachers(ctx: Ctx, paging: Paging) -> Result<Json<TeacherList>> {
    let find = queries::teachers();
    let total = find.clone().count(ctx.db()).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(ctx.db()).await?;
    let teachers = rows.into_iter().map(TeacherOut::from).collect();
    Ok(Json(TeacherList { teachers, total, page: paging.page(), page_size: paging.limit }))
}
