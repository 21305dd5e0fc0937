//! Заказ голыми запросами SQL: те же операторы, что выполняет магазин на `POST /orders/` с двумя строками, в одной транзакции.
//! Ни проверок, ни сборки ответа — только база. Операторы сняты с журнала PostgreSQL (`log_statement = all`).

mod statements;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use chrono::NaiveDateTime;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, Row, SqlitePool};
use tokio::process::Child;
use uuid::Uuid;

use crate::engine::Kind;

/// Сколько ждать, пока задачи кончатся.
const PATIENCE: Duration = Duration::from_secs(600);

/// Параметр оператора.
#[derive(Clone, Debug)]
enum Value {
    Int(i64),
    Small(i32),
    Bool(bool),
    Text(String),
    NoText,
    NoInt,
    NoSmall,
    Time(NaiveDateTime),
    Uuid(Uuid),
}

#[derive(Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Один вариант одного товара.
#[derive(Clone, Copy, Debug)]
struct Good {
    product: i64,
    variant: i64,
    item: i64,
}

/// База магазина без магазина.
pub struct BareShop {
    pool: Pool,
    goods: Arc<Vec<Good>>,
    user: i64,
}

impl BareShop {
    /// `count` — из скольких вариантов выбирать.
    pub async fn open(kind: Kind, url: &str, count: usize) -> Result<BareShop> {
        let pool = match kind {
            // Один писатель, как у магазина; те же прагмы.
            Kind::Sqlite => {
                let options: SqliteConnectOptions = url.parse()?;
                let options = options
                    .foreign_keys(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(Duration::from_secs(10))
                    .pragma("temp_store", "memory")
                    .pragma("cache_size", "-8000")
                    .pragma("mmap_size", "268435456");
                Pool::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
            }
            Kind::Postgres => Pool::Postgres(PgPoolOptions::new().max_connections(16).connect(url).await?),
            Kind::Mariadb => bail!("there is no bare loop for MariaDB"),
        };
        let mut shop = BareShop { pool, goods: Arc::default(), user: 0 };
        shop.user = shop.number("SELECT min(id) FROM users").await?;
        shop.goods = Arc::new(shop.read_goods(count).await?);
        Ok(shop)
    }

    pub fn buyer(&self, number: usize) -> BareBuyer {
        BareBuyer { pool: self.pool.clone(), goods: self.goods.clone(), user: self.user, at: number * 61 }
    }

    async fn read_goods(&self, count: usize) -> Result<Vec<Good>> {
        let sql = "SELECT v.product_id, v.id, v.inventory_item_id FROM variants v JOIN inventory_items i \
                   ON v.inventory_item_id = i.id WHERE i.available > 0 ORDER BY v.id DESC LIMIT $1";
        let count = i64::try_from(count)?;
        let rows: Vec<(i64, i64, i64)> = match &self.pool {
            Pool::Sqlite(pool) => sqlx::query_as(sql).bind(count).fetch_all(pool).await?,
            Pool::Postgres(pool) => sqlx::query_as(sql).bind(count).fetch_all(pool).await?,
        };
        ensure!(rows.len() > 1, "no variants in the shop");
        Ok(rows.into_iter().map(|(product, variant, item)| Good { product, variant, item }).collect())
    }

    /// Заказов, задачи которых ещё не выполнены: письмо о каждом ждёт отправки.
    pub async fn waiting_letters(&self) -> Result<i64> {
        self.number("SELECT count(*) FROM jobs WHERE name = 'notifications.send_message'").await
    }

    pub async fn waiting_jobs(&self) -> Result<i64> {
        self.number("SELECT count(*) FROM jobs").await
    }

    /// Ждёт, пока задачи, которым уже пора, кончатся.
    pub async fn wait_for_jobs(&self, worker: &mut Child) -> Result<()> {
        let done = async {
            while self.number("SELECT count(*) FROM jobs WHERE attempts < 2").await? > 0 {
                if let Some(status) = worker.try_wait()? {
                    bail!("the worker ended with {status}");
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, done).await.context("the jobs do not end")?
    }

    async fn number(&self, sql: &'static str) -> Result<i64> {
        Ok(match &self.pool {
            Pool::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await?,
            Pool::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await?,
        })
    }
}

/// Покупатель без магазина.
pub struct BareBuyer {
    pool: Pool,
    goods: Arc<Vec<Good>>,
    user: i64,
    at: usize,
}

impl BareBuyer {
    /// Один заказ.
    pub async fn step(&mut self) -> Result<()> {
        self.at += 2;
        let good = |at: usize| self.goods[at % self.goods.len()];
        let goods = [good(self.at), good(self.at + 15)];
        let mut tx = Transaction::begin(&self.pool).await?;
        statements::place(&mut tx, self.user, goods).await?;
        tx.commit().await
    }
}

/// Выполняет оператор и отдаёт первый столбец первой строки, если он число; тело одно на обе базы.
macro_rules! run {
    ($connection:expr, $sql:expr, $values:expr) => {{
        let mut query = sqlx::query($sql);
        for value in $values {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::Small(value) => query.bind(value),
                Value::Bool(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::NoText => query.bind(Option::<String>::None),
                Value::NoInt => query.bind(Option::<i64>::None),
                Value::NoSmall => query.bind(Option::<i32>::None),
                Value::Time(value) => query.bind(value),
                Value::Uuid(value) => query.bind(value),
            };
        }
        let rows = query.fetch_all($connection).await?;
        rows.first().and_then(|row| row.try_get::<i64, _>(0).ok())
    }};
}

enum Transaction {
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
}

impl Transaction {
    async fn begin(pool: &Pool) -> Result<Transaction> {
        Ok(match pool {
            Pool::Sqlite(pool) => Transaction::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Pool::Postgres(pool) => Transaction::Postgres(pool.begin().await?),
        })
    }

    fn is_sqlite(&self) -> bool {
        matches!(self, Transaction::Sqlite(_))
    }

    async fn run(&mut self, sql: &'static str, values: Vec<Value>) -> Result<Option<i64>> {
        Ok(match self {
            Transaction::Sqlite(tx) => run!(&mut **tx, sql, values),
            Transaction::Postgres(tx) => run!(&mut **tx, sql, values),
        })
    }

    async fn run_text(&mut self, sql: String, values: Vec<Value>) -> Result<Option<i64>> {
        Ok(match self {
            Transaction::Sqlite(tx) => run!(&mut **tx, sqlx::AssertSqlSafe(sql), values),
            Transaction::Postgres(tx) => run!(&mut **tx, sqlx::AssertSqlSafe(sql), values),
        })
    }

    /// Вставки разом: PostgreSQL — одним запросом, SQLite — по одной.
    async fn run_together(&mut self, steps: Vec<(&'static str, Vec<Value>)>) -> Result<()> {
        if self.is_sqlite() {
            for (sql, values) in steps {
                self.run(sql, values).await?;
            }
            return Ok(());
        }
        let (mut sql, mut all) = (String::from("WITH "), Vec::new());
        let last = steps.len() - 1;
        for (number, (step, values)) in steps.into_iter().enumerate() {
            let step = shifted(step, all.len());
            match number {
                0 => sql.push_str(&format!("part0 AS ({step})")),
                _ if number < last => sql.push_str(&format!(", part{number} AS ({step})")),
                _ => sql.push_str(&format!(" {step}")),
            }
            all.extend(values);
        }
        self.run_text(sql, all).await.map(|_| ())
    }

    async fn commit(self) -> Result<()> {
        match self {
            Transaction::Sqlite(tx) => Ok(tx.commit().await?),
            Transaction::Postgres(tx) => Ok(tx.commit().await?),
        }
    }
}

/// Тот же оператор с номерами параметров, сдвинутыми на `by`.
fn shifted(sql: &str, by: usize) -> String {
    let mut parts = sql.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number = part[..digits].parse::<usize>().unwrap_or_default() + by;
        out.push_str(&format!("${number}{}", &part[digits..]));
    }
    out
}
