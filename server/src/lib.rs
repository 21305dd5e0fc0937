//! Программа `megashop`: список приложений, настройки по наборам, командная строка. Правил торговли здесь нет.

pub mod aliases;
pub mod apps;
mod backups;
pub mod boot;
pub mod cli;
mod commands;
mod error_docs;
mod files;
mod logs;
mod monitoring;
mod output;
pub mod presets;
pub mod reports;
mod secret;
mod serve;
mod setup;
mod system;
pub mod traces;
