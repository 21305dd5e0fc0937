//! Два экземпляра одного магазина на настоящих Redis и RabbitMQ, которые при этом рвутся, замирают, очищаются и умирают.
#![expect(clippy::expect_used, reason = "тесту положено падать с понятным словом")]

mod cache;
mod jobs;
mod limits;
mod rabbit;
mod shop;
mod trouble;
