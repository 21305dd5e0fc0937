#![doc = include_str!("../README.md")]

mod rabbit;
mod redis;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use kernel::Ctx;
use kernel::cluster::Broker;

use rabbit::Rabbit;
use redis::Redis;

/// Сколько при старте ждать связи: короткая команда (`import`) должна успеть рассказать соседям о переменах, а лежащий сервер не
/// должен помешать запуску.
const FIRST_CONNECTION: Duration = Duration::from_millis(1000);

/// Связи этого экземпляра. Держатся сами; чего нет в настройках — того нет и здесь.
pub struct Links {
    redis: Option<Arc<Redis>>,
    rabbit: Option<Arc<Rabbit>>,
}

/// Связывает магазин с соседями, названными в настройках; вызывается до сборки маршрутов. Негодный адрес — ошибка; недоступный
/// сервер — нет: магазин работает, как один, пока тот не ответит.
pub fn join(ctx: &Ctx) -> anyhow::Result<Links> {
    let kernel = &ctx.settings().kernel;
    let redis = (!kernel.cache.url.is_empty()).then(|| Redis::new(ctx)).transpose()?.map(Arc::new);
    let rabbit = (!kernel.jobs.broker.is_empty()).then(|| Rabbit::new(ctx)).transpose()?.map(Arc::new);
    if let Some(redis) = &redis {
        ctx.join(redis.clone());
        tokio::spawn(redis.clone().keep_connected(ctx.clone()));
    }
    if let Some(rabbit) = &rabbit {
        ctx.join_broker(rabbit.clone());
        tokio::spawn(rabbit.clone().keep_connected(ctx.clone()));
    }
    Ok(Links { redis, rabbit })
}

impl Links {
    /// Ждёт первых соединений, но недолго.
    pub async fn first_connections(&self) {
        tokio::join!(
            settle("redis", || self.redis.as_ref().is_none_or(|redis| redis.is_connected())),
            settle("rabbitmq", || self.rabbit.as_ref().is_none_or(|rabbit| rabbit.is_connected())),
        );
    }

    pub fn redis_is_connected(&self) -> bool {
        self.redis.as_ref().is_some_and(|redis| redis.is_connected())
    }

    pub fn broker_is_connected(&self) -> bool {
        self.rabbit.as_ref().is_some_and(|rabbit| rabbit.is_connected())
    }
}

async fn settle(server: &str, is_connected: impl Fn() -> bool) {
    let connected = async {
        while !is_connected() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    if tokio::time::timeout(FIRST_CONNECTION, connected).await.is_err() {
        tracing::warn!(server, "not connected yet: working alone until it answers");
    }
}

/// Отвечает ли Redis из `cache.url`; слово для человека.
pub async fn check_cache(ctx: &Ctx) -> anyhow::Result<String> {
    if ctx.settings().kernel.cache.url.is_empty() {
        return Ok("in process (cache.url is empty)".to_owned());
    }
    let redis = Redis::new(ctx)?;
    redis.check().await.context("cache.url: Redis does not answer; the shop works, but each instance on its own")
}

/// Отвечает ли RabbitMQ из `jobs.broker`.
pub async fn check_broker(ctx: &Ctx) -> anyhow::Result<String> {
    if ctx.settings().kernel.jobs.broker.is_empty() {
        return Ok("in process (jobs.broker is empty)".to_owned());
    }
    let rabbit = Rabbit::new(ctx)?;
    rabbit.check().await.context("jobs.broker: RabbitMQ does not answer; the shop works, jobs are found by polling")
}

/// Пауза перед следующей попыткой связи: растёт вдвое до предела.
struct Backoff {
    next: Duration,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(100);
    const LAST: Duration = Duration::from_secs(2);

    fn new() -> Backoff {
        Backoff { next: Self::FIRST }
    }

    async fn pause(&mut self) {
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(Self::LAST);
    }
}
