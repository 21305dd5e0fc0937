//! Что сотрудник делает с чужой учётной записью.

use kernel::{Error, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::end_all_sessions;
use super::groups::{lock_admins, refuse_without_admins};
use crate::events::UserBlocked;
use crate::models::{User, group, user};
use crate::{permissions, queries};

/// Блокирует (и заканчивает все входы) или разблокирует. Себя — нельзя; администратора — только администратор.
pub async fn set_active(work: &mut Work, user_id: i64, is_active: bool) -> Result<user::Model> {
    let actor = work.actor().clone();
    actor.require(permissions::BLOCK_USER)?;
    if actor.user_id() == Some(user_id) {
        return Err(Error::refused("accounts.own_account"));
    }
    lock_admins(work).await?;
    let roles = queries::role_codes(work.db(), user_id).await?;
    let is_admin = roles.iter().any(|role| role == group::ADMIN);
    if is_admin && !may_touch_admins(&actor) {
        return Err(Error::forbidden("admin"));
    }
    work.touch([user_id]);
    let changed = User::update_many()
        .col_expr(user::Column::IsActive, Expr::value(is_active))
        .col_expr(user::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(user::Column::Id.eq(user_id))
        .filter(user::Column::DeletedAt.is_null())
        .exec(work.db())
        .await?;
    (changed.rows_affected == 1).then_some(()).or_not_found("accounts.user_not_found")?;
    if is_admin && !is_active {
        refuse_without_admins(work).await?;
    }
    work.emit(&UserBlocked { user_id, is_active }).await?;
    match is_active {
        true => queries::user_by_id(work.db(), user_id).await?.or_not_found("accounts.user_not_found"),
        false => end_all_sessions(work, user_id).await,
    }
}

/// Заканчивает один вход чужой учётной записи; администратора — только администратор.
pub async fn end_session_of(work: &mut Work, user_id: i64, device_id: i64) -> Result<()> {
    work.actor().clone().require(permissions::BLOCK_USER)?;
    refuse_admins_account(work, user_id).await?;
    super::end_session(work, user_id, device_id).await?.then_some(()).or_not_found("accounts.device_not_found")
}

/// Снимает второй фактор тому, кто его потерял. Себе — только своим кодом; администратору — только администратор.
pub async fn drop_second_factor(work: &mut Work, user_id: i64) -> Result<()> {
    let actor = work.actor().clone();
    actor.require(permissions::CHANGE_USER_GROUPS)?;
    if actor.user_id() == Some(user_id) {
        return Err(Error::refused("accounts.own_account"));
    }
    refuse_admins_account(work, user_id).await?;
    super::second_factor::forget(work, user_id).await
}

async fn refuse_admins_account(work: &Work, user_id: i64) -> Result<()> {
    let roles = queries::role_codes(work.db(), user_id).await?;
    let is_admin = roles.iter().any(|role| role == group::ADMIN);
    if is_admin && !may_touch_admins(work.actor()) { Err(Error::forbidden("admin")) } else { Ok(()) }
}

fn may_touch_admins(actor: &kernel::Actor) -> bool {
    actor.is_admin() || matches!(actor, kernel::Actor::System(_))
}
