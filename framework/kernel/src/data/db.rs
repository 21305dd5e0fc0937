//! Подключение к SQLite, PostgreSQL или MariaDB по одному адресу.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, SqlxMySqlConnector, SqlxPostgresConnector, SqlxSqliteConnector,
};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::replicas::{Door, Replica, Replicas};
use crate::settings::DatabaseSettings;
use crate::{Error, Result};

/// Движок базы.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    Sqlite,
    Postgres,
    MariaDb,
}

impl Engine {
    /// По схеме адреса.
    pub fn of(url: &str) -> anyhow::Result<Engine> {
        match url.split(':').next().unwrap_or_default() {
            "sqlite" => Ok(Engine::Sqlite),
            "postgres" | "postgresql" => Ok(Engine::Postgres),
            "mysql" | "mariadb" => Ok(Engine::MariaDb),
            other => bail!("database.url: unknown scheme `{other}`, expected sqlite:, postgres:// or mysql://"),
        }
    }
}

/// `write` — единственный писатель SQLite или главный сервер; `readers` — читатели SQLite.
#[derive(Clone, Debug)]
pub struct Db {
    pub engine: Engine,
    pub write: DatabaseConnection,
    readers: Option<DatabaseConnection>,
    pub(super) replicas: Replicas,
    door: Arc<Semaphore>,
    patience: Duration,
}

impl Db {
    /// Подключается. Для SQLite файл и папка создаются.
    pub async fn connect(url: &str, settings: &DatabaseSettings) -> anyhow::Result<Db> {
        let engine = Engine::of(url)?;
        let (write, readers) = match engine {
            Engine::Sqlite => connect_sqlite(url, settings).await?,
            Engine::Postgres => (connect_postgres(url, settings).await?, None),
            Engine::MariaDb => (connect_mysql(url, settings).await?, None),
        };
        let replicas = settings.replica_urls.iter().map(|url| replica(engine, url, settings));
        let replicas = Replicas::new(replicas.collect::<anyhow::Result<_>>()?);
        let door = Arc::new(Semaphore::new(places(engine, settings)));
        let patience = Duration::from_secs(settings.acquire_timeout);
        Ok(Db { engine, write, readers, replicas, door, patience })
    }

    /// Впускает транзакцию запроса. Их разом меньше, чем соединений: толпа ждёт здесь, один раз и по порядку, а не в пуле, где в ней
    /// утонули бы чтения и задачи — отправленное письмо не успело бы записаться и ушло бы снова.
    pub(super) async fn enter(&self) -> Result<OwnedSemaphorePermit> {
        match tokio::time::timeout(self.patience, self.door.clone().acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(Error::unavailable("database.unavailable", 1)),
        }
    }

    /// Читать то, чему можно отстать: с реплик по кругу, без них — как [`Db::read_fresh`].
    pub fn read(&self) -> &DatabaseConnection {
        self.replicas.pick().unwrap_or_else(|| self.read_fresh())
    }

    /// Читать там, где уже видны свои записи: SQLite — у читателей (тот же файл), серверы — у главного.
    pub fn read_fresh(&self) -> &DatabaseConnection {
        self.readers.as_ref().unwrap_or(&self.write)
    }

    /// Готовит SQLite к долгой массовой записи (или возвращает как было): страниц в памяти больше, WAL переносится в файл
    /// реже. Надёжность та же: каждая фиксация дожидается диска. Отображение файла в память отпускается, иначе в памяти
    /// процесса числилась бы вся база.
    pub async fn bulk_writes(&self, on: bool) -> Result<(), DbErr> {
        if self.engine != Engine::Sqlite {
            return Ok(());
        }
        let (cache, checkpoint, mapped) = if on { ("-64000", "8000", "0") } else { (CACHE, CHECKPOINT, MAPPED) };
        let pragmas = [("cache_size", cache), ("wal_autocheckpoint", checkpoint), ("mmap_size", mapped)];
        for (name, value) in pragmas {
            self.write.execute_unprepared(&format!("PRAGMA {name} = {value}")).await?;
        }
        Ok(())
    }

