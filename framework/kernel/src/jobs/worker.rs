//! Исполнитель: берёт задачи под срок, выполняет, удаляет, повторяет.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{QueryOrder, QuerySelect};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::registry::Runner;
use super::{DEAD, JobError, WAITING, due, is_held, job_row, schedule};
use crate::cluster::Invitation;
use crate::data::Work;
use crate::{Actor, Ctx, Error, Result};

/// Сколько спать, если дел нет: задачи этого процесса будят сразу, чужие подождут.
const IDLE: Duration = Duration::from_millis(1000);
/// То же, пока к новым задачам зовёт посредник: обход находит потерянные приглашения, повторы, отложенное и расписания.
const CALLED_IDLE: Duration = Duration::from_millis(5000);
/// Из скольких старейших задач выбирает позванный: по одной и той же промахнулись бы все, кроме одного.
const CROWD: u64 = 16;

/// Исполнитель задач.
#[derive(Clone)]
pub struct Worker {
    ctx: Ctx,
    name: String,
    slots: Arc<Semaphore>,
    size: usize,
}

impl Worker {
    pub fn new(ctx: Ctx) -> Worker {
        let size = ctx.settings().kernel.jobs.workers.max(1);
        let name = ctx.random().token();
        Worker { ctx, name, slots: Arc::new(Semaphore::new(size)), size }
    }

    /// Работает, пока не попросят остановиться; взятое доделывает.
    pub async fn run(self, stop: CancellationToken) {
        let calls = self.ctx.shared().broker.get().map(|broker| broker.invitations(self.size));
        let called = calls.map(|calls| tokio::spawn(answer_calls(self.clone(), calls, stop.clone())));
        while !stop.is_cancelled() {
            let taken = turn(self.clone()).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "job worker turn failed");
                0
            });
            if taken > 0 {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.ctx.shared().wake.notified() => {}
                () = tokio::time::sleep(self.idle()) => {}
            }
        }
        if let Some(called) = called {
            called.await.ok();
        }
        // Все места свободны — значит, взятое доделано.
        let _all = self.slots.acquire_many(self.size as u32).await;
    }

    fn idle(&self) -> Duration {
        let is_called = self.ctx.shared().broker.get().is_some_and(|broker| broker.is_connected());
        if is_called { CALLED_IDLE } else { IDLE }
    }
}

/// Приглашение занимает место исполнителя, пока на нём есть что делать, и только потом подтверждается: занятому новых не пришлют.
async fn answer_calls(worker: Worker, mut calls: mpsc::Receiver<Invitation>, stop: CancellationToken) {
    loop {
        let call = tokio::select! {
            () = stop.cancelled() => return,
            call = calls.recv() => call,
        };
        let (Some(call), Ok(permit)) = (call, worker.slots.clone().acquire_owned().await) else { return };
        let (worker, stop) = (worker.clone(), stop.clone());
        tokio::spawn(async move {
            if let Err(error) = work_off(&worker, &stop).await {
                tracing::warn!(%error, "a called worker could not take a job");
            }
            call.done();
            drop(permit);
        });
    }
}

/// Берёт по одной, пока есть что брать. Приглашение не названо по строке: позванный мог взять чужую (повтор, отложенную), и тогда его
/// собственная не должна ждать обхода.
async fn work_off(worker: &Worker, stop: &CancellationToken) -> Result<()> {
    while !stop.is_cancelled() {
        let found = due_ids(&worker.ctx, CROWD).await?;
        let Some(last) = found.len().checked_sub(1) else { return Ok(()) };
        let pick = worker.ctx.random().below(last as u32 + 1) as usize;
        for job in lease_rows(&worker.ctx, &worker.name, vec![found[pick]]).await? {
            execute(&worker.ctx, job).await;
        }
    }
    Ok(())
}

/// Один обход: поставить по расписанию, взять сколько есть мест, запустить. Возвращает число взятых.
async fn turn(worker: Worker) -> Result<usize> {
    schedule::enqueue_due(&worker.ctx).await?;
    let Ok(first) = worker.slots.clone().acquire_owned().await else { return Ok(0) };
    let mut permits = vec![first];
    while permits.len() < worker.size {
        let Ok(permit) = worker.slots.clone().try_acquire_owned() else { break };
        permits.push(permit);
    }
    let jobs = claim(&worker.ctx, &worker.name, permits.len() as u64).await?;
    let taken = jobs.len();
    for (job, permit) in jobs.into_iter().zip(permits) {
        let ctx = worker.ctx.clone();
        tokio::spawn(async move {
            execute(&ctx, job).await;
            drop(permit);
        });
    }
    Ok(taken)
}

