//! Какие таблицы, в каком порядке и какого рода у них столбцы.
//!
//! Миграции общие для трёх движков, поэтому правду о схеме знает любой из них: те же шаги выполняются в пустой SQLite в памяти, и
//! она отвечает. Так же получается и схема старой копии: выполняются только её шаги.

use anyhow::{Context, Result, bail};
use kernel::clock::Clock;
use kernel::data::{Db, Migrator};
use kernel::settings::DatabaseSettings;
use sea_orm::{ConnectionTrait, QueryResult, Statement};

/// Род столбца: под него в каждом движке свой тип.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Int,
    Long,
    Float,
    Bool,
    Text,
    Uuid,
    Time,
}

impl Kind {
    /// По слову, которым столбец объявлен в SQLite.
    fn of(declared: &str) -> Result<Kind> {
        let word = declared.split(['(', ' ']).next().unwrap_or_default();
        Ok(match word.to_ascii_uppercase().as_str() {
            "INT" => Kind::Int,
            "BIGINT" | NUMBERED => Kind::Long,
            "DOUBLE" => Kind::Float,
            "BOOLEAN" => Kind::Bool,
            "VARCHAR" | "TEXT" => Kind::Text,
            "BLOB" => Kind::Uuid,
            "DATETIME" => Kind::Time,
            _ => bail!("column type `{declared}` is not known to the backup"),
        })
    }
}

/// Так в SQLite объявлен `{id}`, и только он.
const NUMBERED: &str = "INTEGER";

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// Номера строк (`id`) раздаёт база.
    pub is_numbered: bool,
    /// Столбцы, которые ссылаются на эту же таблицу.
    pub own_parents: Vec<usize>,
    parents: Vec<String>,
}

impl Table {
    pub fn column_names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }
}

/// Таблицы по порядку: на кого ссылаются, те раньше.
#[derive(Clone, Debug)]
pub struct Schema {
    pub tables: Vec<Table>,
}

impl Schema {
    /// Схема, какой её делают эти шаги. Таблица самих миграций в неё не входит: её каждая база ведёт сама.
    pub async fn of(migrator: &Migrator, clock: &Clock) -> Result<Schema> {
        let db = Db::connect("sqlite::memory:", &DatabaseSettings::default()).await?;
        migrator.run(&db, clock).await?;
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
                   AND name <> 'migrations' ORDER BY rowid";
        let mut tables = Vec::new();
        for row in ask(&db, sql).await? {
            tables.push(read_table(&db, row.try_get("", "name")?).await?);
        }
        db.close().await;
        Ok(Schema { tables: parents_first(tables)? })
    }
}

async fn read_table(db: &Db, name: String) -> Result<Table> {
    let mut table = Table {
        columns: Vec::new(),
        is_numbered: false,
        own_parents: Vec::new(),
        parents: Vec::new(),
        name: name.clone(),
    };
    for row in ask(db, &format!("SELECT name, type FROM pragma_table_info('{name}') ORDER BY cid")).await? {
        let (column, declared): (String, String) = (row.try_get("", "name")?, row.try_get("", "type")?);
        let kind = Kind::of(&declared).with_context(|| format!("{name}.{column}"))?;
        table.is_numbered |= declared == NUMBERED;
        table.columns.push(Column { name: column, kind });
    }
    for row in ask(db, &format!("SELECT \"table\", \"from\" FROM pragma_foreign_key_list('{name}')")).await? {
        let (parent, column): (String, String) = (row.try_get("", "table")?, row.try_get("", "from")?);
        match table.columns.iter().position(|own| own.name == column) {
            Some(place) if parent == name => table.own_parents.push(place),
            _ => table.parents.push(parent),
        }
    }
    if !table.own_parents.is_empty() && !table.is_numbered {
        bail!("table {name} refers to itself and has no `id`: the backup cannot load it");
    }
    Ok(table)
}

async fn ask(db: &Db, sql: &str) -> Result<Vec<QueryResult>> {
    Ok(db.write.query_all_raw(Statement::from_string(db.write.get_database_backend(), sql)).await?)
}

fn parents_first(mut waiting: Vec<Table>) -> Result<Vec<Table>> {
    let mut placed: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |table: &Table| table.parents.iter().all(|name| placed.iter().any(|done| done.name == *name));
        let (ready, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
        if ready.is_empty() {
            let names: Vec<&str> = rest.iter().map(|table| table.name.as_str()).collect();
            bail!("tables refer to each other in a ring: {}", names.join(", "));
        }
        placed.extend(ready);
        waiting = rest;
    }
    Ok(placed)
}
