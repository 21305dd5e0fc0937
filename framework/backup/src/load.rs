//! Строки в пустую базу любого движка.
//!
//! Порядок: метка неоконченной копии → схема уровня источника → строки → отпечатки прочитаны обратно и сверены → счётчики номеров →
//! недостающие миграции. Метку снимает [`finish`]. Оборвалось в любом месте — метка осталась: магазин на такой базе не запустится, а
//! тот же вызов сотрёт начатое и начнёт сначала.

use anyhow::{Context, Result, bail, ensure};
use futures::{Stream, TryStreamExt};
use kernel::clock::Clock;
use kernel::data::{Db, Engine, Migrator, UNFINISHED, insert_sql, quoted};
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, TransactionTrait, Value};

use crate::level::marked;
use crate::row::{Row, Tally, is_null, null};
use crate::schema::{Schema, Table};
use crate::snapshot::{begin_reading, tally};
use crate::{OnProgress, Source};

/// Наполняет пустую базу из источника; возвращает таблицы с отпечатками, одинаковыми в источнике и здесь.
pub async fn fill(
    source: &dyn Source,
    db: &Db,
    program: &Migrator,
    clock: &Clock,
    progress: OnProgress<'_>,
) -> Result<Vec<(Table, Tally)>> {
    let migrator = source.level().migrator(program, "the data")?;
    let schema = Schema::of(&migrator, clock).await?;
    empty(db).await?;
    marked(&migrator).run(db, clock).await?;
    clear(db, &schema).await?;
    db.bulk_writes(true).await?;
    let mut filled = Vec::new();
    for table in schema.tables {
        let loaded = load(db, &table, source.rows(&table), progress).await;
        let loaded = loaded.with_context(|| format!("table {}", table.name))?;
        filled.push((table, loaded));
    }
    verify(db, &filled, progress).await?;
    for (table, _) in filled.iter().filter(|(table, _)| table.is_numbered) {
        continue_ids(db, &table.name, source.last_id(&table.name)).await?;
    }
    db.bulk_writes(false).await?;
    marked(program).run(db, clock).await?;
    Ok(filled)
}

/// Снимает метку: база готова.
pub async fn finish(db: &Db) -> Result<()> {
    db.write.execute_unprepared(&format!("DELETE FROM migrations WHERE name = '{UNFINISHED}'")).await?;
    Ok(())
}

/// Убеждается, что база пуста; начатую и брошенную копию стирает.
async fn empty(db: &Db) -> Result<()> {
    let tables = table_names(db).await?;
    if tables.is_empty() {
        return Ok(());
    }
    ensure!(
        is_unfinished(db, &tables).await?,
        "the database is not empty ({} tables): give an empty one, nothing was changed",
        tables.len()
    );
    drop_tables(db, tables).await
}

/// Метка стоит первым шагом, поэтому в начатой копии она есть; база, где шагов нет вовсе, — та же копия, оборванная раньше метки.
async fn is_unfinished(db: &Db, tables: &[String]) -> Result<bool> {
    if !tables.iter().any(|table| table == "migrations") {
        return Ok(false);
    }
    let steps = count(db, "SELECT COUNT(*) FROM migrations").await?;
    let marks = count(db, &format!("SELECT COUNT(*) FROM migrations WHERE name = '{UNFINISHED}'")).await?;
    Ok(marks > 0 || (steps == 0 && tables.len() == 1))
}

async fn count(db: &Db, sql: &str) -> Result<i64> {
    let row = db.write.query_one_raw(Statement::from_string(db.write.get_database_backend(), sql)).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0))
}

async fn table_names(db: &Db) -> Result<Vec<String>> {
    let sql = match db.engine {
        Engine::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        Engine::Postgres => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()",
        Engine::MariaDb => {
            "SELECT CONVERT(table_name USING utf8mb4) AS name FROM information_schema.tables \
             WHERE table_schema = DATABASE()"
        }
    };
    let rows = db.write.query_all_raw(Statement::from_string(db.write.get_database_backend(), sql)).await?;
    rows.iter().map(|row| Ok(row.try_get("", "name")?)).collect()
}

/// Стирает таблицы брошенной копии: они ссылаются друг на друга, поэтому по кругу, пока стирается хоть одна; метка — последней.
async fn drop_tables(db: &Db, mut tables: Vec<String>) -> Result<()> {
    let backend = db.write.get_database_backend();
    let tail = if db.engine == Engine::Postgres { " CASCADE" } else { "" };
    tables.retain(|table| table != "migrations");
    while !tables.is_empty() {
        let before = tables.len();
        let mut left = Vec::new();
        for table in tables {
            let dropped = db.write.execute_unprepared(&format!("DROP TABLE {}{tail}", quoted(backend, &table))).await;
            if dropped.is_err() {
                left.push(table);
            }
        }
        ensure!(left.len() < before, "cannot drop the tables of the unfinished copy: {}", left.join(", "));
        tables = left;
    }
    db.write.execute_unprepared("DROP TABLE migrations").await?;
    Ok(())
}

