//! Единица работы: одна транзакция базы с тем, кто, когда и что ещё должно случиться после неё.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, DatabaseTransaction, EntityTrait, InsertMany, IntoActiveModel, Iterable, PrimaryKeyToColumn,
    PrimaryKeyTrait, QueryTrait, SqliteTransactionMode, TransactionOptions, TransactionTrait, UpdateMany,
};
use tracing::Instrument;

use super::later::Later;
use super::{Db, Engine, insert_all};
use crate::cluster::Change;
use crate::events::{self, Event, Told, event_row};
use crate::jobs::{self, NewJob, job_row};
use crate::{Actor, Ctx, Error, Result, Timestamp};

/// Больше строк за раз не откладывается.
const LATER_ROWS: usize = 64;

/// Сколько раз повторять транзакцию, которой помешала другая.
const ATTEMPTS: u32 = 12;

/// Открытая транзакция. Первый аргумент каждой службы, которая меняет данные; сами службы её не открывают.
pub struct Work {
    tx: DatabaseTransaction,
    ctx: Ctx,
    actor: Actor,
    now: DateTime<Utc>,
    change: Change,
    events: Vec<event_row::ActiveModel>,
    news: Vec<Told>,
    jobs: Vec<job_row::ActiveModel>,
    later: Later,
}

impl Work {
    fn new(tx: DatabaseTransaction, ctx: &Ctx, actor: &Actor) -> Work {
        Work {
            tx,
            ctx: ctx.clone(),
            actor: actor.clone(),
            now: ctx.now(),
            change: Change::default(),
            events: Vec::new(),
            news: Vec::new(),
            jobs: Vec::new(),
            later: Later::default(),
        }
    }

    /// Соединение внутри транзакции — для запросов SeaORM. Отложенного [`Work::insert_later`] в базе ещё нет.
    pub fn db(&self) -> &DatabaseTransaction {
        &self.tx
    }

    pub fn ctx(&self) -> &Ctx {
        &self.ctx
    }

    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Момент начала работы: один на всю транзакцию.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Тот же момент в том виде, в каком он пишется в базу.
    pub fn timestamp(&self) -> Timestamp {
        self.now.naive_utc()
    }

    pub fn engine(&self) -> Engine {
        self.ctx.db_handle().engine
    }

    /// Сообщает новость: строка в `events` и по задаче каждому слушателю — в этой же транзакции, перед её фиксацией.
    pub async fn emit<E: Event>(&mut self, event: &E) -> Result<()> {
        let (row, jobs) = events::rows(self, event)?;
        self.events.push(row);
        self.news.push(Told::of(event));
        self.change.jobs += jobs.len();
        self.jobs.extend(jobs);
        Ok(())
    }

    /// То же о многих сразу.
    pub async fn emit_all<E: Event>(&mut self, news: &[E]) -> Result<()> {
        for event in news {
            self.emit(event).await?;
        }
        Ok(())
    }

    /// Ставит задачу в этой же транзакции.
    pub async fn enqueue<J: jobs::Job>(&mut self, job: &J) -> Result<()> {
        self.enqueue_new(NewJob::of(job)?).await
    }

    /// Ставит задачу с временем запуска или ключом от повторов.
    pub async fn enqueue_new(&mut self, job: NewJob) -> Result<()> {
        // Отложенную найдёт обход: звать к ней рано.
        self.change.jobs += usize::from(job.is_due(self.now));
        if job.is_unique() {
            return jobs::insert_unique(&self.tx, self.now, job).await;
        }
        self.jobs.push(jobs::row_of(job, self.now));
        Ok(())
    }

