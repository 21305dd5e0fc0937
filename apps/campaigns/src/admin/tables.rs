//! Вложенные таблицы и столбцы, которых в строке нет: воронка, сеансы, виденное, журнал, использование кода.

use std::collections::HashMap;

use admin::{Cell, Choice, Table, Tone};
use chrono::{NaiveDate, TimeDelta};
use kernel::{Ctx, OrNotFound, Result, csv};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use super::codes::state_of;
use crate::api::{DAY_HEADS, day_line};
use crate::errors;
use crate::models::*;
use crate::queries;
use crate::schemas::{CodeOut, FunnelDay, FunnelStep};

/// Дней на рисунке воронки и в её выгрузке.
const DAYS: i64 = 30;
const EXPORT_DAYS: i64 = 366;
/// Сеансов в карточке кампании, событий в карточке сеанса.
const SHOWN: u64 = 50;
const EVENTS: u64 = 500;

const EVENT_WORDS: &[Choice] = &[
    Choice::plain(view_event::SESSION_STARTED, ("начал сеанс", "started the session")),
    Choice::plain(view_event::VIEWED_ASSET, ("посмотрел", "viewed")),
    Choice::new(view_event::FIRST_VIEW_AWARDED, ("получил очки", "got points"), Tone::Good),
    Choice::plain(view_event::EMAIL_SUBMITTED, ("назвал почту", "gave an e-mail")),
    Choice::new(view_event::PROGRESS_VIEWED, ("спросил ход", "asked for progress"), Tone::Quiet),
    Choice::new(view_event::PROMO_ISSUED, ("получил код", "got the code"), Tone::Good),
    Choice::new(view_event::PROMO_CHECKED, ("спросил код", "asked for the code"), Tone::Quiet),
    Choice::new(view_event::PROMO_SENT, ("письмо ушло", "the letter left"), Tone::Good),
];

fn last_days(ctx: &Ctx, days: i64) -> (NaiveDate, NaiveDate) {
    let today = queries::shop_day(ctx, ctx.now().naive_utc());
    (today - TimeDelta::days(days - 1), today)
}

/// Воронка по дням магазина: рисунки за месяц, итог и непустые дни, последние первыми.
pub(super) async fn funnel(ctx: &Ctx, campaign_id: i64) -> Result<Table> {
    let (first, today) = last_days(ctx, DAYS);
    let days = queries::funnel(ctx, campaign_id, (first, today)).await?;
    let mut table = Table::new([
        ("День", "Day"),
        ("Сеансы", "Sessions"),
        ("Смотрели", "Viewed"),
        ("Собрали набор", "Completed"),
        ("Почта", "E-mail"),
        ("Отправлено", "Sent"),
        ("Использовано", "Used"),
        ("Выручка", "Revenue"),
    ])
    .link(("Сеансы", "Sessions"), format!("/admin/campaigns/session?campaign_id={campaign_id}"))
    .link(("Коды", "Codes"), format!("/admin/campaigns/code?campaign_id={campaign_id}"))
    .link(("Воронка за год, CSV", "Funnel of the year, CSV"), format!("/admin/campaigns/campaign/{campaign_id}/funnel"))
    .link(("Коды, CSV", "Codes, CSV"), format!("/admin/campaigns/code/export?campaign_id={campaign_id}"));
    let by_day = |value: fn(&FunnelStep) -> i64| -> Vec<i64> {
        let of =
            |n: i64| days.iter().find(|row| row.day == first + TimeDelta::days(n)).map_or(0, |row| value(&row.step));
        (0..DAYS).map(of).collect()
    };
    table.bars(("Сеансы за 30 дней", "Sessions in 30 days"), by_day(|step| step.sessions));
    table.bars(("Смотрели", "Viewed"), by_day(|step| step.viewers));
    table.bars(("Собрали набор", "Completed"), by_day(|step| step.completed));
    table.bars(("Назвали почту", "Gave an e-mail"), by_day(|step| step.emails));
    table.bars(("Письма", "Letters"), by_day(|step| step.codes_sent));
    table.bars(("Использовано", "Used"), by_day(|step| step.codes_used));
    if days.len() > 1 {
        table.row(step_row(Cell::Badge(("всего", "total"), Tone::Plain), &queries::total(&days)));
    }
    for FunnelDay { day, step } in days.iter().rev() {
        table.row(step_row(day.format("%d.%m.%Y").to_string().into(), step));
    }
    Ok(table)
}

fn step_row(title: Cell, step: &FunnelStep) -> [Cell; 8] {
    [
        title,
        step.sessions.into(),
        step.viewers.into(),
        step.completed.into(),
        step.emails.into(),
        step.codes_sent.into(),
        step.codes_used.into(),
        step.revenue.into(),
    ]
}

