//! Тесты загрузки: чтение форматов и запись в каталог.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod crashes;
mod fixtures;
mod full_exports;
mod hostile;
mod loading;
mod numbers;
mod oddities;
mod shop;
mod split_exports;
mod support;
mod tables;
