//! Вложенные таблицы: воронка, последние сеансы, журнал и использование кода.

use admin::{Cell, Table};
use chrono::TimeDelta;
use kernel::{Ctx, OrNotFound, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use super::codes::state_of;
use crate::errors;
use crate::models::*;
use crate::queries;
use crate::schemas::FunnelDay;

/// Дней на рисунке воронки.
const DAYS: i64 = 30;
/// Сеансов в карточке кампании, событий в карточке кода.
const SHOWN: u64 = 50;

/// Воронка по дням магазина: рисунки за месяц и непустые дни, последние первыми.
pub(super) async fn funnel(ctx: &Ctx, campaign_id: i64) -> Result<Table> {
    let today = queries::shop_day(ctx, ctx.now().naive_utc());
    let first = today - TimeDelta::days(DAYS - 1);
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
    .link(("Коды", "Codes"), format!("/admin/campaigns/code?campaign_id={campaign_id}"))
    .link(("Коды, CSV", "Codes, CSV"), format!("/admin/campaigns/code/export?campaign_id={campaign_id}"));
    let by_day = |value: fn(&FunnelDay) -> i64| -> Vec<i64> {
        let of = |n: i64| days.iter().find(|row| row.day == first + TimeDelta::days(n)).map_or(0, value);
        (0..DAYS).map(of).collect()
    };
    table.bars(("Сеансы за 30 дней", "Sessions in 30 days"), by_day(|row| row.step.sessions));
    table.bars(("Собрали набор", "Completed"), by_day(|row| row.step.completed));
    table.bars(("Письма", "Letters"), by_day(|row| row.step.codes_sent));
    table.bars(("Использовано", "Used"), by_day(|row| row.step.codes_used));
    for row in days.iter().rev() {
        let step = &row.step;
        table.row([
            row.day.format("%d.%m.%Y").to_string().into(),
            step.sessions.into(),
            step.viewers.into(),
            step.completed.into(),
            step.emails.into(),
            step.codes_sent.into(),
            step.codes_used.into(),
            step.revenue.into(),
        ]);
    }
    Ok(table)
}

/// Последние сеансы кампании.
pub(super) async fn sessions(ctx: &Ctx, campaign_id: i64) -> Result<Table> {
    let mut table = Table::new([
        ("Начат", "Started"),
        ("Виден", "Last seen"),
        ("Очки", "Score"),
        ("Почта", "E-mail"),
        ("Набор собран", "Completed"),
        ("Код", "Code"),
        ("Номер сеанса", "Session id"),
    ]);
    let rows = Session::find()
        .filter(session::Column::CampaignId.eq(campaign_id))
        .order_by_desc(session::Column::Day)
        .order_by_desc(session::Column::Id)
        .limit(SHOWN)
        .all(ctx.db_fresh())
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let codes = Code::find().filter(code::Column::SessionId.is_in(ids)).all(ctx.db_fresh()).await?;
    for row in rows {
        let code = codes.iter().find(|code| code.session_id == row.id);
        table.row([
            row.created_at.into(),
            row.last_seen.into(),
            row.score.into(),
            row.pending_email.clone().into(),
            row.completed_at.into(),
            code.map_or(Cell::Empty, |code| Cell::Object("campaigns.code", code.id, code.code.clone())),
            row.id.to_string().into(),
        ]);
    }
    Ok(table)
}

async fn code_of(ctx: &Ctx, id: i64) -> Result<code::Model> {
    Code::find_by_id(id).one(ctx.db_fresh()).await?.or_not_found(errors::CODE_NOT_FOUND)
}

/// В каком состоянии код и чем занят.
pub(super) async fn used(ctx: &Ctx, id: i64) -> Result<Table> {
    let mut table = Table::new([
        ("Состояние", "State"),
        ("Кем занят", "Taken by"),
        ("Когда", "When"),
        ("Товары со скидкой", "Goods after discount"),
        ("Скидка", "Discount"),
    ]);
    let code = code_of(ctx, id).await?;
    let held = queries::held_uses(ctx.db_fresh(), &[code.promo_id]).await?.remove(&code.promo_id);
    let state = state_of(&code, held.is_some());
    match held {
        Some(held) => table.row([
            state,
            Cell::Text(format!("{} {}", held.owner_kind, held.owner_id)),
            held.created_at.into(),
            (held.goods_amount - held.discount_amount).into(),
            held.discount_amount.into(),
        ]),
        None => table.row([state, Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty]),
    }
    Ok(table)
}

/// Журнал сеанса, которому выдан код: последние события первыми.
pub(super) async fn events(ctx: &Ctx, id: i64) -> Result<Table> {
    let mut table = Table::new([("Когда", "When"), ("Событие", "Event"), ("Актив", "Asset")]);
    let session = code_of(ctx, id).await?.session_id;
    let rows = ViewEvent::find()
        .filter(view_event::Column::SessionId.eq(session))
        .order_by_desc(view_event::Column::Id)
        .limit(SHOWN)
        .all(ctx.db_fresh())
        .await?;
    for row in rows {
        table.row([
            row.occurred_at.into(),
            row.event_type.into(),
            Cell::object("campaigns.asset", row.asset_id, format!("№ {}", row.asset_id.unwrap_or_default())),
        ]);
    }
    Ok(table)
}
