//! Этапы заказа: назначить дату, отметить сделанным.

use chrono::SubsecRound;
use kernel::{OrNotFound, Result, Work};
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::record::{Entry, record};
use crate::models::*;
use crate::schemas::StageIn;
use crate::settings::OrderSettings;
use crate::{errors, queries};

/// Заменяет этап целиком. Отмеченный раньше хранит свой день; снятая отметка его забывает.
pub async fn set_stage(work: &mut Work, order_id: i64, code: &str, input: &StageIn) -> Result<()> {
    queries::order_by_id(work.db(), order_id).await?.or_not_found(errors::NOT_FOUND)?;
    let settings = work.ctx().section::<OrderSettings>();
    settings.stages.iter().find(|stage| stage.code == code).or_not_found(errors::UNKNOWN_STAGE)?;
    ensure_row(work, order_id, code).await?;
    let before =
        Stage::find_by_id((order_id, code.to_owned())).one(work.db()).await?.or_not_found(errors::UNKNOWN_STAGE)?;
    let planned_at = input.planned_at.map(|at| at.trunc_subsecs(6).naive_utc());
    let done_at = input.done.then(|| before.done_at.unwrap_or(work.timestamp()));
    Stage::update_many()
        .col_expr(stage::Column::PlannedAt, Expr::value(planned_at))
        .col_expr(stage::Column::DoneAt, Expr::value(done_at))
        .col_expr(stage::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(stage::Column::OrderId.eq(order_id))
        .filter(stage::Column::Code.eq(code))
        .exec(work.db())
        .await?;
    let reason = match (before.done_at.is_some(), input.done) {
        (false, true) => "stage_done",
        (true, false) => "stage_undone",
        _ => "stage_planned",
    };
    let note = input.note.as_deref().unwrap_or_default();
    record(work, order_id, Kind::Stage, Entry { stage: Some(code), reason: Some(reason), note, ..Entry::default() })
        .await
}

async fn ensure_row(work: &Work, order_id: i64, code: &str) -> Result<()> {
    let row = stage::ActiveModel {
        order_id: Set(order_id),
        code: Set(code.to_owned()),
        planned_at: Set(None),
        done_at: Set(None),
        updated_at: Set(work.timestamp()),
    };
    Stage::insert(row)
        .on_conflict_do_nothing_on([stage::Column::OrderId, stage::Column::Code])
        .exec_without_returning(work.db())
        .await?;
    Ok(())
}