/// Воронка за год: те же столбцы, что у выгрузки API.
pub(super) async fn funnel_csv(ctx: &Ctx, campaign_id: i64) -> Result<String> {
    let days = queries::funnel(ctx, campaign_id, last_days(ctx, EXPORT_DAYS)).await?;
    let (head, lines) = (csv::head(&DAY_HEADS, true)?, csv::lines(days.into_iter().map(day_line))?);
    Ok(String::from_utf8_lossy(&[&head[..], &lines[..]].concat()).into_owned())
}

/// Последние сеансы кампании.
pub(super) async fn sessions(ctx: &Ctx, campaign_id: i64) -> Result<Table> {
    let mut table = Table::new([
        ("Сеанс", "Session"),
        ("Начат", "Started"),
        ("Виден", "Last seen"),
        ("Очки", "Score"),
        ("Почта", "E-mail"),
        ("Набор собран", "Completed"),
        ("Код", "Code"),
    ])
    .link(("Все сеансы", "All sessions"), format!("/admin/campaigns/session?campaign_id={campaign_id}"));
    let rows = Session::find()
        .filter(session::Column::CampaignId.eq(campaign_id))
        .order_by_desc(session::Column::CreatedAt)
        .order_by_desc(session::Column::Number)
        .limit(SHOWN)
        .all(ctx.db_fresh())
        .await?;
    let codes = codes_of(ctx, &rows).await?;
    for row in rows {
        table.row([
            Cell::Object("campaigns.session", row.number, row.id.to_string()),
            row.created_at.into(),
            row.last_seen.into(),
            row.score.into(),
            row.pending_email.clone().into(),
            row.completed_at.into(),
            codes.get(&row.id).cloned().unwrap_or_default(),
        ]);
    }
    Ok(table)
}

/// Коды сеансов, ссылками.
async fn codes_of(ctx: &Ctx, sessions: &[session::Model]) -> Result<HashMap<Uuid, Cell>> {
    let ids = sessions.iter().map(|row| row.id);
    let codes = Code::find().filter(code::Column::SessionId.is_in(ids)).all(ctx.db_fresh()).await?;
    Ok(codes.into_iter().map(|code| (code.session_id, Cell::Object("campaigns.code", code.id, code.code))).collect())
}

/// Кампании этих строк, ссылками.
async fn campaigns_of(ctx: &Ctx, ids: Vec<i64>) -> Result<HashMap<i64, Cell>> {
    let found = Campaign::find().filter(campaign::Column::Id.is_in(ids)).all(ctx.db()).await?;
    Ok(found.into_iter().map(|row| (row.id, Cell::Object("campaigns.campaign", row.id, row.title))).collect())
}

/// Кампания и код каждого сеанса страницы.
pub(super) async fn of_sessions(ctx: &Ctx, numbers: Vec<i64>) -> Result<HashMap<i64, Vec<Cell>>> {
    let rows = Session::find().filter(session::Column::Number.is_in(numbers)).all(ctx.db()).await?;
    let codes = codes_of(ctx, &rows).await?;
    let campaigns = campaigns_of(ctx, rows.iter().map(|row| row.campaign_id).collect()).await?;
    let cells = |row: session::Model| {
        let campaign = campaigns.get(&row.campaign_id).cloned().unwrap_or_default();
        (row.number, vec![campaign, codes.get(&row.id).cloned().unwrap_or_default()])
    };
    Ok(rows.into_iter().map(cells).collect())
}

/// Состояние, использование, выручка и кампания каждого кода страницы.
pub(super) async fn of_codes(ctx: &Ctx, ids: Vec<i64>) -> Result<HashMap<i64, Vec<Cell>>> {
    let rows = Code::find().filter(code::Column::Id.is_in(ids)).all(ctx.db()).await?;
    let campaigns = campaigns_of(ctx, rows.iter().map(|row| row.campaign_id).collect()).await?;
    let codes = queries::codes_out(ctx.db(), rows).await?;
    let cells = |code: CodeOut| {
        let campaign = campaigns.get(&code.campaign_id).cloned().unwrap_or_default();
        let [state, used, revenue] = use_of(&code);
        (code.id, vec![state, used, revenue, campaign])
    };
    Ok(codes.into_iter().map(cells).collect())
}

fn use_of(code: &CodeOut) -> [Cell; 3] {
    let used = code.used_at.map(|at| at.naive_utc());
    [state_of(code), used.into(), code.revenue.into()]
}

/// Код сеанса: когда выдан, отправлен, использован и что принёс.
pub(super) async fn code_of_session(ctx: &Ctx, number: i64) -> Result<Table> {
    let mut table = Table::new([
        ("Код", "Code"),
        ("Состояние", "State"),
        ("Выдан", "Issued"),
        ("Отправлен", "Sent"),
        ("Использован", "Used"),
        ("Выручка", "Revenue"),
    ]);
    let session = queries::session_by_number(ctx.db_fresh(), number).await?;
    let own = queries::code_of_session(ctx.db_fresh(), session.id).await?;
    for code in queries::codes_out(ctx.db_fresh(), own.into_iter().collect()).await? {
        let [state, used, revenue] = use_of(&code);
        let sent = code.sent_at.map(|at| at.naive_utc());
        let link = Cell::Object("campaigns.code", code.id, code.code);
        table.row([link, state, code.issued_at.naive_utc().into(), sent.into(), used, revenue]);
    }
    Ok(table)
}

