//! Люди: контакты, роли, входы.

use std::collections::BTreeSet;

use admin::{Action, Cell, Field, Figures, Filter, Input, Model, Panel, Screen, Table, Tile};
use chrono::TimeDelta;
use kernel::{Ctx, Error, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, DatabaseExecutor, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use crate::events::UserViewed;
use crate::models::{Device, Group, User, device, group, user};
use crate::permissions::{BLOCK_USER, CHANGE_USER_GROUPS, VIEW_USER};
use crate::{phones, queries, services};

/// Имя, а без него — чем человек входит.
pub(super) fn name(person: &user::Model) -> String {
    let contact = || person.phone.clone().or(person.email.clone()).unwrap_or_else(|| format!("№ {}", person.id));
    if person.full_name.is_empty() { contact() } else { person.full_name.clone() }
}

pub fn users() -> Screen {
    use user::Column;
    Model::<User>::new("accounts", "user", ("Люди", "People"), ("Человек", "Person"), VIEW_USER)
        .label(name)
        .scope(|_| Condition::all().add(Column::DeletedAt.is_null()))
        .column(("Имя", "Name"), |person| name(person).into())
        .column(("Телефон", "Phone"), |person| person.phone.clone().into())
        .column(("Почта", "E-mail"), |person| person.email.clone().into())
        .column(("Входит", "Active"), |person| person.is_active.into())
        .column(("Появился", "Joined"), |person| person.created_at.into())
        .sorted("created", Column::CreatedAt)
        .filter(Filter::flag("is_active", ("Может входить", "Active"), Column::IsActive))
        .filter(Filter::flag("newsletter", ("Согласен на рассылку", "Newsletter"), Column::Newsletter))
        .filter(Filter::days("created", ("Появился", "Joined"), Column::CreatedAt))
        .search(("телефон, почта, начало имени", "phone, e-mail, beginning of the name"), found)
        .on_view(|work, id| Box::pin(async move { work.emit(&UserViewed { user_id: id }).await }))
        .group(("Человек", "Person"))
        .help(("Просмотр этой страницы записывается.", "Viewing this page is recorded."))
        .line(("Имя", "Name"), |person| person.full_name.clone().into())
        .line(("Телефон", "Phone"), |person| person.phone.clone().into())
        .line(("Телефон подтверждён", "Phone proven"), |person| person.phone_verified_at.into())
        .line(("Почта", "E-mail"), |person| person.email.clone().into())
        .line(("Почта подтверждена", "E-mail proven"), |person| person.email_verified_at.into())
        .line(("Адрес", "Address"), |person| person.address.clone().into())
        .line(("Telegram", "Telegram"), |person| person.telegram.clone().into())
        .group(("Учётная запись", "Account"))
        .line(("Может входить", "Active"), |person| person.is_active.into())
        .line(("Рассылка", "Newsletter"), |person| person.newsletter.into())
        .line(("Появился", "Joined"), |person| person.created_at.into())
        .panel(
            Panel::new(("Входы", "Sessions"), VIEW_USER, |ctx, id| Box::pin(devices(ctx, id))).actions(["end_session"]),
        )
        .panel(Panel::new(("Роли", "Roles"), VIEW_USER, |ctx, id| Box::pin(roles_of(ctx, id))))
        .action(groups())
        .action(
            Action::<User>::new(
                "end_session",
                ("Закончить вход", "End a session"),
                BLOCK_USER,
                |work, id, input| Box::pin(end_session(work, id, input)),
            )
            .fields([
                Field::options("device", ("Вход", "Session"), |ctx, id| Box::pin(live_devices(ctx, id))).required()
            ])
            .note(("Человеку придётся войти на этом устройстве снова.", "The person will have to log in there again.")),
        )
        .action(
            Action::<User>::new(
                "drop_second_factor",
                ("Снять второй фактор", "Remove the second factor"),
                CHANGE_USER_GROUPS,
                |work, id, _| Box::pin(drop_second_factor(work, id)),
            )
            .note((
                "Для того, кто потерял и телефон, и запасные коды. Убедитесь, что это он.",
                "For someone who lost both the phone and the recovery codes. Make sure it is them.",
            ))
            .danger(),
        )
        .action(
            Action::<User>::new("block", ("Заблокировать", "Block"), BLOCK_USER, |work, id, _| {
                Box::pin(set_active(work, id, false))
            })
            .note(("Все входы закончатся сразу.", "All sessions end at once."))
            .when(|person| person.is_active)
            .danger()
            .bulk(),
        )
        .action(
            Action::<User>::new("unblock", ("Разблокировать", "Unblock"), BLOCK_USER, |work, id, _| {
                Box::pin(set_active(work, id, true))
            })
            .when(|person| !person.is_active),
        )
        .screen()
}

/// По виду написанного: почта и телефон — целиком, имя — с начала.
fn found(text: &str) -> Condition {
    use user::Column;
    let all = Condition::all();
    if text.contains('@') {
        return all.add(Column::EmailNormalized.eq(text.to_lowercase()));
    }
    match phones::parse(text) {
        Some(phone) => all.add(Column::Phone.eq(phone)),
        None => all.add(Column::NameNormalized.starts_with(crate::names::searchable(text))),
    }
}

async fn set_active(work: &mut Work, id: i64, is_active: bool) -> Result<()> {
    services::set_active(work, id, is_active).await?;
    Ok(())
}

/// Роли: правка с защитой от двоих сразу. Дать можно только то, что есть у самого, — решает служба.
fn groups() -> Action<User> {
    Action::<User>::change(
        CHANGE_USER_GROUPS,
        |db, person| Box::pin(roles(db, person)),
        |work, id, input| Box::pin(set_groups(work, id, input)),
    )
    .fields([Field::many_options("groups", ("Роли", "Roles"), |ctx, _| Box::pin(all_groups(ctx)))])
}

async fn roles(db: DatabaseExecutor<'_>, person: user::Model) -> Result<Value> {
    let mut codes: Vec<String> =
        queries::groups_of(&db, person.id).await?.into_iter().map(|group| group.code).collect();
    codes.retain(|code| code != group::CUSTOMER);
    codes.sort();
    Ok(json!({ "groups": codes }))
}

async fn set_groups(work: &mut Work, id: i64, input: Input) -> Result<()> {
    let codes: BTreeSet<String> = serde_json::from_value(input.values.get("groups").cloned().unwrap_or_default())?;
    services::set_user_groups(work, id, &codes).await?;
    Ok(())
}

async fn all_groups(ctx: &Ctx) -> Result<Vec<(String, String)>> {
    let rows = Group::find().filter(group::Column::Code.ne(group::CUSTOMER)).order_by_asc(group::Column::Id);
    Ok(rows.all(ctx.db()).await?.into_iter().map(|group| (group.code, group.title)).collect())
}

async fn devices(ctx: &Ctx, user_id: i64) -> Result<Table> {
    let mut table = Table::new([
        ("Устройство", "Device"),
        ("Адрес", "Address"),
        ("Вошёл", "Since"),
        ("Был", "Seen"),
        ("Закончен", "Ended"),
    ]);
    let rows = Device::find().filter(device::Column::UserId.eq(user_id)).order_by_desc(device::Column::Id).limit(20);
    for row in rows.all(ctx.db()).await? {
        table.row([
            row.user_agent.clone().into(),
            row.ip.clone().into(),
            row.created_at.into(),
            row.last_seen_at.into(),
            Cell::from(row.revoked_at),
        ]);
    }
    Ok(table)
}

async fn live_devices(ctx: &Ctx, user_id: i64) -> Result<Vec<(String, String)>> {
    let live = queries::live_devices(ctx.db_fresh(), user_id, ctx.now().naive_utc()).await?;
    let title = |row: device::Model| (row.id.to_string(), format!("{} · {}", row.user_agent, row.ip));
    Ok(live.into_iter().map(title).collect())
}

async fn end_session(work: &mut Work, user_id: i64, input: Input) -> Result<()> {
    let device = input.text("device").parse().map_err(|_| Error::invalid("device", "required"))?;
    services::end_session_of(work, user_id, device).await?;
    Ok(())
}

async fn drop_second_factor(work: &mut Work, user_id: i64) -> Result<()> {
    services::drop_second_factor(work, user_id).await?;
    Ok(())
}

async fn roles_of(ctx: &Ctx, user_id: i64) -> Result<Table> {
    let mut table = Table::new([("Роль", "Role"), ("Код", "Code")]);
    for group in queries::groups_of(ctx.db_fresh(), user_id).await? {
        table.row([Cell::Object("accounts.group", group.id, group.title), group.code.into()]);
    }
    Ok(table)
}

/// Дней на рисунке главной.
const DAYS: i64 = 14;

/// Плитка «Новых людей сегодня».
pub fn joined_today() -> Tile {
    Tile {
        words: ("Новых людей сегодня", "New people today"),
        permission: VIEW_USER,
        url: "/admin/accounts/user",
        load: |ctx| Box::pin(joined(ctx)),
    }
}

async fn joined(ctx: &Ctx) -> Result<Figures> {
    let offset = ctx.shop_offset();
    let first = (ctx.now().naive_utc() + offset).date() - TimeDelta::days(DAYS - 1);
    let since = first.and_hms_opt(0, 0, 0).unwrap_or_default() - offset;
    let find = User::find().select_only().column(user::Column::CreatedAt).filter(user::Column::CreatedAt.gte(since));
    let times: Vec<kernel::Timestamp> = find.into_tuple().all(ctx.db()).await?;
    let mut bars = vec![0; DAYS as usize];
    for at in times {
        let day = ((at + offset).date() - first).num_days();
        if let Some(bar) = usize::try_from(day).ok().and_then(|day| bars.get_mut(day)) {
            *bar += 1;
        }
    }
    Ok(Figures { value: bars.last().copied().unwrap_or_default().into(), note: Cell::Empty, bars })
}
