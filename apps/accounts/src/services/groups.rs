//! Группы прав: привезённые приложениями, свои, и кто в них.
//!
//! Три правила: никто не меняет своих ролей; нельзя дать право, которого нет у самого;
//! последнего администратора убрать нельзя.

use std::collections::BTreeSet;
use std::sync::Arc;

use kernel::app::GroupInfo;
use kernel::{Actor, Ctx, Error, OnUnique, OrNotFound, Permission, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::NotSet, Set};

use crate::events::{GroupChanged, UserGroupsChanged};
use crate::models::*;
use crate::security::GROUPS;
use crate::{errors, permissions, queries};

const NOT_FOUND: &str = "accounts.group_not_found";

/// Поля группы, какими их задаёт администратор.
#[derive(Clone, Debug)]
pub struct GroupFields {
    pub code: String,
    pub title: String,
    pub permissions: BTreeSet<String>,
}

struct Declared(Vec<Permission>);

/// Как приложения называются: права в админке стоят по приложениям.
struct Titles(Vec<(&'static str, &'static str)>);

/// Запоминает названия приложений. Вызывается при старте.
pub fn declare_titles(ctx: &Ctx, titles: Vec<(&'static str, &'static str)>) {
    ctx.provide(Titles(titles));
}

pub fn app_titles(ctx: &Ctx) -> Vec<(&'static str, &'static str)> {
    ctx.find_service::<Titles>().map(|titles| titles.0.clone()).unwrap_or_default()
}

/// Запоминает права всех приложений: другие группе не дать. Вызывается при старте.
pub fn declare_permissions(ctx: &Ctx, permissions: Vec<Permission>) {
    ctx.provide(Declared(permissions));
}

/// Права, объявленные приложениями.
pub fn declared_permissions(ctx: &Ctx) -> Vec<Permission> {
    let declared: Option<Arc<Declared>> = ctx.find_service();
    declared.map(|declared| declared.0.clone()).unwrap_or_default()
}

/// Заводит группы приложений и выдаёт им новые права по умолчанию. Каждое выдаётся однажды за жизнь базы:
/// отнятое администратором не возвращается. Вызывается при старте, после миграций.
pub async fn sync_groups(work: &Work, groups: &[GroupInfo]) -> Result<()> {
    for info in groups {
        let group_id = ensure_group(work, info.code, info.title, true).await?;
        for permission in info.permissions {
            if remember_default(work, info.code, permission.code).await? {
                allow(work, group_id, permission.code).await?;
            }
        }
    }
    Ok(())
}

async fn ensure_group(work: &Work, code: &str, title: &str, is_builtin: bool) -> Result<i64> {
    if let Some(found) = queries::group_by_code(work.db(), code).await? {
        return Ok(found.id);
    }
    insert_group(work, code, title, is_builtin).await
}

async fn insert_group(work: &Work, code: &str, title: &str, is_builtin: bool) -> Result<i64> {
    let row = group::ActiveModel {
        id: NotSet,
        code: Set(code.to_owned()),
        title: Set(title.to_owned()),
        is_builtin: Set(is_builtin),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
    };
    let inserted = Group::insert(row).exec(work.db()).await;
    Ok(inserted.on_unique(|| Error::refused("accounts.group_taken"))?.last_insert_id)
}

/// `true` — это право группе ещё не выдавали.
async fn remember_default(work: &Work, code: &str, permission: &str) -> Result<bool> {
    let key = (code.to_owned(), permission.to_owned());
    if AppliedGroupDefault::find_by_id(key).one(work.db()).await?.is_some() {
        return Ok(false);
    }
    let row =
        applied_group_default::ActiveModel { group_code: Set(code.to_owned()), permission: Set(permission.to_owned()) };
    AppliedGroupDefault::insert(row).exec_without_returning(work.db()).await?;
    Ok(true)
}

async fn allow(work: &Work, group_id: i64, permission: &str) -> Result<()> {
    let row = group_permission::ActiveModel { group_id: Set(group_id), permission: Set(permission.to_owned()) };
    GroupPermission::insert(row)
        .on_conflict_do_nothing_on([group_permission::Column::GroupId, group_permission::Column::Permission])
        .exec_without_returning(work.db())
        .await?;
    Ok(())
}

