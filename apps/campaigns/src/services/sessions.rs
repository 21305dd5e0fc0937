//! Начать и остановить сеанс.

use accounts::services::throttle;
use chrono::TimeDelta;
use kernel::{OrNotFound, Result, Work};
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::log::note;
use super::pace::address;
use crate::errors;
use crate::models::view_event::SESSION_STARTED;
use crate::models::{Session, campaign, session};
use crate::queries::shop_day;

/// Новый сеанс. `raw` — запрос целиком.
pub async fn start_session(work: &mut Work, campaign: &campaign::Model, raw: serde_json::Value) -> Result<Uuid> {
    if !campaign.runs_at(work.timestamp()) {
        return Err(errors::not_running());
    }
    if let Some(limit) = campaign.address_sessions_per_hour {
        let bucket = format!("ar-sessions:{}:{}", campaign.id, address(work));
        throttle::claim(work, &bucket, limit, TimeDelta::hours(1), errors::TOO_MANY_SESSIONS).await?;
    }
    let now = work.timestamp();
    let row = session::Model {
        id: work.ctx().random().uuid(work.now()),
        number: i64::from_be_bytes(work.ctx().random().bytes()) & i64::MAX,
        campaign_id: campaign.id,
        user_id: None,
        day: shop_day(work.ctx(), now).to_string(),
        score: 0,
        pending_email: None,
        is_active: true,
        metadata: None,
        created_at: now,
        last_seen: now,
        last_view_at: None,
        completed_at: None,
        view_token: None,
        token_asset_id: None,
        token_at: None,
    };
    work.insert_later(vec![all_set(row.clone())]).await?;
    note(work, &row, SESSION_STARTED, raw).await?;
    Ok(row.id)
}

fn all_set(row: session::Model) -> session::ActiveModel {
    session::ActiveModel {
        id: Set(row.id),
        number: Set(row.number),
        campaign_id: Set(row.campaign_id),
        user_id: Set(row.user_id),
        day: Set(row.day),
        score: Set(row.score),
        pending_email: Set(row.pending_email),
        is_active: Set(row.is_active),
        metadata: Set(row.metadata),
        created_at: Set(row.created_at),
        last_seen: Set(row.last_seen),
        last_view_at: Set(row.last_view_at),
        completed_at: Set(row.completed_at),
        view_token: Set(row.view_token),
        token_asset_id: Set(row.token_asset_id),
        token_at: Set(row.token_at),
    }
}

/// Остановить сеанс или снова пустить.
pub async fn set_session_active(work: &mut Work, id: Uuid, is_active: bool) -> Result<()> {
    let changed = Session::update_many()
        .col_expr(session::Column::IsActive, Expr::value(is_active))
        .filter(session::Column::Id.eq(id))
        .exec(work.db())
        .await?;
    (changed.rows_affected == 1).then_some(()).or_not_found(errors::SESSION_NOT_FOUND)
}
