//! Сколько пройдено.

use std::collections::BTreeSet;

use kernel::{Result, Work};
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use serde_json::json;

use super::log::note;
use crate::calculations::POINTS;
use crate::models::view_event::PROGRESS_VIEWED;
use crate::models::{Person, person};
use crate::queries::{Scene, session_by_id, viewed_assets, viewed_by_user};
use crate::schemas::ProgressOut;

/// Прогресс сеанса; о том, что его спросили, остаётся событие.
pub async fn progress_of_session(work: &mut Work, session_id: Uuid) -> Result<ProgressOut> {
    let session = session_by_id(work.db(), session_id).await?;
    let scene = Scene::of_session(work.db(), session_id).await?;
    let viewed = viewed_assets(work.db(), session_id).await?;
    note(work, &session, PROGRESS_VIEWED, json!({})).await?;
    Ok(progress_of(&scene, &viewed, session.score))
}

/// Прогресс человека в данной кампании по всем его сеансам.
pub async fn progress_of_user(work: &mut Work, scene: &Scene, user_id: i64) -> Result<ProgressOut> {
    let viewed = viewed_by_user(work.db(), user_id).await?;
    let score = refresh_score(work, user_id).await?;
    Ok(progress_of(scene, &viewed, score))
}

fn progress_of(scene: &Scene, viewed: &BTreeSet<i64>, total_score: i64) -> ProgressOut {
    let assets = scene.asset_ids();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let (total, viewed) = (count(assets.len()), count(assets.intersection(viewed).count()));
    ProgressOut { total_assets: total, viewed_assets: viewed, remaining_assets: total - viewed, total_score }
}

/// Пересчитывает очки человека: по 10 за каждый разный актив во всех его сеансах.
pub(super) async fn refresh_score(work: &Work, user_id: i64) -> Result<i64> {
    let viewed = viewed_by_user(work.db(), user_id).await?;
    let score = i64::try_from(viewed.len()).unwrap_or(i64::MAX) * POINTS;
    let row = person::ActiveModel {
        user_id: Set(user_id),
        total_score: Set(score),
        metadata: Set(None),
        updated_at: Set(work.timestamp()),
    };
    let again = OnConflict::column(person::Column::UserId)
        .update_columns([person::Column::TotalScore, person::Column::UpdatedAt])
        .to_owned();
    Person::insert(row).on_conflict(again).exec_without_returning(work.db()).await?;
    Ok(score)
}