/// Строки, которые заводят сами миграции: в источнике они уже есть, какими их сделала жизнь.
async fn clear(db: &Db, schema: &Schema) -> Result<()> {
    for table in schema.tables.iter().rev() {
        let name = quoted(db.write.get_database_backend(), &table.name);
        db.write.execute_unprepared(&format!("DELETE FROM {name}")).await?;
    }
    Ok(())
}

/// Одна таблица — одна транзакция.
async fn load(
    db: &Db,
    table: &Table,
    rows: impl Stream<Item = Result<Row>> + Send,
    progress: OnProgress<'_>,
) -> Result<Tally> {
    let tx = db.write.begin().await?;
    let (mut tally, mut batch, mut parents) = (Tally::default(), Batch::default(), Vec::new());
    let mut rows = std::pin::pin!(rows);
    while let Some(mut row) = rows.try_next().await? {
        tally.add(&row.line);
        parents.extend(postpone_parents(table, &mut row)?);
        if batch.is_full(table) {
            batch.flush(&tx, table).await?;
        }
        batch.push(row);
        progress(&table.name, tally.rows);
    }
    batch.flush(&tx, table).await?;
    for (column, id, parent) in parents {
        let update = Query::update()
            .table(Alias::new(&table.name))
            .value(Alias::new(column), parent)
            .and_where(Expr::col(Alias::new("id")).eq(id))
            .to_owned();
        tx.execute(&update).await?;
    }
    tx.commit().await?;
    Ok(tally)
}

/// Ссылка на строку этой же таблицы: той может ещё не быть, поэтому ссылка ставится, когда есть все.
fn postpone_parents<'a>(table: &'a Table, row: &mut Row) -> Result<Vec<(&'a str, i64, Value)>> {
    let mut postponed = Vec::new();
    for place in &table.own_parents {
        let column = &table.columns[*place];
        let id = table.columns.iter().position(|column| column.name == "id").map(|place| row.cells[place].clone());
        let Some(Value::BigInt(Some(id))) = id else { bail!("a row without an id") };
        let parent = std::mem::replace(&mut row.cells[*place], null(column.kind));
        if !is_null(&parent) {
            postponed.push((column.name.as_str(), id, parent));
        }
    }
    Ok(postponed)
}

/// Строки, ждущие вставки.
#[derive(Default)]
struct Batch {
    rows: Vec<Vec<Value>>,
    bytes: usize,
}

/// Строк в одном запросе.
const ROWS: usize = 128;
/// Значений в одном запросе; предел SQLite — 32 766.
const VALUES: usize = 16_000;
/// Байт в одном запросе; предел MariaDB по умолчанию — 16 МБ.
const BYTES: usize = 1 << 20;

impl Batch {
    fn is_full(&self, table: &Table) -> bool {
        let most = (VALUES / table.columns.len().max(1)).clamp(1, ROWS);
        self.rows.len() >= most || self.bytes >= BYTES
    }

    fn push(&mut self, row: Row) {
        self.bytes += row.line.len();
        self.rows.push(row.cells);
    }

    /// Запросы бывают только по 1, 2, 4, … строк: подготовленных запросов мало.
    async fn flush(&mut self, tx: &DatabaseTransaction, table: &Table) -> Result<()> {
        let backend = tx.get_database_backend();
        let mut rows = std::mem::take(self).rows;
        while let Some(power) = rows.len().checked_ilog2() {
            let rest = rows.split_off(1 << power);
            let sql = insert_sql(backend, &table.name, &table.column_names(), rows.len());
            tx.execute_raw(Statement::from_sql_and_values(backend, sql, rows.into_iter().flatten())).await?;
            rows = rest;
        }
        Ok(())
    }
}

/// Читает записанное обратно: строк столько же, отпечатки те же.
async fn verify(db: &Db, filled: &[(Table, Tally)], progress: OnProgress<'_>) -> Result<()> {
    let tx = begin_reading(db).await?;
    for (table, expected) in filled {
        let seen = tally(&tx, table, progress).await?;
        ensure!(seen == *expected, "table {} came out different: {} rows of {}", table.name, seen.rows, expected.rows);
    }
    Ok(tx.rollback().await?)
}

/// Новая строка получит номер после `last`.
async fn continue_ids(db: &Db, table: &str, last: i64) -> Result<()> {
    let sql = match db.engine {
        Engine::Sqlite => format!(
            "DELETE FROM sqlite_sequence WHERE name = '{table}'; \
             INSERT INTO sqlite_sequence (name, seq) VALUES ('{table}', {last})"
        ),
        Engine::Postgres => {
            format!("SELECT setval(pg_get_serial_sequence('{table}', 'id'), {}, {})", Ord::max(last, 1), last > 0)
        }
        Engine::MariaDb => format!("ALTER TABLE `{table}` AUTO_INCREMENT = {}", last + 1),
    };
    db.write.execute_unprepared(&sql).await?;
    Ok(())
}
