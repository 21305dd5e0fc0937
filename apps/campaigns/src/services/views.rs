//! Засчитать просмотр.

use std::collections::BTreeSet;

use kernel::{Error, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{NotSet, Set};

use super::codes::{issue, note_issued};
use super::log::event;
use super::pace::check_pace;
use crate::calculations::{POINTS, is_complete};
use crate::errors;
use crate::models::view_event::{FIRST_VIEW_AWARDED, VIEWED_ASSET};
use crate::models::*;
use crate::queries::{Scene, locked_session, viewed_assets};
use crate::schemas::{View, ViewOut};

/// Первый просмотр актива в сеансе даёт очки, прочие только считаются; просмотр, собравший набор, приносит код.
pub async fn register_view(work: &mut Work, scene: &Scene, view: &View) -> Result<ViewOut> {
    let asset = scene.asset(&view.asset_slug)?;
    let session = locked_session(work.db(), view.session_id).await?;
    if let Some(answer) = earlier_answer(work, view, asset).await? {
        return Ok(answer);
    }
    if !scene.campaign.runs_at(work.timestamp()) {
        return Err(errors::not_running());
    }
    if !session.is_active {
        return Err(errors::session_stopped());
    }
    check_pace(work, &scene.campaign, &session, asset, view).await?;
    let mut viewed = viewed_assets(work.db(), session.id).await?;
    let is_first = viewed.insert(asset.id);
    count_view(work, &session, asset, is_first).await?;
    let points = if is_first { POINTS } else { 0 };
    let score = i64::try_from(viewed.len()).unwrap_or(i64::MAX) * POINTS;
    touch(work, &session, score).await?;
    let code = complete(work, scene, &session, &viewed).await?;
    let answer = ViewOut {
        session_id: session.id,
        asset_slug: asset.slug.clone(),
        awarded_points: points,
        session_score: score,
        promo_code: code.as_ref().map(|code| code.code.clone()),
    };
    record(work, &session, asset, view, &answer).await?;
    if let Some(code) = &code {
        note_issued(work, &session, code).await?;
    }
    Ok(answer)
}

/// Ответ на это же событие, если оно уже было. Сеанс заперт: двое с одним именем сюда разом не войдут.
async fn earlier_answer(work: &Work, view: &View, asset: &asset::Model) -> Result<Option<ViewOut>> {
    let Some(event_id) = &view.event_id else { return Ok(None) };
    let same = ViewEvent::find()
        .filter(view_event::Column::SessionId.eq(view.session_id))
        .filter(view_event::Column::EventId.eq(event_id.as_str()));
    match same.one(work.db()).await? {
        None => Ok(None),
        Some(row) if row.asset_id != Some(asset.id) => Err(errors::event_reused()),
        Some(row) => Ok(serde_json::from_str(&row.answer.unwrap_or_default())?),
    }
}

async fn count_view(work: &mut Work, session: &session::Model, asset: &asset::Model, is_first: bool) -> Result<()> {
    if is_first {
        let row = progress::ActiveModel {
            id: NotSet,
            session_id: Set(session.id),
            asset_id: Set(asset.id),
            viewed_at: Set(work.timestamp()),
            times_viewed: Set(1),
        };
        return work.insert_later(vec![row]).await;
    }
    let counted = Progress::update_many()
        .col_expr(progress::Column::TimesViewed, Expr::col(progress::Column::TimesViewed).add(1))
        .filter(progress::Column::SessionId.eq(session.id))
        .filter(progress::Column::AssetId.eq(asset.id))
        .exec(work.db())
        .await?;
    match counted.rows_affected {
        1 => Ok(()),
        _ => Err(Error::unavailable("database.busy", 1)),
    }
}

/// Очки, время и потраченный пропуск сеанса.
async fn touch(work: &Work, session: &session::Model, score: i64) -> Result<()> {
    let mut touched = Session::update_many()
        .col_expr(session::Column::Score, Expr::value(score))
        .col_expr(session::Column::LastSeen, Expr::value(work.timestamp()))
        .col_expr(session::Column::LastViewAt, Expr::value(work.timestamp()))
        .filter(session::Column::Id.eq(session.id));
    if session.view_token.is_some() {
        touched = touched
            .col_expr(session::Column::ViewToken, Expr::value(None::<String>))
            .col_expr(session::Column::TokenAssetId, Expr::value(None::<i64>))
            .col_expr(session::Column::TokenAt, Expr::value(None::<kernel::Timestamp>));
    }
    touched.exec(work.db()).await?;
    Ok(())
}

/// Код, если набор собран, а кода ещё не было.
async fn complete(
    work: &mut Work,
    scene: &Scene,
    session: &session::Model,
    viewed: &BTreeSet<i64>,
) -> Result<Option<code::Model>> {
    if session.completed_at.is_some() || !is_complete(&scene.asset_ids(), viewed) {
        return Ok(None);
    }
    issue(work, &scene.campaign, session).await.map(Some)
}

/// Журнал: просмотр с запросом целиком и, у первого, награда.
async fn record(
    work: &mut Work,
    session: &session::Model,
    asset: &asset::Model,
    view: &View,
    answer: &ViewOut,
) -> Result<()> {
    let mut viewed = event(work, session, VIEWED_ASSET, view.raw.clone());
    viewed.asset_id = Set(Some(asset.id));
    if view.event_id.is_some() {
        viewed.event_id = Set(view.event_id.clone());
        viewed.answer = Set(Some(serde_json::to_string(answer)?));
    }
    let mut rows = vec![viewed];
    if answer.awarded_points > 0 {
        let raw = format!("{{\"points\":{}}}", answer.awarded_points);
        let mut awarded = event(work, session, FIRST_VIEW_AWARDED, raw);
        awarded.asset_id = Set(Some(asset.id));
        rows.push(awarded);
    }
    work.insert_later(rows).await
}