/// Выполняет всё, что пора, и возвращает число выполненных. Для тестов и командной строки.
pub async fn run_due(ctx: &Ctx) -> Result<usize> {
    let name = ctx.random().token();
    let mut done = 0;
    loop {
        schedule::enqueue_due(ctx).await?;
        let jobs = claim(ctx, &name, 16).await?;
        if jobs.is_empty() {
            return Ok(done);
        }
        for job in jobs {
            execute(ctx, job).await;
            done += 1;
        }
    }
}

fn lease(ctx: &Ctx) -> TimeDelta {
    TimeDelta::seconds(Ord::max(ctx.settings().kernel.jobs.lease, 3))
}

/// Закрепляет за `worker` не больше `limit` задач.
async fn claim(ctx: &Ctx, worker: &str, limit: u64) -> Result<Vec<job_row::Model>> {
    let found = due_ids(ctx, limit).await?;
    lease_rows(ctx, worker, found).await
}

async fn due_ids(ctx: &Ctx, limit: u64) -> Result<Vec<i64>> {
    if is_held(ctx) {
        return Ok(Vec::new());
    }
    let rows = job_row::Entity::find()
        .select_only()
        .column(job_row::Column::Id)
        .filter(due(ctx.now()))
        .order_by_asc(job_row::Column::RunAt)
        .order_by_asc(job_row::Column::Id)
        .limit(limit);
    Ok(rows.into_tuple().all(ctx.db_fresh()).await?)
}

/// Спор решает условный UPDATE: кто первый, того и задача. Возвращает доставшиеся.
async fn lease_rows(ctx: &Ctx, worker: &str, ids: Vec<i64>) -> Result<Vec<job_row::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let now = ctx.now();
    let ticket = format!("{worker}{:08x}", ctx.random().below(u32::MAX));
    let claimed = job_row::Entity::update_many()
        .col_expr(job_row::Column::LockedBy, Expr::value(ticket.clone()))
        .col_expr(job_row::Column::LockedUntil, Expr::value((now + lease(ctx)).naive_utc()))
        .col_expr(job_row::Column::Attempts, Expr::col(job_row::Column::Attempts).add(1))
        .filter(job_row::Column::Id.is_in(ids))
        .filter(due(now))
        .exec(&ctx.db_handle().write)
        .await?;
    if claimed.rows_affected == 0 {
        return Ok(Vec::new());
    }
    let mine = job_row::Entity::find().filter(job_row::Column::LockedBy.eq(ticket)).order_by_asc(job_row::Column::Id);
    Ok(mine.all(&ctx.db_handle().write).await?)
}

/// Выполняет одну взятую задачу и записывает, чем кончилось. Паника — это неудача, процесс живёт.
async fn execute(ctx: &Ctx, job: job_row::Model) {
    let name = job.name.clone();
    let started = Instant::now();
    let span = tracing::trace_span!(target: "megashop::trace", "job", otel.name = name, otel.kind = "consumer",
        job.id = job.id, job.attempt = job.attempts, otel.status_code = tracing::field::Empty);
    let outcome = {
        let work = std::panic::AssertUnwindSafe(perform(ctx, &job)).catch_unwind().instrument(span.clone());
        let beat = keep_lease(ctx, &job);
        tokio::pin!(work, beat);
        tokio::select! {
            outcome = &mut work => outcome,
            // Перехваченную не бросаем на полпути: её итог не запишется (см. `finish`), а брошенная транзакция держала бы соединение.
            () = &mut beat => work.await,
        }
    };
    let result = outcome.unwrap_or_else(|_| Err(JobError::Retry(Error::internal(anyhow::anyhow!("job panicked")))));
    let label = match result {
        Ok(()) => "done",
        Err(JobError::Later(_)) => "later",
        Err(_) => "failed",
    };
    if label == "failed" {
        span.record("otel.status_code", "ERROR");
    }
    metrics::histogram!("megashop_job_seconds", "job" => name.clone()).record(started.elapsed().as_secs_f64());
    metrics::counter!("megashop_jobs_total", "job" => name, "result" => label).increment(1);
    if let Err(error) = result
        && let Err(lost) = postpone(ctx, &job, error).await
    {
        tracing::error!(job.id = job.id, error = %lost, "cannot record job failure; the lease will expire");
    }
}

/// Продлевает срок, пока задача идёт. Завершается, только если задачу перехватили.
async fn keep_lease(ctx: &Ctx, job: &job_row::Model) {
    let every = Duration::from_secs(lease(ctx).num_seconds() as u64 / 3 + 1);
    loop {
        tokio::time::sleep(every).await;
        let extended = job_row::Entity::update_many()
            .col_expr(job_row::Column::LockedUntil, Expr::value((ctx.now() + lease(ctx)).naive_utc()))
            .filter(job_row::Column::Id.eq(job.id))
            .filter(job_row::Column::LockedBy.eq(job.locked_by.clone()))
            .exec(&ctx.db_handle().write)
            .await;
        if matches!(extended, Ok(ref result) if result.rows_affected == 0) {
            tracing::warn!(job.id = job.id, "job lease was lost");
            return;
        }
    }
}