/// Новая группа.
pub async fn create_group(work: &mut Work, fields: GroupFields) -> Result<group::Model> {
    refuse_foreign_rights(work.actor(), &fields.permissions)?;
    let id = insert_group(work, &fields.code, &fields.title, false).await?;
    replace_permissions(work, id, &fields).await?;
    Group::find_by_id(id).one(work.db()).await?.or_not_found(NOT_FOUND)
}

/// Группа с правами без проверки, кто её даёт: заготовки тестов и демонстрации.
pub async fn force_group(work: &Work, fields: &GroupFields) -> Result<()> {
    let id = ensure_group(work, &fields.code, &fields.title, false).await?;
    for permission in &fields.permissions {
        allow(work, id, permission).await?;
    }
    Ok(())
}

/// Новые название и права группы; код привезённой группы не меняется, права `admin` — все и всегда.
pub async fn change_group(work: &mut Work, id: i64, fields: GroupFields) -> Result<group::Model> {
    let old = Group::find_by_id(id).one(work.db()).await?.or_not_found(NOT_FOUND)?;
    if old.code == group::ADMIN || (old.is_builtin && old.code != fields.code) {
        return Err(Error::refused("accounts.builtin_group"));
    }
    refuse_own_group(work, id).await?;
    let had = queries::permissions_of(work.db(), std::slice::from_ref(&old)).await?.into_iter().collect();
    refuse_foreign_rights(work.actor(), &difference(&had, &fields.permissions))?;
    Group::update_many()
        .col_expr(group::Column::Code, Expr::value(fields.code.as_str()))
        .col_expr(group::Column::Title, Expr::value(fields.title.as_str()))
        .col_expr(group::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(group::Column::Id.eq(id))
        .exec(work.db())
        .await
        .on_unique(|| Error::refused("accounts.group_taken"))?;
    GroupPermission::delete_many().filter(group_permission::Column::GroupId.eq(id)).exec(work.db()).await?;
    replace_permissions(work, id, &fields).await?;
    Group::find_by_id(id).one(work.db()).await?.or_not_found(NOT_FOUND)
}

pub async fn delete_group(work: &mut Work, id: i64) -> Result<()> {
    let old = Group::find_by_id(id).one(work.db()).await?.or_not_found(NOT_FOUND)?;
    if old.is_builtin {
        return Err(Error::refused("accounts.builtin_group"));
    }
    refuse_own_group(work, id).await?;
    let had = queries::permissions_of(work.db(), std::slice::from_ref(&old)).await?.into_iter().collect();
    refuse_foreign_rights(work.actor(), &had)?;
    Group::delete_by_id(id).exec(work.db()).await?;
    work.invalidate(GROUPS);
    work.emit(&GroupChanged { code: old.code, permissions: Vec::new() }).await
}

async fn replace_permissions(work: &mut Work, id: i64, fields: &GroupFields) -> Result<()> {
    let known = declared_permissions(work.ctx());
    for permission in &fields.permissions {
        if !known.iter().any(|p| p.code == permission) {
            return Err(Error::invalid("permissions", "accounts.unknown_permission"));
        }
        allow(work, id, permission).await?;
    }
    let permissions = fields.permissions.iter().cloned().collect();
    work.invalidate(GROUPS);
    work.emit(&GroupChanged { code: fields.code.clone(), permissions }).await
}

/// Включает человека ровно в эти группы (коды); `customer` подразумевается.
pub async fn set_user_groups(work: &mut Work, user_id: i64, codes: &BTreeSet<String>) -> Result<()> {
    work.actor().require(permissions::CHANGE_USER_GROUPS)?;
    if work.actor().user_id() == Some(user_id) {
        return Err(Error::refused("accounts.own_roles"));
    }
    lock_admins(work).await?;
    let had: BTreeSet<String> = queries::role_codes(work.db(), user_id).await?.into_iter().collect();
    let wanted: BTreeSet<String> = codes.iter().cloned().chain([group::CUSTOMER.to_owned()]).collect();
    for code in difference(&had, &wanted) {
        let group = queries::group_by_code(work.db(), &code).await?;
        let group = group.ok_or_else(|| Error::invalid("groups", "accounts.unknown_group"))?;
        refuse_foreign_group(work, &group).await?;
        match wanted.contains(&code) {
            true => add_member(work, user_id, group.id).await?,
            false => drop_member(work, user_id, group.id).await?,
        }
    }
    if had.contains(group::ADMIN) && !wanted.contains(group::ADMIN) {
        refuse_without_admins(work).await?;
    }
    work.touch([user_id]);
    work.emit(&UserGroupsChanged { user_id, groups: wanted.into_iter().collect() }).await
}

/// Включает человека в группу без проверки прав дающего: первый администратор, заготовки тестов и демонстрации.
pub async fn grant_group(work: &Work, user_id: i64, code: &str) -> Result<()> {
    let group_id = ensure_group(work, code, code, true).await?;
    add_member(work, user_id, group_id).await
}

async fn add_member(work: &Work, user_id: i64, group_id: i64) -> Result<()> {
    let row = group_member::ActiveModel {
        user_id: Set(user_id),
        group_id: Set(group_id),
        granted_by: Set(work.actor().user_id()),
        created_at: Set(work.timestamp()),
    };
    GroupMember::insert(row)
        .on_conflict_do_nothing_on([group_member::Column::UserId, group_member::Column::GroupId])
        .exec_without_returning(work.db())
        .await?;
    Ok(())
}

async fn drop_member(work: &Work, user_id: i64, group_id: i64) -> Result<()> {
    GroupMember::delete_by_id((user_id, group_id)).exec(work.db()).await?;
    Ok(())
}

/// Человек уходит из администраторов (стирает себя); последний уйти не может.
pub async fn leave_admins(work: &Work, user_id: i64) -> Result<()> {
    lock_admins(work).await?;
    let Some(admins) = queries::group_by_code(work.db(), group::ADMIN).await? else {
        return Ok(());
    };
    let left = GroupMember::delete_by_id((user_id, admins.id)).exec(work.db()).await?;
    match left.rows_affected {
        0 => Ok(()),
        _ => refuse_without_admins(work).await,
    }
}

/// Замок на строке группы `admin`: двое, снимающие друг друга одновременно, выстроятся в очередь, и второй увидит отказ.
pub async fn lock_admins(work: &Work) -> Result<()> {
    Group::update_many()
        .col_expr(group::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(group::Column::Code.eq(group::ADMIN))
        .exec(work.db())
        .await?;
    Ok(())
}

/// Отказ, если действующих администраторов не осталось. Зовётся под замком, после изменения.
pub async fn refuse_without_admins(work: &Work) -> Result<()> {
    match active_admins(work.db()).await? {
        0 => Err(errors::last_admin()),
        _ => Ok(()),
    }
}

pub async fn active_admins(db: &impl ConnectionTrait) -> Result<u64> {
    let admins = GroupMember::find()
        .inner_join(Group)
        .inner_join(User)
        .filter(group::Column::Code.eq(group::ADMIN))
        .filter(user::Column::IsActive.eq(true))
        .filter(user::Column::DeletedAt.is_null());
    Ok(admins.count(db).await?)
}

fn difference(a: &BTreeSet<String>, b: &BTreeSet<String>) -> BTreeSet<String> {
    a.symmetric_difference(b).cloned().collect()
}

/// Давать и отнимать можно только права, которые есть у самого.
fn refuse_foreign_rights(actor: &Actor, permissions: &BTreeSet<String>) -> Result<()> {
    let has = |code: &String| match actor {
        Actor::System(_) => true,
        Actor::Anonymous => false,
        Actor::User(user) => user.is_admin || user.permissions.contains(code),
    };
    match permissions.iter().find(|code| !has(code)) {
        Some(code) => Err(Error::forbidden(code)),
        None => Ok(()),
    }
}

async fn refuse_foreign_group(work: &Work, group: &group::Model) -> Result<()> {
    let is_full = work.actor().is_admin() || matches!(work.actor(), Actor::System(_));
    if group.code == group::ADMIN && !is_full {
        return Err(Error::forbidden("admin"));
    }
    let rights = queries::permissions_of(work.db(), std::slice::from_ref(group)).await?;
    refuse_foreign_rights(work.actor(), &rights.into_iter().collect())
}

/// Менять группу, в которой состоишь сам, — то же, что менять свои роли.
async fn refuse_own_group(work: &Work, group_id: i64) -> Result<()> {
    let Some(me) = work.actor().user_id() else {
        return Ok(());
    };
    match GroupMember::find_by_id((me, group_id)).one(work.db()).await? {
        Some(_) => Err(Error::refused("accounts.own_roles")),
        None => Ok(()),
    }
}