/// Виденное в сеансе.
pub(super) async fn viewed(ctx: &Ctx, number: i64) -> Result<Table> {
    let mut table = Table::new([("Актив", "Asset"), ("Впервые", "First viewed"), ("Раз", "Times")]);
    let session = queries::session_by_number(ctx.db_fresh(), number).await?;
    let own = Progress::find().filter(progress::Column::SessionId.eq(session.id));
    let rows = own.order_by_asc(progress::Column::Id).all(ctx.db_fresh()).await?;
    let names = asset_cells(ctx, rows.iter().map(|row| row.asset_id).collect()).await?;
    for row in rows {
        let asset = names.get(&row.asset_id).cloned().unwrap_or_default();
        table.row([asset, row.viewed_at.into(), row.times_viewed.into()]);
    }
    Ok(table)
}

async fn asset_cells(ctx: &Ctx, ids: Vec<i64>) -> Result<HashMap<i64, Cell>> {
    let found = Asset::find().filter(asset::Column::Id.is_in(ids)).all(ctx.db_fresh()).await?;
    Ok(found.into_iter().map(|row| (row.id, Cell::Object("campaigns.asset", row.id, row.name))).collect())
}

/// Журнал сеанса по времени; у очень долгого — последние события.
pub(super) async fn events_of_session(ctx: &Ctx, number: i64) -> Result<Table> {
    let session = queries::session_by_number(ctx.db_fresh(), number).await?;
    events(ctx, session.id).await
}

async fn events(ctx: &Ctx, session: Uuid) -> Result<Table> {
    let mut table = Table::new([("Когда", "When"), ("Событие", "Event"), ("Актив", "Asset"), ("Запрос", "Request")]);
    let own = ViewEvent::find().filter(view_event::Column::SessionId.eq(session));
    let mut rows = own.order_by_desc(view_event::Column::Id).limit(EVENTS).all(ctx.db_fresh()).await?;
    rows.reverse();
    let names = asset_cells(ctx, rows.iter().filter_map(|row| row.asset_id).collect()).await?;
    for row in rows {
        let asset = row.asset_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default();
        table.row([
            row.occurred_at.into(),
            admin::badge(EVENT_WORDS, &row.event_type),
            asset,
            request(&row.raw_payload),
        ]);
    }
    Ok(table)
}

/// Что прислали, без пустого `{}`.
fn request(raw: &str) -> Cell {
    if raw == "{}" { Cell::Empty } else { Cell::long(raw.chars().take(300).collect::<String>()) }
}

async fn code_by_id(ctx: &Ctx, id: i64) -> Result<code::Model> {
    Code::find_by_id(id).one(ctx.db_fresh()).await?.or_not_found(errors::CODE_NOT_FOUND)
}

/// В каком состоянии код и чем занят.
pub(super) async fn used(ctx: &Ctx, id: i64) -> Result<Table> {
    let mut table = Table::new([
        ("Состояние", "State"),
        ("Занят", "Taken"),
        ("Товары со скидкой", "Goods after discount"),
        ("Скидка", "Discount"),
    ]);
    let code = code_by_id(ctx, id).await?;
    let held = queries::held_uses(ctx.db_fresh(), &[code.promo_id]).await?.remove(&code.promo_id);
    let state = queries::codes_out(ctx.db_fresh(), vec![code]).await?.first().map(state_of).unwrap_or_default();
    let Some(held) = held else {
        table.row([state, Cell::Empty, Cell::Empty, Cell::Empty]);
        return Ok(table);
    };
    let paid = held.goods_amount - held.discount_amount;
    table.row([state, held.created_at.into(), paid.into(), held.discount_amount.into()]);
    // Предмет и страница админки называются одинаково: `orders.order`, 16 → `/admin/orders/order/16`.
    let url = format!("/admin/{}/{}", held.owner_kind.replace('.', "/"), held.owner_id);
    Ok(table.link(("Открыть заказ", "Open the order"), url))
}

/// Журнал сеанса, которому выдан код.
pub(super) async fn events_of_code(ctx: &Ctx, id: i64) -> Result<Table> {
    let session = queries::session_by_id(ctx.db_fresh(), code_by_id(ctx, id).await?.session_id).await?;
    let url = format!("/admin/campaigns/session/{}", session.number);
    Ok(events(ctx, session.id).await?.link(("Открыть сеанс", "Open the session"), url))
}
