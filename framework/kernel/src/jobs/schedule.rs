//! Расписания: следующий момент каждой записи лежит в базе, поэтому несколько процессов ставят задачу один раз.

use chrono::{DateTime, Utc};
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::{NewJob, Schedule, is_held};
use crate::data::Work;
use crate::{Actor, Ctx, Error, Result, Timestamp};

mod row {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "job_schedules")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub next_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Следующий момент после данного.
pub fn next_after(cron: &str, after: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let pattern: croner::Cron =
        cron.parse().map_err(|e| Error::internal(anyhow::anyhow!("bad cron line {cron}: {e}")))?;
    pattern.find_next_occurrence(&after, false).map_err(|e| Error::internal(anyhow::anyhow!("cron line {cron}: {e}")))
}

/// Ставит задачи, чей час настал.
pub(super) async fn enqueue_due(ctx: &Ctx) -> Result<()> {
    let schedules = &ctx.shared().jobs.schedules;
    if schedules.is_empty() || is_held(ctx) {
        return Ok(());
    }
    let now = ctx.now();
    let known = row::Entity::find().all(ctx.db_fresh()).await?;
    for schedule in schedules {
        match known.iter().find(|row| row.name == schedule.job) {
            Some(row) if row.next_at > now.naive_utc() => {}
            Some(row) => fire(ctx, schedule, row.next_at, now).await?,
            None => plan_first(ctx, schedule, now).await?,
        }
    }
    Ok(())
}

async fn plan_first(ctx: &Ctx, schedule: &Schedule, now: DateTime<Utc>) -> Result<()> {
    let next_at = next_after(schedule.cron, now)?.naive_utc();
    let row = row::ActiveModel { name: Set(schedule.job.to_owned()), next_at: Set(next_at) };
    row::Entity::insert(row)
        .on_conflict_do_nothing_on([row::Column::Name])
        .exec_without_returning(&ctx.db_handle().write)
        .await?;
    Ok(())
}

/// Двигает запись вперёд и ставит задачу одной транзакцией; кто не сдвинул — не ставит.
async fn fire(ctx: &Ctx, schedule: &Schedule, planned: Timestamp, now: DateTime<Utc>) -> Result<()> {
    let next_at = next_after(schedule.cron, now)?.naive_utc();
    let job = NewJob::raw(schedule.job, schedule.payload.clone()).once(format!("schedule:{}", schedule.job));
    let name = schedule.job.to_owned();
    let actor = Actor::System("schedule");
    ctx.atomic(&actor, async move |work: &mut Work| {
        let moved = row::Entity::update_many()
            .col_expr(row::Column::NextAt, Expr::value(next_at))
            .filter(row::Column::Name.eq(name.as_str()))
            .filter(row::Column::NextAt.eq(planned))
            .exec(work.db())
            .await?;
        if moved.rows_affected == 0 {
            return Ok(());
        }
        work.enqueue_new(job.clone()).await
    })
    .await
}
