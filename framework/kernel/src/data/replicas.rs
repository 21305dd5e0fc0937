//! Реплики для чтения: ими пользуются, пока они отвечают.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use sea_orm::DatabaseConnection;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio_util::sync::CancellationToken;

use super::Db;

/// Как часто спрашивать реплику, жива ли она, и сколько ждать ответа.
const ROUND: Duration = Duration::from_secs(1);

/// Одна реплика.
#[derive(Debug)]
pub(super) struct Replica {
    reads: DatabaseConnection,
    door: Door,
    answers: AtomicBool,
}

/// Куда стучат узнать, жива ли реплика. Каждый раз новым соединением: в занятом пуле и живая не ответила бы вовремя, а соединение, на котором
/// однажды пропал ответ, не ответит и после.
#[derive(Debug)]
pub(super) enum Door {
    Postgres(PgConnectOptions),
    MariaDb(MySqlConnectOptions),
}

impl Door {
    async fn knock(&self) -> sqlx::Result<()> {
        match self {
            Door::Postgres(options) => options.connect().await?.close().await,
            Door::MariaDb(options) => options.connect().await?.close().await,
        }
    }
}

/// Реплики одной базы. Не ответившая — не в счёте: читают с других, а без них — с главного сервера.
#[derive(Clone, Debug, Default)]
pub(super) struct Replicas {
    all: Arc<[Replica]>,
    next: Arc<AtomicUsize>,
}

impl Replica {
    /// Пока не ответила, ею не пользуются: мёртвая реплика не мешает запуску.
    pub fn new(reads: DatabaseConnection, door: Door) -> Replica {
        Replica { reads, door, answers: AtomicBool::new(false) }
    }

    async fn check(&self, number: usize) {
        let answers = matches!(tokio::time::timeout(ROUND, self.door.knock()).await, Ok(Ok(())));
        metrics::gauge!("megashop_db_replica_up", "replica" => number.to_string()).set(f64::from(u8::from(answers)));
        match (self.answers.swap(answers, Ordering::Relaxed), answers) {
            (false, true) => tracing::info!(replica = number, "the replica answers: reading from it"),
            (true, false) => tracing::warn!(replica = number, "the replica does not answer: reading elsewhere"),
            _ => {}
        }
    }

    async fn close(&self) {
        if let Err(error) = self.reads.close_by_ref().await {
            tracing::warn!(%error, "closing a replica failed");
        }
    }
}

impl Replicas {
    pub fn new(all: Vec<Replica>) -> Replicas {
        Replicas { all: all.into(), next: Arc::default() }
    }

    /// Следующая по кругу из отвечающих.
    pub fn pick(&self) -> Option<&DatabaseConnection> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let count = self.all.len();
        let mut circle = (0..count).map(|step| &self.all[turn.wrapping_add(step) % count]);
        circle.find(|replica| replica.answers.load(Ordering::Relaxed)).map(|replica| &replica.reads)
    }

    async fn check(&self) {
        futures::future::join_all(self.all.iter().enumerate().map(|(number, replica)| replica.check(number))).await;
    }

    pub async fn close(&self) {
        futures::future::join_all(self.all.iter().map(Replica::close)).await;
    }
}

impl Db {
    /// Узнаёт, какие реплики отвечают сейчас.
    pub async fn check_replicas(&self) {
        self.replicas.check().await;
    }

    /// Следит за репликами до остановки.
    pub async fn follow_replicas(self, stop: CancellationToken) {
        while !self.replicas.all.is_empty() {
            self.check_replicas().await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    }
}
