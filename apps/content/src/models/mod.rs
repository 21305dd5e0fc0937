//! Таблицы приложения.

pub mod page;
pub mod splash;