    /// Зовёт `seen` с текстом каждого запроса: так тесты их считают.
    pub fn observe(&mut self, seen: impl Fn(&str) + Clone + Send + Sync + 'static) {
        for connection in self.readers.iter_mut().chain([&mut self.write]) {
            let seen = seen.clone();
            connection.set_metric_callback(move |info| seen(&info.statement.sql));
        }
    }

    /// Закрывает соединения (SQLite при этом дописывает WAL).
    pub async fn close(self) {
        self.replicas.close().await;
        for connection in self.readers.into_iter().chain([self.write]) {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "closing the database failed");
            }
        }
    }
}

/// Сколько транзакций запросов разом. У SQLite писатель один: вторая уже ждёт его, чтобы он не простаивал.
fn places(engine: Engine, settings: &DatabaseSettings) -> usize {
    match engine {
        Engine::Sqlite => 2,
        _ => (settings.pool - settings.pool / 4).max(1) as usize,
    }
}

/// Страниц в памяти соединения: меньше нуля — килобайты.
const CACHE: &str = "-8000";
/// Страниц WAL, после которых он переносится в файл базы.
const CHECKPOINT: &str = "1000";
/// Байт файла, отображённых в память.
const MAPPED: &str = "268435456";

async fn connect_sqlite(
    url: &str,
    settings: &DatabaseSettings,
) -> anyhow::Result<(DatabaseConnection, Option<DatabaseConnection>)> {
    let options = SqliteConnectOptions::from_str(url)
        .with_context(|| format!("database.url: bad SQLite address {url}"))?
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(settings.acquire_timeout))
        .pragma("temp_store", "memory")
        .pragma("cache_size", CACHE)
        .pragma("wal_autocheckpoint", CHECKPOINT)
        .pragma("mmap_size", MAPPED)
        .statement_cache_capacity(256)
        .disable_statement_logging();
    if let Some(folder) = options.get_filename().parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let timeout = Duration::from_secs(settings.acquire_timeout);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .acquire_timeout(timeout)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(options.clone())
        .await
        .with_context(|| format!("cannot open {url}"))?;
    let readers = SqlitePoolOptions::new()
        .max_connections(settings.pool.clamp(1, 8))
        .acquire_timeout(timeout)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(options.pragma("query_only", "on"));
    Ok((SqlxSqliteConnector::from_sqlx_sqlite_pool(writer), Some(SqlxSqliteConnector::from_sqlx_sqlite_pool(readers))))
}

async fn connect_postgres(url: &str, settings: &DatabaseSettings) -> anyhow::Result<DatabaseConnection> {
    let (pool, options) = postgres(url, settings)?;
    let pool = pool.connect_with(options).await.map_err(|e| server_database_error("PostgreSQL", e))?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

async fn connect_mysql(url: &str, settings: &DatabaseSettings) -> anyhow::Result<DatabaseConnection> {
    let (pool, options) = mysql(url, settings)?;
    let pool = pool.connect_with(options).await.map_err(|e| server_database_error("MariaDB", e))?;
    Ok(SqlxMySqlConnector::from_sqlx_mysql_pool(pool))
}

/// Реплика подключается, когда понадобится: мёртвая не мешает запуску. Её соединениям верят меньше: вернувшуюся снова спрашивают через секунду.
fn replica(engine: Engine, url: &str, settings: &DatabaseSettings) -> anyhow::Result<Replica> {
    let settings = &DatabaseSettings { trusted_idle: settings.trusted_idle.min(1), ..settings.clone() };
    if Engine::of(url)? != engine {
        bail!("database.replica_urls: a replica must be of the same engine as database.url");
    }
    Ok(match engine {
        Engine::Sqlite => bail!("database.replica_urls: SQLite has no replicas"),
        Engine::Postgres => {
            let (pool, options) = postgres(url, settings)?;
            let reads = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.connect_lazy_with(options.clone()));
            Replica::new(reads, Door::Postgres(options))
        }
        Engine::MariaDb => {
            let (pool, options) = mysql(url, settings)?;
            let reads = SqlxMySqlConnector::from_sqlx_mysql_pool(pool.connect_lazy_with(options.clone()));
            Replica::new(reads, Door::MariaDb(options))
        }
    })
}

