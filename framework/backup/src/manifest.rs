//! `manifest.json`: что в файле копии и каким оно должно быть.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::level::Level;
use crate::row::Tally;

/// Вид файла; другой этой программе незнаком.
pub const FORMAT: u32 = 1;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// Версия программы, которая сделала копию.
    pub version: String,
    /// На какой момент.
    pub created_at: DateTime<Utc>,
    pub migrations: Level,
    pub tables: Vec<TableEntry>,
    /// Файлы магазина: число и общий отпечаток.
    pub files: Tally,
    /// Файлы, которые удалили, пока шла копия.
    pub missing_files: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TableEntry {
    pub name: String,
    pub columns: Vec<String>,
    #[serde(flatten)]
    pub tally: Tally,
    /// Последний выданный номер строки.
    pub last_id: i64,
}

impl Manifest {
    pub fn table(&self, name: &str) -> Option<&TableEntry> {
        self.tables.iter().find(|table| table.name == name)
    }

    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.tally.rows).sum()
    }
}
