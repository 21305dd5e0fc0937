//! Админка: люди, их входы и роли; вход в саму админку.

use std::collections::{BTreeSet, HashMap};

use admin::{Action, Cell, Field, Figures, Filter, Input, Model, Panel, Pass, People, Screen, Table, Tile};
use axum::Json;
use chrono::TimeDelta;
use http::HeaderMap;
use kernel::http::{Valid, check_value};
use kernel::{Actor, Ctx, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, DatabaseExecutor, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use crate::events::UserViewed;
use crate::models::{Device, Group, User, device, group, user};
use crate::permissions::{BLOCK_USER, CHANGE_USER_GROUPS, VIEW_USER};
use crate::schemas::LoginIn;
use crate::{phones, queries, services};

/// Кто входит в админку и как его зовут.
pub fn people() -> People {
    People {
        log_in: |ctx, headers, login, password| Box::pin(log_in(ctx, headers, login, password)),
        log_out: |ctx, actor| Box::pin(log_out(ctx, actor)),
        names: |ctx, ids| Box::pin(names(ctx, ids)),
    }
}

/// Тот же вход, что у API: те же пределы попыток.
async fn log_in(ctx: &Ctx, headers: HeaderMap, login: String, password: String) -> Result<Pass> {
    let input = LoginIn { phone: None, email: None, login: Some(login), password };
    check_value(&input)?;
    let Json(session) = crate::api::log_in(ctx.clone(), headers, Valid(input)).await?;
    Ok(Pass { token: session.access_token, seconds: session.expires_in })
}

async fn log_out(ctx: &Ctx, actor: &Actor) -> Result<()> {
    let Actor::User(person) = actor else { return Ok(()) };
    let (user_id, session) = (person.id, person.session);
    ctx.atomic(actor, async move |work: &mut Work| match session {
        Some(device) => services::end_session(work, user_id, device).await,
        None => Ok(false),
    })
    .await?;
    Ok(())
}

async fn names(ctx: &Ctx, ids: Vec<i64>) -> Result<HashMap<i64, String>> {
    let rows = User::find().filter(user::Column::Id.is_in(ids)).all(ctx.db()).await?;
    Ok(rows.into_iter().map(|row| (row.id, name(&row))).collect())
}

/// Имя, а без него — чем человек входит.
fn name(person: &user::Model) -> String {
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
        .panel(Panel::new(("Входы", "Sessions"), VIEW_USER, |ctx, id| Box::pin(devices(ctx, id))))
        .action(groups())
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
