//! Коды: кому выдан, ушёл ли, каким заказом занят; письмо ещё раз.

use accounts::contacts::Email;
use accounts::models::user;
use admin::{Action, Cell, Choice, Filter, Model, Panel, Screen, Tone};
use promos::models::{PromoUse, UseState, promo_use};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{Condition, QuerySelect, QueryTrait};

use super::{campaign_cell, tables};
use crate::models::Code;
use crate::models::code::{self, Column};
use crate::permissions::{CHANGE_CAMPAIGN, VIEW_CAMPAIGN};
use crate::services;

const STATES: &[Choice] = &[
    Choice::new("issued", ("выдан, не отправлен", "issued, not sent"), Tone::Wait),
    Choice::new("sent", ("отправлен, не использован", "sent, not used"), Tone::Plain),
    Choice::new("used", ("использован", "used"), Tone::Good),
];

pub fn codes() -> Screen {
    Model::<Code>::new("campaigns", "code", ("Коды кампаний", "Campaign codes"), ("Код", "Code"), VIEW_CAMPAIGN)
        .label(|code| code.code.clone())
        .column(("Код", "Code"), |code| code.code.clone().into())
        .column(("Кампания", "Campaign"), |code| campaign_cell(code.campaign_id))
        .column(("Почта", "E-mail"), |code| code.email.clone().into())
        .column(("Выдан", "Issued"), |code| code.issued_at.into())
        .column(("Отправлен", "Sent"), |code| code.sent_at.into())
        .column(("Писем", "Letters"), |code| code.letters.into())
        .filter(Filter::by("state", ("Состояние", "State"), STATES, in_state))
        .filter(Filter::id("campaign_id", ("Номер кампании", "Campaign number"), Column::CampaignId))
        .search(("код или почта целиком", "the whole code or e-mail"), found)
        .group(("Код", "Code"))
        .line(("Код", "Code"), |code| Cell::Object("promos.promo_code", code.promo_id, code.code.clone()))
        .line(("Кампания", "Campaign"), |code| campaign_cell(code.campaign_id))
        .line(("Выдан", "Issued"), |code| code.issued_at.into())
        .line(("Сеанс", "Session"), |code| code.session_id.to_string().into())
        .group(("Письмо", "Letter"))
        .line(("Почта", "E-mail"), |code| code.email.clone().into())
        .line(("Человек", "Person"), |code| {
            Cell::object("accounts.user", code.user_id, format!("№ {}", code.user_id.unwrap_or_default()))
        })
        .line(("Писем поставлено", "Letters queued"), |code| code.letters.into())
        .line(("Последнее поставлено", "Last queued"), |code| code.letter_at.into())
        .line(("Отправлено", "Sent"), |code| code.sent_at.into())
        .panel(Panel::new(("Использование", "Use"), VIEW_CAMPAIGN, |ctx, id| {
            Box::pin(tables::used(ctx, id))
        }))
        .panel(Panel::new(("Сеанс", "Session"), VIEW_CAMPAIGN, |ctx, id| Box::pin(tables::events(ctx, id))))
        .action(
            Action::<Code>::new(
                "resend",
                ("Отправить ещё раз", "Send again"),
                CHANGE_CAMPAIGN,
                |work, id, _| Box::pin(services::resend_code(work, id)),
            )
            .note((
                "На ту же почту уйдёт ещё одно письмо с этим кодом.",
                "One more letter with this code goes to the same e-mail.",
            ))
            .when(|code| code.email.is_some())
            .bulk(),
        )
        .screen()
}

/// По почте — через человека: его почта хранится в том виде, в котором сравнивают.
fn found(text: &str) -> Condition {
    let all = Condition::all();
    match Email::parse(text) {
        Some(email) => {
            let people = user::Entity::find().select_only().column(user::Column::Id);
            let people = people.filter(user::Column::EmailNormalized.eq(email.normalized)).into_query();
            all.add(Column::UserId.in_subquery(people))
        }
        None => all.add(Column::Code.eq(text.to_uppercase())),
    }
}

fn in_state(state: &str) -> Condition {
    let all = Condition::all();
    match state {
        "issued" => all.add(Column::SentAt.is_null()).add(Column::PromoId.not_in_subquery(used())),
        "sent" => all.add(Column::SentAt.is_not_null()).add(Column::PromoId.not_in_subquery(used())),
        "used" => all.add(Column::PromoId.in_subquery(used())),
        _ => all,
    }
}

/// Промокоды, занятые действующими заказами.
fn used() -> SelectStatement {
    Query::select()
        .column(promo_use::Column::PromoId)
        .from(PromoUse)
        .and_where(promo_use::Column::State.eq(UseState::Held))
        .to_owned()
}

pub(super) fn state_of(code: &code::Model, is_used: bool) -> Cell {
    let state = match (is_used, code.sent_at) {
        (true, _) => "used",
        (false, Some(_)) => "sent",
        (false, None) => "issued",
    };
    admin::badge(STATES, state)
}
