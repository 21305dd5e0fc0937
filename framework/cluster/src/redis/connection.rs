//! Одна связь с Redis: команды и вести идут по ней же (RESP3), поэтому ответ на PING значит, что и прежние вести дошли.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use anyhow::Context;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, FromRedisValue, IntoConnectionInfo, ProtocolVersion, PushInfo, RedisError,
    ScriptInvocation,
};
use tokio::sync::Notify;

/// Столько неудач подряд — и связи больше нет: дальше о Redis не спрашивают, пока он не ответит сам.
const PATIENCE: u32 = 3;
/// Срок на то, чтобы соединиться и поздороваться; и на PING.
const HANDSHAKE: Duration = Duration::from_secs(1);
/// Как часто проверяется связь.
const PING: Duration = Duration::from_secs(1);

pub struct Connection {
    client: Client,
    deadline: Duration,
    live: RwLock<Option<MultiplexedConnection>>,
    clean: AtomicBool,
    failures: AtomicU32,
    /// Которое соединение по счёту: конец прежнего нынешнему не указ.
    turn: AtomicU64,
    lost: Notify,
}

impl Connection {
    pub fn new(url: &str, deadline: Duration) -> anyhow::Result<Connection> {
        let client = parse(url).context("cache.url must look like redis://:password@host:6379/0")?;
        Ok(Connection {
            client,
            deadline,
            live: RwLock::default(),
            clean: AtomicBool::new(false),
            failures: AtomicU32::new(0),
            turn: AtomicU64::new(0),
            lost: Notify::new(),
        })
    }

    /// Номер следующего соединения.
    pub fn next_turn(&self) -> u64 {
        self.turn.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Соединение с этим номером закончилось.
    pub fn ended(&self, turn: u64) {
        if self.turn.load(Ordering::Acquire) == turn {
            self.lose();
        }
    }

    /// Новое соединение; `hear` получает вести в порядке их прихода.
    pub async fn open(&self, hear: impl Fn(PushInfo) + Send + Sync + 'static) -> anyhow::Result<MultiplexedConnection> {
        let heard = move |push: PushInfo| {
            hear(push);
            Ok::<(), std::convert::Infallible>(())
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(HANDSHAKE))
            .set_response_timeout(Some(HANDSHAKE.max(self.deadline)))
            .set_push_sender(heard);
        let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        redis::cmd("PING").query_async::<()>(&mut connection).await?;
        Ok(connection)
    }

    /// Отсюда вести уже уходят, а читать общий кэш рано: см. [`Connection::trust`].
    pub fn set(&self, connection: MultiplexedConnection) {
        self.clean.store(false, Ordering::Release);
        self.failures.store(0, Ordering::Relaxed);
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        metrics::gauge!("megashop_redis_connected").set(1.0);
    }

    /// Переменённое до этой связи в общем кэше больше не встретится.
    pub fn trust(&self) {
        self.clean.store(true, Ordering::Release);
    }

    pub fn is_trusted(&self) -> bool {
        self.clean.load(Ordering::Acquire) && self.is_up()
    }

    /// Возвращается, когда связь потеряна.
    pub async fn watch(&self) {
        while let Some(mut connection) = self.live() {
            // Повторяется: приёмник метрик ставят уже после первой связи.
            metrics::gauge!("megashop_redis_connected").set(1.0);
            let ping = redis::cmd("PING");
            let answered = ping.query_async::<()>(&mut connection);
            if !matches!(tokio::time::timeout(HANDSHAKE, answered).await, Ok(Ok(()))) {
                self.lose();
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(PING) => {}
                () = self.lost.notified() => {}
            }
        }
    }

    pub fn is_up(&self) -> bool {
        self.live.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn live(&self) -> Option<MultiplexedConnection> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// С этого мгновения о Redis не спрашивают.
    pub fn lose(&self) {
        self.clean.store(false, Ordering::Release);
        if self.live.write().unwrap_or_else(PoisonError::into_inner).take().is_some() {
            self.lost.notify_one();
        }
    }

    /// Выполняет сценарий в срок; `None` — обойтись без Redis.
    pub async fn run<T: FromRedisValue>(&self, what: &'static str, call: &ScriptInvocation<'_>) -> Option<T> {
        let Some(mut connection) = self.live() else {
            fallback(what, "down");
            return None;
        };
        match tokio::time::timeout(self.deadline, call.invoke_async(&mut connection)).await {
            Ok(Ok(value)) => {
                self.failures.store(0, Ordering::Relaxed);
                return Some(value);
            }
            // Сервер жив, но отказал (нет памяти, только чтение): связь ни при чём.
            Ok(Err(error)) if !is_broken(&error) => {
                fallback(what, "refused");
                tracing::debug!(%error, what, "redis refused");
            }
            Ok(Err(error)) => {
                fallback(what, "broken");
                tracing::debug!(%error, what, "redis failed");
                self.lose();
            }
            Err(_) => {
                fallback(what, "late");
                if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= PATIENCE {
                    self.lose();
                }
            }
        }
        None
    }
}

fn parse(url: &str) -> redis::RedisResult<Client> {
    let info = url.into_connection_info()?;
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Client::open(info.set_redis_settings(settings))
}

fn is_broken(error: &RedisError) -> bool {
    error.is_io_error() || error.is_connection_dropped() || error.is_timeout()
}

fn fallback(what: &'static str, reason: &'static str) {
    metrics::counter!("megashop_redis_fallbacks_total", "what" => what, "reason" => reason).increment(1);
}
