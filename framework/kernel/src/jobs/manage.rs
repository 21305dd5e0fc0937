//! Управление задачами человеком: список, повтор, удаление; уборка старых ключей от повторов.

use chrono::TimeDelta;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ConnectionTrait, FromQueryResult, PaginatorTrait, QueryOrder, QuerySelect, Statement};

use super::{DEAD, WAITING, due, job_row};
use crate::overrides::{self, Change};
use crate::settings::JobSettings;
use crate::{Actor, Ctx, OrNotFound, Result, Timestamp, Work};

/// Что с задачами одного вида: для страницы наблюдения и метрик.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, FromQueryResult, utoipa::ToSchema)]
pub struct JobState {
    pub name: String,
    /// Пора, но ещё не взята.
    pub ready: i64,
    /// Её час не настал.
    pub scheduled: i64,
    /// Из ждущих — те, у кого уже была неудача.
    pub retrying: i64,
    /// Выполняется сейчас.
    pub running: i64,
    /// Попытки кончились: ждёт человека.
    pub dead: i64,
    /// Когда настал час самой старой из готовых.
    #[serde(skip)]
    pub oldest: Option<Timestamp>,
}

/// Состояние задач по видам; видов, у которых задач нет, в ответе нет. Один проход по таблице.
pub async fn states(ctx: &Ctx) -> Result<Vec<JobState>> {
    let now = ctx.now().naive_utc();
    let waiting = || job_row::Column::Status.eq(WAITING);
    let running = || job_row::Column::LockedUntil.gte(now);
    let free = || waiting().and(job_row::Column::LockedUntil.is_null().or(job_row::Column::LockedUntil.lt(now)));
    let is_due = || free().and(job_row::Column::RunAt.lte(now));
    let count = |condition: SimpleExpr| {
        let counted: SimpleExpr = CaseStatement::new().case(condition, 1).into();
        counted.count()
    };
    let oldest: SimpleExpr = CaseStatement::new().case(is_due(), Expr::col(job_row::Column::RunAt)).into();
    let rows = job_row::Entity::find()
        .select_only()
        .column(job_row::Column::Name)
        .column_as(count(is_due()), "ready")
        .column_as(count(free().and(job_row::Column::RunAt.gt(now))), "scheduled")
        .column_as(count(free().and(job_row::Column::Attempts.gt(0))), "retrying")
        .column_as(count(waiting().and(running())), "running")
        .column_as(count(job_row::Column::Status.eq(DEAD)), "dead")
        .column_as(oldest.min(), "oldest")
        .group_by(job_row::Column::Name)
        .order_by_asc(job_row::Column::Name)
        .into_model()
        .all(ctx.db_fresh())
        .await?;
    Ok(rows)
}

/// Сколько задач ждёт и сколько умерло.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct JobCounts {
    pub waiting: u64,
    pub dead: u64,
}

pub async fn count(ctx: &Ctx) -> Result<JobCounts> {
    let of = |status: &'static str| job_row::Entity::find().filter(job_row::Column::Status.eq(status));
    Ok(JobCounts { waiting: of(WAITING).count(ctx.db_fresh()).await?, dead: of(DEAD).count(ctx.db_fresh()).await? })
}

/// Сколько ждёт своего исполнителя самая старая из готовых задач. Считается по таблице, поэтому верно и без посредника.
pub async fn lag(ctx: &Ctx) -> Result<TimeDelta> {
    let now = ctx.now();
    let oldest: Option<Timestamp> = job_row::Entity::find()
        .select_only()
        .column(job_row::Column::RunAt)
        .filter(due(now))
        .order_by_asc(job_row::Column::RunAt)
        .into_tuple()
        .one(ctx.db_fresh())
        .await?;
    Ok(oldest.map_or(TimeDelta::zero(), |run_at| now.naive_utc() - run_at))
}

/// Ближайшие задачи, сначала мёртвые.
pub async fn list(ctx: &Ctx, limit: u64) -> Result<Vec<job_row::Model>> {
    let rows = job_row::Entity::find()
        .order_by_asc(job_row::Column::Status)
        .order_by_asc(job_row::Column::RunAt)
        .limit(limit)
        .all(ctx.db_fresh())
        .await?;
    Ok(rows)
}

/// Возвращает задачу в очередь: сразу и с новым счётом попыток.
pub async fn retry(ctx: &Ctx, id: i64) -> Result<()> {
    retry_in(&ctx.db_handle().write, id, ctx.now().naive_utc()).await
}

/// То же внутри чужой транзакции.
pub async fn retry_in(db: &impl ConnectionTrait, id: i64, now: Timestamp) -> Result<()> {
    let changed = job_row::Entity::update_many()
        .col_expr(job_row::Column::Status, Expr::value(WAITING))
        .col_expr(job_row::Column::Attempts, Expr::value(0))
        .col_expr(job_row::Column::RunAt, Expr::value(now))
        .col_expr(job_row::Column::LockedBy, Expr::value(Option::<String>::None))
        .col_expr(job_row::Column::LockedUntil, Expr::value(Option::<Timestamp>::None))
        .filter(job_row::Column::Id.eq(id))
        .exec(db)
        .await?;
    (changed.rows_affected == 1).then_some(()).or_not_found("jobs.not_found")
}

/// Удаляет задачу насовсем.
pub async fn drop_job(ctx: &Ctx, id: i64) -> Result<()> {
    drop_in(&ctx.db_handle().write, id).await
}

/// То же внутри чужой транзакции.
pub async fn drop_in(db: &impl ConnectionTrait, id: i64) -> Result<()> {
    let deleted = job_row::Entity::delete_by_id(id).exec(db).await?;
    (deleted.rows_affected == 1).then_some(()).or_not_found("jobs.not_found")
}

/// Ключ настройки «задачи стоят».
const HELD: &str = "jobs.held";

/// Стоят ли задачи (`jobs.held`).
pub fn is_held(ctx: &Ctx) -> bool {
    ctx.section::<JobSettings>().held
}

/// Останавливает задачи всех процессов или пускает их снова. Запомнено в базе: переживёт перезапуск.
pub async fn hold(ctx: &Ctx, held: bool) -> Result<()> {
    let save = async move |work: &mut Work| {
        let seen = overrides::version(work.db()).await?;
        let change = Change { value: held.then_some(true.into()), is_secret: false };
        overrides::save(work, &seen, &[(HELD.to_owned(), change)].into()).await
    };
    ctx.atomic(&Actor::System("jobs"), save).await?;
    overrides::reload(ctx).await
}

/// Ключи от повторов живут семь суток.
pub async fn purge_idempotency_keys(ctx: &Ctx) -> Result<u64> {
    let db = &ctx.db_handle().write;
    let before = (ctx.now() - TimeDelta::days(7)).naive_utc();
    let mark = if db.get_database_backend() == sea_orm::DbBackend::Postgres { "$1" } else { "?" };
    let sql = format!("DELETE FROM idempotency_keys WHERE created_at < {mark}");
    let done = db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [before.into()])).await?;
    Ok(done.rows_affected())
}