    /// Вставка, исход которой до фиксации не нужен: она уйдёт перед фиксацией вместе с другими такими же, а её отказ станет отказом
    /// всей работы. Прочесть эти строки раньше можно только после [`Work::settle`].
    ///
    /// Много строк ждать незачем: они уходят сразу, вслед за уже отложенным.
    pub async fn insert_later<A: ActiveModelTrait>(&mut self, rows: Vec<A>) -> Result<()> {
        let many = rows.len() > LATER_ROWS;
        if many || self.later.has::<A>() {
            self.run_later().await?;
        }
        if many {
            return Ok(insert_all(&self.tx, rows).await?);
        }
        self.later.push(rows, None);
        Ok(())
    }

    /// То же для немногих строк, которые могут уже быть: что сделать с прежней, говорит `on_conflict`.
    pub async fn upsert_later<A: ActiveModelTrait>(&mut self, rows: Vec<A>, on_conflict: OnConflict) -> Result<()> {
        if self.later.has::<A>() {
            self.run_later().await?;
        }
        self.later.push(rows, Some(on_conflict));
        Ok(())
    }

    /// Условный `UPDATE` одной строки этой таблицы, исход которого до фиксации не нужен: чем позже он уйдёт, тем меньше строка заперта. Не
    /// нашёл своей строки — зовётся `on_miss`: её отказ станет отказом всей работы.
    pub async fn update_later<E: EntityTrait>(
        &mut self,
        id: i64,
        update: UpdateMany<E>,
        on_miss: impl for<'a> FnOnce(&'a mut Work) -> BoxFuture<'a, Result<()>> + Send + Sync + 'static,
    ) -> Result<()> {
        let row = (E::default().table_name(), id);
        if self.later.has_guard(row) {
            self.run_later().await?;
        }
        self.later.guard(row, update.into_query(), Box::new(on_miss));
        Ok(())
    }

    async fn run_later(&mut self) -> Result<()> {
        for on_miss in self.later.run(&self.tx, self.ctx.db_handle().engine).await? {
            on_miss(self).await?;
        }
        Ok(())
    }

    /// Вставка с номером: на PostgreSQL номер взят впрок, и она тоже уходит потом; прочим движкам — сразу.
    ///
    /// Только для таблиц, у которых порядок номеров ничего не значит (см. `data/ids.rs`).
    pub async fn insert_numbered<A: ActiveModelTrait>(&mut self, mut row: A) -> Result<i64>
    where
        <A::Entity as EntityTrait>::PrimaryKey: PrimaryKeyTrait<ValueType = i64>,
    {
        if let Some(ids) = self.ids_of::<A::Entity>(1).await? {
            number(&mut row, ids[0]);
            self.insert_later(vec![row]).await?;
            return Ok(ids[0]);
        }
        Ok(sea_orm::Insert::one(row).exec(&self.tx).await?.last_insert_id)
    }

    /// То же для многих строк: номера в порядке строк. MariaDB своих номеров не называет — там `None`, и их надо прочесть.
    pub async fn insert_many_numbered<A: ActiveModelTrait>(&mut self, mut rows: Vec<A>) -> Result<Option<Vec<i64>>>
    where
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
        <A::Entity as EntityTrait>::PrimaryKey: PrimaryKeyTrait<ValueType = i64>,
    {
        match self.engine() {
            Engine::Postgres => {
                let ids = self.ids_of::<A::Entity>(rows.len()).await?.unwrap_or_default();
                rows.iter_mut().zip(&ids).for_each(|(row, id)| number(row, *id));
                self.insert_later(rows).await?;
                Ok(Some(ids))
            }
            Engine::Sqlite => Ok(Some(InsertMany::many(rows).exec_with_returning_keys(&self.tx).await?)),
            Engine::MariaDb => {
                InsertMany::many(rows).exec_without_returning(&self.tx).await?;
                Ok(None)
            }
        }
    }

    async fn ids_of<E: EntityTrait>(&self, count: usize) -> Result<Option<Vec<i64>>> {
        if self.engine() != Engine::Postgres {
            return Ok(None);
        }
        self.ctx.shared().ids.take(&self.tx, E::default().table_name(), count).await.map(Some)
    }

    /// Выполняет отложенное сейчас же.
    pub async fn settle(&mut self) -> Result<()> {
        let (events, jobs) = (std::mem::take(&mut self.events), std::mem::take(&mut self.jobs));
        self.insert_later(events).await?;
        self.insert_later(jobs).await?;
        self.run_later().await?;
        // Спохватившееся могло отложить ещё что-то: второй раз спохватываться некому.
        if self.is_settled() { Ok(()) } else { Box::pin(self.settle()).await }
    }

    fn is_settled(&self) -> bool {
        self.events.is_empty() && self.jobs.is_empty() && self.later.is_empty()
    }

    /// После фиксации готовые ответы темы (`"catalog"`) станут недействительны.
    pub fn invalidate(&mut self, topic: &'static str) {
        if !self.change.topics.contains(&topic) {
            self.change.topics.push(topic);
        }
    }

    /// После фиксации станут недействительны готовые ответы, показывающие предметы с этими номерами (см. `cache.rs`).
    pub fn touch(&mut self, ids: impl IntoIterator<Item = i64>) {
        self.change.ids.extend(ids);
    }
}

