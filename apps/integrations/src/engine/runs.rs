//! Журнал загрузок: строка заводится в начале и дополняется в конце.

use std::path::Path;

use kernel::data::insert_all;
use kernel::{Actor, Ctx, Error, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, Set, Unchanged};

use super::report::{ImportOptions, Tallies};
use super::step::fit;
use crate::models::import_row;
use crate::models::import_run::{ActiveModel, RunStatus};

pub async fn start(ctx: &Ctx, options: &ImportOptions, source: &'static str, path: &Path) -> Result<i64> {
    let path = options.file.as_ref().map_or_else(|| path.display().to_string(), |file| file.name.clone());
    let (path, is_trial, file_id) = (fit(&path, 500), options.dry_run, options.file.as_ref().map(|file| file.id));
    let row = async move |work: &mut Work| {
        let row = ActiveModel {
            id: NotSet,
            source: Set(source.to_owned()),
            path: Set(path.clone()),
            status: Set(RunStatus::Running),
            created_count: Set(0),
            changed_count: Set(0),
            unchanged_count: Set(0),
            hidden_count: Set(0),
            pending_count: Set(0),
            refused_count: Set(0),
            warning_count: Set(0),
            error: Set(None),
            actor: Set(fit(&work.actor().label(), 60)),
            started_at: Set(work.timestamp()),
            finished_at: Set(None),
            is_trial: Set(is_trial),
            file_id: Set(file_id),
        };
        Ok(row.insert(work.db()).await?.id)
    };
    ctx.atomic(&options.actor, row).await
}

/// Исходы пробы: её транзакция откатилась, они записываются следом.
pub async fn keep_rows(ctx: &Ctx, actor: &Actor, rows: Vec<import_row::ActiveModel>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    ctx.atomic(actor, async move |work: &mut Work| Ok(insert_all(work.db(), rows.clone()).await?)).await
}

pub async fn finish(ctx: &Ctx, actor: &Actor, id: i64, tallies: &Tallies, error: Option<&Error>) -> Result<()> {
    let status = if error.is_some() { RunStatus::Failed } else { RunStatus::Done };
    let error = error.map(|error| fit(&error.to_string(), 1000));
    let tallies = tallies.clone();
    let row = async move |work: &mut Work| {
        let total = tallies.total();
        let row = ActiveModel {
            id: Unchanged(id),
            status: Set(status),
            created_count: Set(count(total.created)),
            changed_count: Set(count(total.changed)),
            unchanged_count: Set(count(total.unchanged)),
            hidden_count: Set(count(tallies.hidden)),
            pending_count: Set(count(tallies.pending)),
            refused_count: Set(count(tallies.refused)),
            warning_count: Set(count(tallies.warnings)),
            error: Set(error.clone()),
            finished_at: Set(Some(work.timestamp())),
            ..Default::default()
        };
        row.update(work.db()).await?;
        Ok(())
    };
    ctx.atomic(actor, row).await
}

fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
