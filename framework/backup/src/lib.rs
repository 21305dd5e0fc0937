#![doc = include_str!("../README.md")]

mod files;
mod level;
mod load;
mod manifest;
mod read;
mod row;
mod schema;
mod snapshot;
mod write;

use std::path::Path;

use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use futures::stream::BoxStream;
use kernel::clock::Clock;
use kernel::data::{Db, Migrator};
use megashop_files::Storage;

pub use files::put_back;
pub use level::Level;
pub use load::finish;
pub use manifest::{Manifest, TableEntry};
pub use read::Archive;
pub use row::{Row, Tally};
pub use schema::{Column, Kind, Schema, Table};
pub use snapshot::Snapshot;
pub use write::DRAFT;

/// Ход дела: имя таблицы (или `files`) и сколько уже сделано.
pub type OnProgress<'a> = &'a (dyn Fn(&str, u64) + Send + Sync);

/// Откуда берутся строки: снимок базы или файл копии.
pub trait Source: Send + Sync {
    /// Уровень схемы, на котором они записаны.
    fn level(&self) -> &Level;

    /// Последний номер, выданный в этой таблице.
    fn last_id(&self, table: &str) -> i64;

    fn rows<'a>(&'a self, table: &'a Table) -> BoxStream<'a, Result<Row>>;
}

/// Что копировать: база, файлы и главный секрет магазина.
pub struct Shop<'a> {
    pub db: &'a Db,
    pub migrator: &'a Migrator,
    pub clock: &'a Clock,
    pub storage: &'a Storage,
    pub secret: Vec<u8>,
}

/// Порция строк, которая уходит на диск, байт.
const PORTION: usize = 256 * 1024;

/// Делает копию работающего магазина. База читается на один момент; файлы — после неё: загруженное позже лишним не будет, а
/// удалённое за это время названо в описи.
pub async fn backup(
    shop: &Shop<'_>,
    to: &Path,
    now: DateTime<Utc>,
    nonce: &str,
    progress: OnProgress<'_>,
) -> Result<Manifest> {
    let mut writer = write::Writer::create(to, nonce)?;
    let snapshot = Snapshot::open(shop.db, shop.migrator, shop.clock).await?;
    let mut tables = Vec::new();
    for table in &snapshot.schema.tables {
        tables.push(save_table(&snapshot, table, &mut writer, progress).await?);
    }
    let migrations = snapshot.level().clone();
    snapshot.close().await?;
    let (files, missing_files) = files::save(shop.storage, &mut writer, progress).await?;
    writer.entry(read::SECRET.to_owned(), false).await?;
    writer.write(shop.secret.clone()).await?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let manifest =
        Manifest { format: manifest::FORMAT, version, created_at: now, migrations, tables, files, missing_files };
    writer.entry(read::MANIFEST.to_owned(), false).await?;
    writer.write(serde_json::to_vec_pretty(&manifest)?).await?;
    writer.finish().await?;
    Ok(manifest)
}

async fn save_table(
    snapshot: &Snapshot,
    table: &Table,
    writer: &mut write::Writer,
    progress: OnProgress<'_>,
) -> Result<TableEntry> {
    writer.entry(read::table_entry(&table.name), false).await?;
    let (mut tally, mut portion) = (Tally::default(), Vec::with_capacity(PORTION));
    let mut rows = snapshot.rows(table);
    while let Some(row) = rows.try_next().await? {
        tally.add(&row.line);
        portion.extend_from_slice(&row.line);
        portion.push(b'\n');
        if portion.len() >= PORTION {
            writer.write(std::mem::replace(&mut portion, Vec::with_capacity(PORTION))).await?;
        }
        progress(&table.name, tally.rows);
    }
    writer.write(portion).await?;
    let columns = table.column_names().iter().map(|name| (*name).to_owned()).collect();
    Ok(TableEntry { name: table.name.clone(), columns, tally, last_id: snapshot.last_id(&table.name) })
}

/// Переносит строки копии в пустую базу и сверяет их с описью. Базе ещё нужен [`finish`].
pub async fn restore(
    archive: &Archive,
    db: &Db,
    program: &Migrator,
    clock: &Clock,
    progress: OnProgress<'_>,
) -> Result<()> {
    for (table, tally) in load::fill(archive, db, program, clock, progress).await? {
        let expected = archive.manifest.table(&table.name).map(|entry| entry.tally);
        ensure!(expected == Some(tally), "table {} in the backup differs from its manifest", table.name);
    }
    Ok(())
}

/// Переносит строки снимка в пустую базу; возвращает таблицы и их отпечатки. Базе ещё нужен [`finish`].
pub async fn copy(
    snapshot: &Snapshot,
    db: &Db,
    program: &Migrator,
    clock: &Clock,
    progress: OnProgress<'_>,
) -> Result<Vec<(Table, Tally)>> {
    load::fill(snapshot, db, program, clock, progress).await
}
