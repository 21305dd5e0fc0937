//! Ядро через маленькое приложение «Заметки»: маршруты, доступ, ошибки, повторы, задачи, кэш — на трёх движках.
#![expect(clippy::expect_used, reason = "тесту положено падать с понятным словом")]

mod connections;
mod idempotency;
mod jobs;
mod leases;
mod migrations;
mod money;
mod notes;
mod ready;
mod replicas;
mod requests;
