//! Единица работы: одна транзакция базы с тем, кто, когда и что ещё должно случиться после неё.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use super::{Db, Engine};
use crate::events::{self, Event};
use crate::jobs::{self, NewJob};
use crate::{Actor, Ctx, Error, Result, Timestamp};

/// Сколько раз повторять транзакцию, которой помешала другая.
const ATTEMPTS: u32 = 12;

/// Открытая транзакция. Первый аргумент каждой службы, которая меняет данные; сами службы её не открывают.
pub struct Work {
    tx: DatabaseTransaction,
    ctx: Ctx,
    actor: Actor,
    now: DateTime<Utc>,
    topics: Vec<&'static str>,
    has_jobs: bool,
}

impl Work {
    /// Соединение внутри транзакции — для запросов SeaORM.
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

    /// Сообщает новость: строка в `events` и по задаче каждому слушателю — в этой же транзакции.
    pub async fn emit<E: Event>(&mut self, event: &E) -> Result<()> {
        self.emit_all(std::slice::from_ref(event)).await
    }

    /// То же о многих сразу: пачка новостей — несколько запросов, а не по запросу на каждую.
    pub async fn emit_all<E: Event>(&mut self, news: &[E]) -> Result<()> {
        self.has_jobs |= events::record(self, news).await?;
        Ok(())
    }

    /// Ставит задачу в этой же транзакции.
    pub async fn enqueue<J: jobs::Job>(&mut self, job: &J) -> Result<()> {
        self.enqueue_new(NewJob::of(job)?).await
    }

    /// Ставит задачу с временем запуска или ключом от повторов.
    pub async fn enqueue_new(&mut self, job: NewJob) -> Result<()> {
        jobs::insert(&self.tx, self.now, vec![job]).await?;
        self.has_jobs = true;
        Ok(())
    }

    /// После фиксации готовые ответы темы (`"catalog"`) станут недействительны.
    pub fn invalidate(&mut self, topic: &'static str) {
        if !self.topics.contains(&topic) {
            self.topics.push(topic);
        }
    }
}

/// Открывает транзакцию, выполняет `f`, фиксирует; занятость и взаимные блокировки повторяет.
pub(crate) async fn run_atomic<T>(ctx: &Ctx, actor: &Actor, f: impl AsyncFn(&mut Work) -> Result<T>) -> Result<T> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        match once(ctx, actor, &f).await {
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
    let tx = begin(ctx.db_handle()).await?;
    let mut work =
        Work { tx, ctx: ctx.clone(), actor: actor.clone(), now: ctx.now(), topics: Vec::new(), has_jobs: false };
    match f(&mut work).await {
        Ok(value) => {
            let Work { tx, topics, has_jobs, .. } = work;
            tx.commit().await.map_err(Error::from)?;
            ctx.after_commit(&topics, has_jobs);
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
