//! Журнал загрузок: строка заводится в начале и дополняется в конце.

use std::path::Path;

use kernel::{Actor, Ctx, Error, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, Set, Unchanged};

use super::report::Tallies;
use super::step::fit;
use crate::models::import_run::{ActiveModel, RunStatus};

pub async fn start(ctx: &Ctx, actor: &Actor, source: &'static str, path: &Path) -> Result<i64> {
    let path = fit(&path.display().to_string(), 500);
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
        };
        Ok(row.insert(work.db()).await?.id)
    };
    ctx.atomic(actor, row).await
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
