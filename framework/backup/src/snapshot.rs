//! База, прочитанная на один момент: магазин при этом продаёт.

use anyhow::{Context, Result, bail};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use kernel::clock::Clock;
use kernel::data::{Db, Engine, Migrator, UNFINISHED, quoted};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, IsolationLevel, QueryResult, Statement, StreamTrait,
    TransactionOptions, TransactionTrait,
};

use crate::level::{Level, Step};
use crate::row::{Row, Tally};
use crate::schema::{Schema, Table};
use crate::{OnProgress, Source};

/// Одна читающая транзакция на всё время копии. Писателей она не держит: SQLite в WAL, PostgreSQL и MariaDB хранят прежние строки.
pub struct Snapshot {
    tx: DatabaseTransaction,
    level: Level,
    pub schema: Schema,
    last_ids: Vec<(String, i64)>,
}

impl Snapshot {
    /// Открывает снимок базы, какой бы версии программы её схема ни была, лишь бы не новее этой.
    pub async fn open(db: &Db, migrator: &Migrator, clock: &Clock) -> Result<Snapshot> {
        let tx = begin_reading(db).await?;
        let level = read_level(&tx).await?;
        let schema = Schema::of(&level.migrator(migrator, "the database")?, clock).await?;
        let mut last_ids = Vec::new();
        for table in schema.tables.iter().filter(|table| table.is_numbered) {
            last_ids.push((table.name.clone(), last_id(&tx, db.engine, &table.name).await?));
        }
        Ok(Snapshot { tx, level, schema, last_ids })
    }

    pub async fn close(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }
}

impl Source for Snapshot {
    fn level(&self) -> &Level {
        &self.level
    }

    fn last_id(&self, table: &str) -> i64 {
        self.last_ids.iter().find(|(name, _)| name == table).map_or(0, |(_, id)| *id)
    }

    fn rows<'a>(&'a self, table: &'a Table) -> BoxStream<'a, Result<Row>> {
        rows(&self.tx, table)
    }
}

/// Снимок появляется с первым чтением, поэтому читающая транзакция сразу что-нибудь читает.
#[expect(clippy::disallowed_methods, reason = "долгое чтение одного момента, а не работа магазина")]
pub(crate) async fn begin_reading(db: &Db) -> Result<DatabaseTransaction> {
    let is_server = db.engine != Engine::Sqlite;
    let options = TransactionOptions {
        isolation_level: is_server.then_some(IsolationLevel::RepeatableRead),
        access_mode: is_server.then_some(AccessMode::ReadOnly),
        sqlite_transaction_mode: None,
    };
    let tx = db.read_fresh().begin_with_options(options).await?;
    if db.engine == Engine::Postgres {
        // Таблица читается одним запросом, сколько бы в ней ни было строк.
        tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    }
    Ok(tx)
}

async fn read_level(tx: &DatabaseTransaction) -> Result<Level> {
    let sql = "SELECT name, checksum, finished FROM migrations ORDER BY name";
    let found = ask(tx, sql.to_owned()).await.context("there is no shop in the database")?;
    let mut steps = Vec::new();
    for row in found {
        let name: String = row.try_get("", "name")?;
        if name == UNFINISHED {
            bail!("the database is an unfinished copy itself");
        }
        if !row.try_get::<bool>("", "finished")? {
            bail!("migration {name} is not finished: run `megashop migrate` first");
        }
        steps.push(Step { name, checksum: row.try_get("", "checksum")? });
    }
    Ok(Level { steps })
}

/// Последний выданный номер: он бывает больше наибольшего в таблице, если строку удалили, а выдавать его снова нельзя.
async fn last_id(tx: &DatabaseTransaction, engine: Engine, table: &str) -> Result<i64> {
    let given = match engine {
        Engine::Sqlite => format!("SELECT seq FROM sqlite_sequence WHERE name = '{table}'"),
        Engine::Postgres => format!("SELECT pg_sequence_last_value(pg_get_serial_sequence('{table}', 'id')::regclass)"),
        Engine::MariaDb => format!(
            "SELECT CAST(auto_increment AS SIGNED) - 1 FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_name = '{table}'"
        ),
    };
    let largest = format!("SELECT MAX(id) FROM {}", quoted(backend(tx), table));
    let mut last = 0;
    for sql in [given, largest] {
        for row in ask(tx, sql).await? {
            last = last.max(row.try_get_by_index::<Option<i64>>(0)?.unwrap_or(0));
        }
    }
    Ok(last)
}

async fn ask(tx: &DatabaseTransaction, sql: String) -> Result<Vec<QueryResult>> {
    Ok(tx.query_all_raw(Statement::from_string(backend(tx), sql)).await?)
}

fn backend(tx: &DatabaseTransaction) -> DbBackend {
    ConnectionTrait::get_database_backend(tx)
}

/// Все строки таблицы по одной, в каком порядке отдаст база.
fn rows<'a>(tx: &'a DatabaseTransaction, table: &'a Table) -> BoxStream<'a, Result<Row>> {
    let backend = backend(tx);
    let names: Vec<String> = table.column_names().iter().map(|name| quoted(backend, name)).collect();
    let sql = format!("SELECT {} FROM {}", names.join(", "), quoted(backend, &table.name));
    let opened = tx.stream_raw(Statement::from_string(backend, sql));
    let rows = futures::stream::once(opened).try_flatten();
    rows.map(|found| Row::read(table, &found?)).boxed()
}

pub(crate) async fn tally(tx: &DatabaseTransaction, table: &Table, progress: OnProgress<'_>) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut rows = rows(tx, table);
    while let Some(row) = rows.try_next().await? {
        tally.add(&row.line);
        progress(&table.name, tally.rows);
    }
    Ok(tally)
}
