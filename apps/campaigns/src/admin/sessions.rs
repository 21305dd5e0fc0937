//! Сеансы: чей, сколько прошёл, что делал по порядку; остановить и снова пустить.

use accounts::contacts::Email;
use admin::{Action, Cell, Choice, Filter, Model, Panel, Screen, Tone};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;

use super::{campaign_cell, campaign_options, tables, user_with};
use crate::models::Session;
use crate::models::session::{self, Column};
use crate::permissions::{CHANGE_CAMPAIGN, VIEW_CAMPAIGN};
use crate::queries;
use crate::services;

const STATES: &[Choice] = &[
    Choice::new("viewing", ("смотрит", "viewing"), Tone::Plain),
    Choice::new("completed", ("набор собран", "completed"), Tone::Good),
    Choice::new("stopped", ("остановлен", "stopped"), Tone::Bad),
];

pub fn sessions() -> Screen {
    Model::<Session>::new("campaigns", "session", ("Сеансы", "Sessions"), ("Сеанс", "Session"), VIEW_CAMPAIGN)
        .key(Column::Number)
        .order(Column::CreatedAt, true)
        .label(|session| session.id.to_string())
        .column(("Сеанс", "Session"), |session| session.id.to_string().into())
        .column(("Начат", "Started"), |session| session.created_at.into())
        .column(("Виден", "Last seen"), |session| session.last_seen.into())
        .column(("Очки", "Score"), |session| session.score.into())
        .column(("Состояние", "State"), state)
        .column(("Почта", "E-mail"), |session| session.pending_email.clone().into())
        .joined([("Кампания", "Campaign"), ("Код", "Code")], |ctx, numbers| {
            Box::pin(tables::of_sessions(ctx, numbers))
        })
        .filter(Filter::options("campaign_id", ("Кампания", "Campaign"), Column::CampaignId, |ctx, _| {
            Box::pin(campaign_options(ctx))
        }))
        .filter(Filter::by("state", ("Состояние", "State"), STATES, in_state))
        .filter(Filter::days("created", ("Начат", "Started"), Column::CreatedAt))
        .search(("сеанс или почта целиком", "the whole session id or e-mail"), found)
        .group(("Сеанс", "Session"))
        .line(("Номер", "Id"), |session| session.id.to_string().into())
        .line(("Кампания", "Campaign"), |session| campaign_cell(session.campaign_id))
        .line(("Состояние", "State"), state)
        .line(("Очки", "Score"), |session| session.score.into())
        .line(("Начат", "Started"), |session| session.created_at.into())
        .line(("Последний просмотр", "Last view"), |session| session.last_view_at.into())
        .line(("Виден", "Last seen"), |session| session.last_seen.into())
        .line(("Набор собран", "Completed"), |session| session.completed_at.into())
        .group(("Посетитель", "Visitor"))
        .help(("Почту он назвал сам, её никто не проверял.", "The e-mail is as given, nobody has proved it."))
        .line(("Почта", "E-mail"), |session| session.pending_email.clone().into())
        .line(("Человек", "Person"), |session| {
            let number = || format!("№ {}", session.user_id.unwrap_or_default());
            Cell::object("accounts.user", session.user_id, session.pending_email.clone().unwrap_or_else(number))
        })
        .panel(Panel::new(("Код", "Code"), VIEW_CAMPAIGN, |ctx, number| {
            Box::pin(tables::code_of_session(ctx, number))
        }))
        .panel(Panel::new(("Виденное", "Viewed"), VIEW_CAMPAIGN, |ctx, number| {
            Box::pin(tables::viewed(ctx, number))
        }))
        .panel(Panel::new(
            ("Что делал, по времени", "Events in time order"),
            VIEW_CAMPAIGN,
            |ctx, number| Box::pin(tables::events_of_session(ctx, number)),
        ))
        .action(
            Action::<Session>::new("stop", ("Остановить", "Stop"), CHANGE_CAMPAIGN, |work, number, _| {
                Box::pin(async move {
                    let id = queries::session_by_number(work.db(), number).await?.id;
                    services::set_session_active(work, id, false).await
                })
            })
            .note((
                "Просмотры этого сеанса больше не засчитываются; выданный код остаётся.",
                "Views of this session are no longer counted; a code already issued stays.",
            ))
            .when(|session| session.is_active)
            .danger()
            .bulk(),
        )
        .action(
            Action::<Session>::new(
                "resume",
                ("Снова пустить", "Let in again"),
                CHANGE_CAMPAIGN,
                |work, number, _| {
                    Box::pin(async move {
                        let id = queries::session_by_number(work.db(), number).await?.id;
                        services::set_session_active(work, id, true).await
                    })
                },
            )
            .when(|session| !session.is_active)
            .bulk(),
        )
        .screen()
}

fn state(session: &session::Model) -> Cell {
    let state = match (session.is_active, session.completed_at) {
        (false, _) => "stopped",
        (true, Some(_)) => "completed",
        (true, None) => "viewing",
    };
    admin::badge(STATES, state)
}

fn in_state(state: &str) -> Condition {
    let all = Condition::all();
    match state {
        "completed" => all.add(Column::IsActive.eq(true)).add(Column::CompletedAt.is_not_null()),
        "viewing" => all.add(Column::IsActive.eq(true)).add(Column::CompletedAt.is_null()),
        "stopped" => all.add(Column::IsActive.eq(false)),
        _ => all,
    }
}

/// По номеру сеанса или по почте; прочее не находит ничего.
fn found(text: &str) -> Condition {
    let all = Condition::all();
    match (Uuid::parse_str(text), Email::parse(text)) {
        (Ok(id), _) => all.add(Column::Id.eq(id)),
        (_, Some(email)) => all.add(Column::UserId.in_subquery(user_with(&email))),
        _ => all.add(Column::Number.eq(-1)),
    }
}
