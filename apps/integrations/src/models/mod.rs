//! Таблицы загрузок: один файл — одна таблица.

pub mod import_file;
pub mod import_link;
pub mod import_pending;
pub mod import_price_type;
pub mod import_row;
pub mod import_run;
