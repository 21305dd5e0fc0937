//! Группы прав: какие права, у кого. Что можно дать и отнять, решают службы.

use std::collections::HashMap;

use admin::{Action, Cell, Field, Input, Model, Panel, Screen, Table};
use kernel::{Ctx, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, DatabaseExecutor, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::users::name;
use crate::models::{Group, GroupMember, User, group, group_member};
use crate::permissions::{CHANGE_GROUP, VIEW_GROUP, VIEW_USER};
use crate::schemas::GroupIn;
use crate::services::{self, GroupFields};
use crate::{names, queries};

/// Людей группы в карточке.
const MEMBERS: u64 = 100;

pub fn groups() -> Screen {
    use group::Column;
    Model::<Group>::new("accounts", "group", ("Роли", "Roles"), ("Роль", "Role"), VIEW_GROUP)
        .label(|group| group.title.clone())
        .order(Column::Id, false)
        .column(("Роль", "Role"), |group| group.title.clone().into())
        .column(("Код", "Code"), |group| group.code.clone().into())
        .column(("Своя", "Own"), |group| (!group.is_builtin).into())
        .column(("Изменена", "Changed"), |group| group.updated_at.into())
        .search(("код целиком", "the whole code"), |text| {
            Condition::all().add(Column::Code.eq(names::searchable(text)))
        })
        .group(("Роль", "Role"))
        .line(("Название", "Title"), |group| group.title.clone().into())
        .line(("Код", "Code"), |group| group.code.clone().into())
        .line(("Привезена приложением", "Built in"), |group| group.is_builtin.into())
        .line(("Что может", "Rights"), |group| match group.code.as_str() {
            group::ADMIN => Cell::Badge(("всё", "everything"), admin::Tone::Good),
            _ => Cell::Empty,
        })
        .panel(Panel::new(("Права", "Permissions"), VIEW_GROUP, |ctx, id| Box::pin(rights(ctx, id))))
        .panel(Panel::new(("Кто в ней", "Who holds it"), VIEW_USER, |ctx, id| Box::pin(members(ctx, id))))
        .add(CHANGE_GROUP, fields(), |work, input| Box::pin(create(work, input)))
        .action(
            Action::<Group>::change(
                CHANGE_GROUP,
                |db, group| Box::pin(values(db, group)),
                |work, id, input| Box::pin(change(work, id, input)),
            )
            .fields(fields())
            .when(|group| group.code != group::ADMIN),
        )
        .action(
            Action::<Group>::delete(CHANGE_GROUP, |work, id, _| Box::pin(services::delete_group(work, id)))
                .note(("Все, кто в ней, потеряют её права.", "Everyone in it loses its permissions."))
                .when(|group| !group.is_builtin),
        )
        .screen()
}

fn fields() -> [Field; 3] {
    [
        Field::text("title", ("Название", "Title")).required(),
        Field::text("code", ("Код", "Code"))
            .required()
            .hint(("Латиница, цифры, _ — для программ.", "Latin letters, digits, _ — for programs.")),
        Field::grouped_options("permissions", ("Права", "Permissions"), |ctx, _| Box::pin(all_rights(ctx)))
            .hint(("Дать и отнять можно только то, что есть у вас.", "You can give and take only what you hold.")),
    ]
}

/// Все права по приложениям: «Заказы», «Каталог»…
async fn all_rights(ctx: &Ctx) -> Result<Vec<(String, String, String)>> {
    let titles: HashMap<&str, &str> = services::app_titles(ctx).into_iter().collect();
    let right = |right: kernel::Permission| {
        let app = right.code.split('.').next().unwrap_or_default();
        (titles.get(app).copied().unwrap_or(app).to_owned(), right.code.to_owned(), right.title.to_owned())
    };
    Ok(services::declared_permissions(ctx).into_iter().map(right).collect())
}

async fn values(db: DatabaseExecutor<'_>, group: group::Model) -> Result<Value> {
    let mut permissions = queries::permissions_of(&db, std::slice::from_ref(&group)).await?;
    permissions.sort();
    Ok(json!({ "title": group.title, "code": group.code, "permissions": permissions }))
}

fn parsed(value: Value) -> Result<GroupFields> {
    let input: GroupIn = kernel::http::parse_value(&value)?;
    Ok(GroupFields { code: input.code, title: input.title, permissions: input.permissions.into_iter().collect() })
}

async fn create(work: &mut Work, input: Input) -> Result<i64> {
    Ok(services::create_group(work, parsed(input.value())?).await?.id)
}

/// Служба меняет группу целиком: неизменённое — как было.
async fn change(work: &mut Work, id: i64, input: Input) -> Result<()> {
    let group = Group::find_by_id(id).one(work.db()).await?;
    let Some(group) = group else { return Ok(()) };
    let mut value = values(work.db().into(), group).await?;
    for (name, new) in input.values {
        value[name] = new;
    }
    services::change_group(work, id, parsed(value)?).await.map(|_| ())
}

async fn rights(ctx: &Ctx, id: i64) -> Result<Table> {
    let mut table = Table::new([("Приложение", "App"), ("Право", "Permission")]);
    let Some(group) = Group::find_by_id(id).one(ctx.db_fresh()).await? else { return Ok(table) };
    let has = queries::permissions_of(ctx.db_fresh(), &[group]).await?;
    for (app, code, title) in all_rights(ctx).await? {
        if has.contains(&code) {
            table.row([app.into(), Cell::Text(title)]);
        }
    }
    Ok(table)
}

async fn members(ctx: &Ctx, id: i64) -> Result<Table> {
    let mut table = Table::new([("Кто", "Who"), ("С какого дня", "Since")]);
    let find = GroupMember::find().filter(group_member::Column::GroupId.eq(id)).find_also_related(User);
    let find = find.order_by_asc(group_member::Column::UserId).limit(MEMBERS);
    for (member, person) in find.all(ctx.db_fresh()).await? {
        if let Some(person) = person.filter(|person| person.deleted_at.is_none()) {
            table.row([Cell::Object("accounts.user", person.id, name(&person)), member.created_at.into()]);
        }
    }
    Ok(table)
}