fn postgres(url: &str, settings: &DatabaseSettings) -> anyhow::Result<(PgPoolOptions, PgConnectOptions)> {
    let options = PgConnectOptions::from_str(url)
        .context("database.url or database.replica_urls: bad PostgreSQL address")?
        .application_name("megashop")
        .options([("lock_timeout", "10s"), ("statement_timeout", "30s"), ("timezone", "UTC")])
        .statement_cache_capacity(256)
        .disable_statement_logging();
    let trusted = Duration::from_secs(settings.trusted_idle);
    let pool = PgPoolOptions::new()
        .max_connections(settings.pool)
        .acquire_timeout(Duration::from_secs(settings.acquire_timeout))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(move |connection, was| {
            Box::pin(async move { is_alive(connection, was.idle_for, trusted).await })
        })
        .after_release(|connection, _| Box::pin(async move { discard_if_abandoned(connection) }));
    Ok((pool, options))
}

fn mysql(url: &str, settings: &DatabaseSettings) -> anyhow::Result<(MySqlPoolOptions, MySqlConnectOptions)> {
    let url = url.replacen("mariadb://", "mysql://", 1);
    let options = MySqlConnectOptions::from_str(&url)
        .context("database.url or database.replica_urls: bad MariaDB address")?
        .charset("utf8mb4")
        .collation("utf8mb4_bin")
        .statement_cache_capacity(256)
        .disable_statement_logging();
    let trusted = Duration::from_secs(settings.trusted_idle);
    let pool = MySqlPoolOptions::new()
        .max_connections(settings.pool)
        .acquire_timeout(Duration::from_secs(settings.acquire_timeout))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(move |connection, was| {
            Box::pin(async move { is_alive(connection, was.idle_for, trusted).await })
        })
        .after_release(|connection, _| Box::pin(async move { discard_if_abandoned(connection) }))
        .after_connect(|connection, _| {
            Box::pin(async move {
                // READ COMMITTED: те же правила, что у PostgreSQL, и меньше взаимных блокировок.
                connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await?;
                let rules = "SET time_zone = '+00:00', innodb_lock_wait_timeout = 10, \
                             sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'";
                connection.execute(rules).await.map(|_| ())
            })
        });
    Ok((pool, options))
}

/// Долго простоявшее соединение сперва спрашивают, живо ли оно: сервер мог перезапуститься, прокси — забыть о нём.
///
/// Уборка простаивающих самим sqlx выключена (`idle_timeout`, `max_lifetime`): в 0.9 её счётчик свободных соединений под
/// нагрузкой уходит ниже нуля, и уборка крутится вечно, занимая поток.
async fn is_alive(connection: &mut impl Connection, idle: Duration, trusted: Duration) -> Result<bool, sqlx::Error> {
    if idle > trusted {
        connection.ping().await?;
    }
    Ok(true)
}

/// Рвёт соединение, на котором бросили транзакцию: сервер откатит её сам, как только заметит обрыв.
///
/// sqlx при этом лишь дописывает `ROLLBACK` в очередь и ждёт остатка прерванного ответа; если бросили посреди подготовки
/// запроса, на MariaDB он ждёт вечно, и замки транзакции живут дольше всех сроков. Неотправленное в буфере при возврате в пул
/// бывает только у таких соединений: обычная транзакция кончается `COMMIT` или `ROLLBACK` с ответом.
fn discard_if_abandoned(connection: &mut impl Connection) -> Result<bool, sqlx::Error> {
    if connection.should_flush() {
        return Err(sqlx::Error::Protocol("a transaction was abandoned in the middle".to_owned()));
    }
    Ok(true)
}

/// Ошибка подключения словами администратора; адрес с паролем в неё не попадает.
pub fn server_database_error(engine: &str, error: sqlx::Error) -> anyhow::Error {
    anyhow::anyhow!("cannot connect to {engine} (database.url): {error}")
}