/// Открывает транзакцию, выполняет `f`, фиксирует; занятость и взаимные блокировки повторяет.
pub(crate) async fn run_atomic<T>(ctx: &Ctx, actor: &Actor, f: impl AsyncFn(&mut Work) -> Result<T>) -> Result<T> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let span = tracing::trace_span!(target: "megashop::trace", "transaction", attempt);
        match once(ctx, actor, &f).instrument(span).await {
            Err(error) if error.is_retryable() && attempt < ATTEMPTS => {
                metrics::counter!("megashop_db_retries_total").increment(1);
                tracing::debug!(attempt, %error, "transaction retried");
                let pause = (1u64 << attempt.min(6)) + u64::from(ctx.random().below(8));
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            result => return result,
        }
    }
}

/// Открывает транзакцию в отдельной задаче. Если вызывающего бросят (срок запроса, отвалившийся клиент) между `BEGIN` и ответом
/// на него, sqlx 0.9 не откатит: на PostgreSQL и MariaDB соединение вернулось бы в пул с открытой транзакцией, и чужие записи
/// в нём пропали бы. Задача доживёт до ответа, а брошенная ею транзакция откатится как положено.
#[expect(clippy::disallowed_methods, reason = "единственное место, где открывают транзакцию запроса")]
async fn begin(db: &Db) -> Result<DatabaseTransaction> {
    let mode = (db.engine == Engine::Sqlite).then_some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
    let write = db.write.clone();
    let begun = tokio::spawn(async move { write.begin_with_options(options).await }).await;
    Ok(begun.map_err(Error::internal)??)
}

async fn once<T>(ctx: &Ctx, actor: &Actor, f: &impl AsyncFn(&mut Work) -> Result<T>) -> Result<T> {
    let place = if ctx.is_request() { Some(ctx.db_handle().enter().await?) } else { None };
    let tx = begin(ctx.db_handle()).await?;
    let mut work = Work::new(tx, ctx, actor);
    match done(&mut work, f).await {
        Ok(value) => {
            let Work { tx, change, news, .. } = work;
            tx.commit().await.map_err(Error::from)?;
            drop(place);
            events::publish(ctx, actor, &news);
            ctx.after_commit(change).await;
            Ok(value)
        }
        Err(error) => {
            if let Err(rollback) = work.tx.rollback().await {
                tracing::warn!(error = %rollback, "rollback failed");
            }
            Err(error)
        }
    }
}

/// Дело целиком: и то, что оно отложило.
async fn done<T>(work: &mut Work, f: &impl AsyncFn(&mut Work) -> Result<T>) -> Result<T> {
    let value = f(work).await?;
    work.settle().await?;
    Ok(value)
}

fn number<A: ActiveModelTrait>(row: &mut A, id: i64) {
    for key in <A::Entity as EntityTrait>::PrimaryKey::iter() {
        row.set(key.into_column(), id.into());
    }
}
