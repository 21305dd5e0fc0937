//! Код за собранный набор: выдать и назвать.

use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{NotSet, Set};
use serde_json::json;

use super::campaigns::existing;
use super::log::note;
use crate::calculations::is_complete;
use crate::errors;
use crate::models::view_event::{PROMO_CHECKED, PROMO_ISSUED};
use crate::models::*;
use crate::queries::{
    Scene, code_of_session, held_uses, latest_session, locked_session, session_by_id, unused_code_of, viewed_assets,
};
use crate::schemas::Reward;

/// Что с кодом.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Code(String),
    NotCompleted,
    /// Код сеанса занят заказом, второго сеанс не получит.
    Used,
}

/// Выдаёт код запертому сеансу: промокод магазина с условиями кампании, на один заказ. Второго не пустит и `UNIQUE`.
pub(super) async fn issue(
    work: &mut Work,
    campaign: &campaign::Model,
    session: &session::Model,
) -> Result<code::Model> {
    let named: Reward = serde_json::from_str(&campaign.reward)?;
    let reward = existing(work, &named).await?;
    let now = work.timestamp();
    // Всё, на что действовала награда, удалено (код на любые покупки был бы не тот) или её срок вышел.
    let is_gone = named.is_limited() && !reward.is_limited();
    if is_gone || reward.until(now).is_some_and(|until| until < now) {
        return Err(errors::not_running());
    }
    let text = new_code(work);
    let description = format!("Кампания «{}»", campaign.title);
    let promo = promos::services::create_code(work, &reward.promo(&text, description, now)).await?;
    let row = code::ActiveModel {
        id: NotSet,
        campaign_id: Set(campaign.id),
        session_id: Set(session.id),
        user_id: Set(session.user_id),
        email: Set(session.pending_email.clone()),
        promo_id: Set(promo.id),
        code: Set(text),
        issued_at: Set(now),
        letters: Set(0),
        letter_at: Set(None),
        sent_at: Set(None),
        meta: Set(None),
    };
    let issued = row.insert(work.db()).await?;
    Session::update_many()
        .col_expr(session::Column::CompletedAt, Expr::value(now))
        .filter(session::Column::Id.eq(session.id))
        .exec(work.db())
        .await?;
    Ok(issued)
}

/// Событие о выданном коде: после того, за что он выдан.
pub(super) async fn note_issued(work: &mut Work, session: &session::Model, code: &code::Model) -> Result<()> {
    note(work, session, PROMO_ISSUED, json!({"code": code.code, "existing": false})).await
}

/// `PROMO-3F9A0C5D77E1B24A-120000`: 64 случайных бита и время выдачи, UTC. Номера сеанса в нём нет: по коду сеанса не узнать.
fn new_code(work: &Work) -> String {
    let random = hex::encode_upper(work.ctx().random().bytes::<8>());
    format!("PROMO-{random}-{}", work.now().format("%H%M%S"))
}

/// Код этого сеанса — и только его: чужого он не назовёт, чью бы почту к нему ни привязали. Собравшему набор без кода — выдаёт.
pub async fn promo_of_session(work: &mut Work, session_id: Uuid) -> Result<Found> {
    let session = locked_session(work.db(), session_id).await?;
    let (found, result) = match code_of_session(work.db(), session.id).await? {
        Some(code) if held_uses(work.db(), &[code.promo_id]).await?.is_empty() => (Found::Code(code.code), "exists"),
        Some(_) => (Found::Used, "used"),
        None => match issue_if_complete(work, &session).await? {
            Some(code) => (Found::Code(code.code), "issued"),
            None => (Found::NotCompleted, "not_completed"),
        },
    };
    note(work, &session, PROMO_CHECKED, json!({"result": result})).await?;
    Ok(found)
}

/// Код запертому сеансу, если набор собран, а кода нет.
pub(super) async fn issue_if_complete(work: &mut Work, session: &session::Model) -> Result<Option<code::Model>> {
    let scene = Scene::of_session(work.db(), session.id).await?;
    let viewed = viewed_assets(work.db(), session.id).await?;
    if !is_complete(&scene.asset_ids(), &viewed) {
        return Ok(None);
    }
    let code = issue(work, &scene.campaign, session).await?;
    note_issued(work, session, &code).await?;
    Ok(Some(code))
}

/// Первый неиспользованный код человека; нет такого — код его последнего сеанса.
pub async fn promo_of_user(work: &mut Work, user_id: i64) -> Result<Found> {
    if let Some(code) = unused_code_of(work.db(), user_id).await? {
        let session = session_by_id(work.db(), code.session_id).await?;
        note(work, &session, PROMO_CHECKED, json!({"result": "exists"})).await?;
        return Ok(Found::Code(code.code));
    }
    match latest_session(work.db(), user_id).await? {
        Some(session) => promo_of_session(work, session.id).await,
        None => Ok(Found::NotCompleted),
    }
}
