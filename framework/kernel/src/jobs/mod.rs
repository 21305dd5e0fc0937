//! Фоновые задачи: строка в таблице `jobs`, поставленная в той же транзакции, что и дело.
//!
//! Задача закрепляется за исполнителем на срок (`jobs.lease`); не успел или умер — её возьмёт другой. Отказ повторяется с растущей
//! паузой; после `jobs.max_attempts` задача становится «мёртвой» и ждёт человека (`megashop jobs list|retry|drop`).

mod manage;
mod registry;
mod schedule;
mod worker;

pub use manage::{
    JobCounts, JobState, count, drop_in, drop_job, hold, is_held, lag, list, purge_idempotency_keys, retry, retry_in,
    states,
};
pub use registry::{Registry, Schedule};
pub use schedule::next_after;
pub use worker::{Worker, run_due};

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, ConnectionTrait, NotSet, Set};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Ctx, Error, Result, Timestamp};

/// Задача для внешнего мира (письмо, обмен) или долгая работа. Может выполниться дважды, если процесс умер посередине,
/// поэтому несёт свой ключ от повторов или проверяет, сделано ли уже.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// `app.что_сделать`; не переименовывается, пока в таблице есть такие задачи.
    const NAME: &'static str;

    fn run(self, ctx: &Ctx) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// Чем кончилась неудачная задача.
#[derive(Debug)]
pub enum JobError {
    /// Повторить позже.
    Retry(Error),
    /// Повторять бесполезно: сразу в «мёртвые».
    Fail(Error),
    /// Ещё не время: ждать до этого мига; попыткой не считается.
    Later(DateTime<Utc>),
}

impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        JobError::Retry(error)
    }
}

impl From<sea_orm::DbErr> for JobError {
    fn from(error: sea_orm::DbErr) -> Self {
        JobError::Retry(error.into())
    }
}

/// Задача, которую ставят.
#[derive(Clone, Debug)]
pub struct NewJob {
    name: &'static str,
    payload: String,
    dedup_key: Option<String>,
    run_at: Option<DateTime<Utc>>,
}

impl NewJob {
    pub fn of<J: Job>(job: &J) -> Result<NewJob> {
        Ok(NewJob::raw(J::NAME, serde_json::to_string(job)?))
    }

    pub(crate) fn raw(name: &'static str, payload: String) -> NewJob {
        NewJob { name, payload, dedup_key: None, run_at: None }
    }

    /// Не раньше этого момента.
    pub fn at(mut self, run_at: DateTime<Utc>) -> NewJob {
        self.run_at = Some(run_at);
        self
    }

    /// Пока такая задача ждёт, вторая с тем же ключом не встанет.
    pub fn once(mut self, key: impl Into<String>) -> NewJob {
        self.dedup_key = Some(key.into());
        self
    }

    pub(crate) fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.run_at.is_none_or(|at| at <= now)
    }

    pub(crate) fn is_unique(&self) -> bool {
        self.dedup_key.is_some()
    }
}

/// Строка таблицы задач.
pub mod job_row {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "jobs")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub payload: String,
        pub dedup_key: Option<String>,
        pub status: String,
        pub run_at: Timestamp,
        pub attempts: i32,
        pub locked_by: Option<String>,
        pub locked_until: Option<Timestamp>,
        pub last_error: Option<String>,
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Ждёт своего часа.
pub const WAITING: &str = "waiting";
/// Попытки кончились.
pub const DEAD: &str = "dead";

/// Пора и никем не занята.
fn due(now: DateTime<Utc>) -> Condition {
    let free = Condition::any()
        .add(job_row::Column::LockedUntil.is_null())
        .add(job_row::Column::LockedUntil.lt(now.naive_utc()));
    Condition::all().add(job_row::Column::Status.eq(WAITING)).add(job_row::Column::RunAt.lte(now.naive_utc())).add(free)
}

/// Ставит задачу с ключом, если такой ещё нет.
pub(crate) async fn insert_unique(db: &impl ConnectionTrait, now: DateTime<Utc>, job: NewJob) -> Result<()> {
    job_row::Entity::insert(row_of(job, now))
        .on_conflict_do_nothing_on([job_row::Column::DedupKey])
        .exec_without_returning(db)
        .await?;
    Ok(())
}

pub(crate) fn row_of(job: NewJob, now: DateTime<Utc>) -> job_row::ActiveModel {
    job_row::ActiveModel {
        id: NotSet,
        name: Set(job.name.to_owned()),
        payload: Set(job.payload),
        dedup_key: Set(job.dedup_key),
        status: Set(WAITING.to_owned()),
        run_at: Set(job.run_at.unwrap_or(now).naive_utc()),
        attempts: Set(0),
        locked_by: Set(None),
        locked_until: Set(None),
        last_error: Set(None),
        created_at: Set(now.naive_utc()),
    }
}