async fn perform(ctx: &Ctx, job: &job_row::Model) -> Result<(), JobError> {
    let Some(runner) = ctx.shared().jobs.runner(&job.name) else {
        return Err(JobError::Fail(Error::internal(anyhow::anyhow!("no runner for job {}", job.name))));
    };
    match runner {
        Runner::Listener(run) => {
            let actor = Actor::System("listener");
            let job = job.clone();
            let result = ctx
                .atomic(&actor, async move |work: &mut Work| {
                    run(work, &job.payload).await?;
                    finish(work.db(), &job).await
                })
                .await;
            result.map_err(JobError::Retry)
        }
        Runner::Job(run) => {
            run(ctx, &job.payload).await?;
            finish(&ctx.db_handle().write, job).await.map_err(JobError::Retry)
        }
    }
}

/// Удаляет строку задачи, если она всё ещё наша.
async fn finish<C: sea_orm::ConnectionTrait>(db: &C, job: &job_row::Model) -> Result<()> {
    let deleted = job_row::Entity::delete_many()
        .filter(job_row::Column::Id.eq(job.id))
        .filter(job_row::Column::LockedBy.eq(job.locked_by.clone()))
        .exec(db)
        .await?;
    if deleted.rows_affected == 1 { Ok(()) } else { Err(Error::conflict("jobs.lease_lost")) }
}

/// Неудача: пауза растёт 5 с, 15 с, 45 с… до часа; после предела попыток — «мёртвая».
async fn postpone(ctx: &Ctx, job: &job_row::Model, error: JobError) -> Result<()> {
    let (error, hopeless) = match error {
        JobError::Later(at) => return wait_till(ctx, job, at).await,
        JobError::Retry(error) => (error, job.attempts >= ctx.settings().kernel.jobs.max_attempts),
        JobError::Fail(error) => (error, true),
    };
    if hopeless {
        tracing::error!(job.id = job.id, job.name = job.name, %error, "job is dead");
    } else {
        tracing::warn!(job.id = job.id, job.name = job.name, job.attempt = job.attempts, %error, "job failed, will retry");
    }
    let pause = Ord::min(5i64.saturating_mul(3i64.saturating_pow(u32::try_from(job.attempts - 1).unwrap_or(0))), 3600);
    let jitter = i64::from(ctx.random().below(1 + pause as u32 / 5));
    let text: String = error.to_string().chars().take(1900).collect();
    // Мёртвая задача освобождает ключ: иначе расписание с этим ключом больше никогда не сработает.
    let dedup_key = if hopeless { None } else { job.dedup_key.clone() };
    job_row::Entity::update_many()
        .col_expr(job_row::Column::Status, Expr::value(if hopeless { DEAD } else { WAITING }))
        .col_expr(job_row::Column::DedupKey, Expr::value(dedup_key))
        .col_expr(job_row::Column::RunAt, Expr::value((ctx.now() + TimeDelta::seconds(pause + jitter)).naive_utc()))
        .col_expr(job_row::Column::LockedBy, Expr::value(Option::<String>::None))
        .col_expr(job_row::Column::LockedUntil, Expr::value(Option::<crate::Timestamp>::None))
        .col_expr(job_row::Column::LastError, Expr::value(text))
        .filter(job_row::Column::Id.eq(job.id))
        .filter(job_row::Column::LockedBy.eq(job.locked_by.clone()))
        .exec(&ctx.db_handle().write)
        .await?;
    Ok(())
}

/// Задача отложена сама собой: ждёт назначенного мига, а попытка не потрачена.
async fn wait_till(ctx: &Ctx, job: &job_row::Model, at: DateTime<Utc>) -> Result<()> {
    job_row::Entity::update_many()
        .col_expr(job_row::Column::RunAt, Expr::value(at.naive_utc()))
        .col_expr(job_row::Column::Attempts, Expr::value(job.attempts - 1))
        .col_expr(job_row::Column::LockedBy, Expr::value(Option::<String>::None))
        .col_expr(job_row::Column::LockedUntil, Expr::value(Option::<crate::Timestamp>::None))
        .filter(job_row::Column::Id.eq(job.id))
        .filter(job_row::Column::LockedBy.eq(job.locked_by.clone()))
        .exec(&ctx.db_handle().write)
        .await?;
    Ok(())
}
