//! Коды: кому выдан, ушёл ли, каким заказом занят; письмо ещё раз.

use accounts::contacts::Email;
use admin::{Action, Cell, Choice, Filter, Model, Panel, Screen, Tone};
use promos::models::{PromoCode, PromoUse, UseState, promo_code, promo_use};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Query, SelectStatement};

use super::{campaign_cell, campaign_options, tables, user_with};
use crate::models::Code;
use crate::models::code::Column;
use crate::permissions::{CHANGE_CAMPAIGN, VIEW_CAMPAIGN};
use crate::schemas::CodeOut;
use crate::services;

const STATES: &[Choice] = &[
    Choice::new("issued", ("выдан, не отправлен", "issued, not sent"), Tone::Wait),
    Choice::new("sent", ("отправлен, не использован", "sent, not used"), Tone::Plain),
    Choice::new("used", ("использован", "used"), Tone::Good),
    Choice::new("revoked", ("отозван", "revoked"), Tone::Quiet),
];

pub fn codes() -> Screen {
    Model::<Code>::new("campaigns", "code", ("Коды кампаний", "Campaign codes"), ("Код", "Code"), VIEW_CAMPAIGN)
        .label(|code| code.code.clone())
        .column(("Код", "Code"), |code| code.code.clone().into())
        .column(("Почта", "E-mail"), |code| code.email.clone().into())
        .column(("Выдан", "Issued"), |code| code.issued_at.into())
        .column(("Отправлен", "Sent"), |code| code.sent_at.into())
        .joined(
            [("Состояние", "State"), ("Использован", "Used"), ("Выручка", "Revenue"), ("Кампания", "Campaign")],
            |ctx, ids| Box::pin(tables::of_codes(ctx, ids)),
        )
        .filter(Filter::options("campaign_id", ("Кампания", "Campaign"), Column::CampaignId, |ctx, _| {
            Box::pin(campaign_options(ctx))
        }))
        .filter(Filter::by("state", ("Состояние", "State"), STATES, in_state))
        .search(("код или почта целиком", "the whole code or e-mail"), found)
        .group(("Код", "Code"))
        .line(("Код", "Code"), |code| Cell::Object("promos.promo_code", code.promo_id, code.code.clone()))
        .line(("Кампания", "Campaign"), |code| campaign_cell(code.campaign_id))
        .line(("Выдан", "Issued"), |code| code.issued_at.into())
        .group(("Письмо", "Letter"))
        .line(("Почта", "E-mail"), |code| code.email.clone().into())
        .line(("Человек", "Person"), |code| {
            let number = || format!("№ {}", code.user_id.unwrap_or_default());
            Cell::object("accounts.user", code.user_id, code.email.clone().unwrap_or_else(number))
        })
        .line(("Писем поставлено", "Letters queued"), |code| code.letters.into())
        .line(("Последнее поставлено", "Last queued"), |code| code.letter_at.into())
        .line(("Отправлено", "Sent"), |code| code.sent_at.into())
        .panel(Panel::new(("Использование", "Use"), VIEW_CAMPAIGN, |ctx, id| {
            Box::pin(tables::used(ctx, id))
        }))
        .panel(Panel::new(("Сеанс", "Session"), VIEW_CAMPAIGN, |ctx, id| {
            Box::pin(tables::events_of_code(ctx, id))
        }))
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
        .action(
            Action::<Code>::new("revoke", ("Отозвать", "Revoke"), CHANGE_CAMPAIGN, |work, id, _| {
                Box::pin(services::revoke_code(work, id))
            })
            .note((
                "Магазин больше не примет этот код. Использованный не отзывается.",
                "The shop will not take this code any more. A used one cannot be revoked.",
            ))
            .danger()
            .bulk(),
        )
        .screen()
}

fn found(text: &str) -> Condition {
    let all = Condition::all();
    match Email::parse(text) {
        Some(email) => all.add(Column::UserId.in_subquery(user_with(&email))),
        None => all.add(Column::Code.eq(text.to_uppercase())),
    }
}

fn in_state(state: &str) -> Condition {
    let all = Condition::all();
    match state {
        "issued" => all.add(Column::SentAt.is_null()).add(Column::PromoId.in_subquery(waiting(true))),
        "sent" => all.add(Column::SentAt.is_not_null()).add(Column::PromoId.in_subquery(waiting(true))),
        "used" => all.add(Column::PromoId.in_subquery(used())),
        "revoked" => all.add(Column::PromoId.in_subquery(waiting(false))),
        _ => all,
    }
}

/// Промокоды, не занятые заказами: действующие или отозванные.
fn waiting(is_active: bool) -> SelectStatement {
    Query::select()
        .column(promo_code::Column::Id)
        .from(PromoCode)
        .and_where(promo_code::Column::IsActive.eq(is_active))
        .and_where(promo_code::Column::Id.not_in_subquery(used()))
        .to_owned()
}

/// Промокоды, занятые действующими заказами.
fn used() -> SelectStatement {
    Query::select()
        .column(promo_use::Column::PromoId)
        .from(PromoUse)
        .and_where(promo_use::Column::State.eq(UseState::Held))
        .to_owned()
}

pub(super) fn state_of(code: &CodeOut) -> Cell {
    let state = match code {
        CodeOut { used_at: Some(_), .. } => "used",
        CodeOut { is_revoked: true, .. } => "revoked",
        CodeOut { sent_at: Some(_), .. } => "sent",
        _ => "issued",
    };
    admin::badge(STATES, state)
}
