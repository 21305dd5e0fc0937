//! База данных: подключение, единица работы, миграции, переносимые мелочи.

mod bulk;
mod db;
mod ids;
mod later;
mod migrate;
mod portable;
mod replicas;
mod work;

pub use bulk::{insert_all, insert_sql, quoted};
pub use db::{Db, Engine, server_database_error};
pub(crate) use ids::Ids;
pub use migrate::{Migration, MigrationStep, Migrator, UNFINISHED, table_columns};
pub use portable::{chunks, in_lists, sum_i64};
pub use work::Work;
pub(crate) use work::run_atomic;
