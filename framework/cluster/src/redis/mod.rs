//! Redis: второй ярус готовых тел, вести о переменах, общий предел частоты.
//!
//! Всё, чему верит общий кэш, лежит в одном ключе (`state`): случайная эпоха, версии тем, отметки предметов. Тело помнит эпоху и
//! версию, взятые до вычисления, и годно, только если они те же. Очистка, вытеснение и подмена данных (FLUSHALL, нехватка памяти,
//! перезапуск со старого снимка) меняют эпоху, поэтому старое тело не оживёт.

mod connection;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use ::redis::{PushInfo, PushKind, Script, Value};
use async_trait::async_trait;
use bytes::Bytes;
use kernel::Ctx;
use kernel::cluster::{Admission, Change, Keep, Limit, Neighbours, Shared};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Backoff;
use connection::Connection;

/// Клеток у отметок предметов. Двое в одной клетке — лишний пересчёт, не ошибка.
const SLOTS: i64 = 4096;
/// Тело больше этого дешевле вычислить, чем переслать, байт.
const BODY_LIMIT: usize = 1 << 20;

static FIND: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/find.lua")));
static KEEP: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/keep.lua")));
static TELL: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/tell.lua")));
static ADMIT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/admit.lua")));
static RESET: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/reset.lua")));

/// Весть соседям.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct News {
    /// Кто сказал: своё уже учтено.
    from: String,
    topics: Vec<String>,
    ids: Vec<i64>,
    /// Есть готовые задачи, а звать к ним некому, кроме нас.
    jobs: bool,
    /// Забыть всё: говоривший пропадал, и о его переменах могли не узнать.
    everything: bool,
}

/// Ответ `find.lua`: эпоха и версия темы, отметки, само тело — остаток жизни в мс, номера предметов, байты.
type Found = (String, String, Option<(i64, String, Vec<u8>)>);

pub struct Redis {
    connection: Arc<Connection>,
    /// Начало всех ключей: у магазинов с разным секретом оно разное.
    prefix: String,
    instance: String,
    ttl: Duration,
    cache_enabled: bool,
}

impl Redis {
    pub fn new(ctx: &Ctx) -> anyhow::Result<Redis> {
        let settings = &ctx.settings().kernel.cache;
        let shop = hex::encode(&ctx.secret("cluster")[..6]);
        Ok(Redis {
            connection: Arc::new(Connection::new(settings.url.expose(), Duration::from_millis(settings.timeout_ms))?),
            prefix: format!("megashop:{shop}:"),
            instance: ctx.random().token(),
            ttl: Duration::from_millis(settings.ttl_ms),
            cache_enabled: settings.enabled,
        })
    }

    pub fn is_connected(&self) -> bool {
        self.connection.is_trusted()
    }

    pub async fn check(&self) -> anyhow::Result<String> {
        self.connection.open(|_| {}).await?;
        Ok("Redis answers".to_owned())
    }

    /// Держит связь, пока жива программа.
    pub async fn keep_connected(self: Arc<Self>, ctx: Ctx) {
        let mut backoff = Backoff::new();
        loop {
            metrics::gauge!("megashop_redis_connected").set(0.0);
            match self.start(&ctx).await {
                Ok(()) => {
                    tracing::info!("redis is connected");
                    backoff = Backoff::new();
                    self.connection.watch().await;
                    tracing::warn!("redis is lost: working alone until it answers");
                }
                Err(error) => tracing::debug!(%error, "redis does not answer"),
            }
            backoff.pause().await;
        }
    }

    /// Новая связь начинается с чистого листа: пока её не было, вести терялись в обе стороны. Порядок важен: сперва подписка и свои
    /// вести, потом сброс, и только потом чтение — перемена, случившаяся между ними, не потеряется.
    async fn start(self: &Arc<Self>, ctx: &Ctx) -> anyhow::Result<()> {
        let (own, listener) = (self.clone(), ctx.clone());
        let turn = self.connection.next_turn();
        let mut fresh = self.connection.open(move |push| own.hear(&listener, turn, push)).await?;
        let news = News { from: self.instance.clone(), everything: true, ..News::default() };
        fresh.subscribe(self.key("news")).await?;
        let mut reset = RESET.key(self.key("state"));
        reset.arg(self.key("news")).arg(serde_json::to_string(&news)?);
        self.connection.set(fresh.clone());
        if let Err(error) = reset.invoke_async::<()>(&mut fresh).await {
            self.connection.lose();
            return Err(error.into());
        }
        ctx.cache().invalidate_everything();
        self.connection.trust();
        Ok(())
    }

    fn hear(&self, ctx: &Ctx, turn: u64, push: PushInfo) {
        match push.kind {
            PushKind::Disconnection => self.connection.ended(turn),
            PushKind::Message => match push.data.get(1).and_then(read_news) {
                Some(news) if news.from != self.instance => apply(ctx, &news),
                Some(_) => {}
                // Весть не по-нашему (соседи другой версии): вернее забыть лишнее.
                None => ctx.cache().invalidate_everything(),
            },
            _ => {}
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Ключ тела: тема и запрос любой длины, и версия программы — тела соседа другой версии могут быть иными.
    fn body_key(&self, topic: &str, key: &str) -> String {
        let hash = Sha256::digest([topic, env!("CARGO_PKG_VERSION"), key].join("\n"));
        self.key(&format!("body:{}", hex::encode(&hash[..20])))
    }

    /// Чем положить тело, если его вычислят: с эпохой, версией и отметками, какие были до вычисления.
    fn keep(&self, place: String, stamp: String, seen: String, started: Instant) -> Keep {
        let (connection, ttl) = (self.connection.clone(), self.ttl);
        Box::new(move |bytes: Bytes, ids: Vec<i64>| {
            let left = ttl.saturating_sub(started.elapsed()).as_millis() as u64;
            if left == 0 || bytes.len() > BODY_LIMIT {
                return;
            }
            let mut call = KEEP.key(place);
            let ids = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
            call.arg(stamp).arg(seen).arg(ids).arg(&bytes[..]).arg(left);
            tokio::spawn(async move { connection.run::<()>("keep", &call).await });
        })
    }
}

fn read_news(value: &Value) -> Option<News> {
    match value {
        Value::BulkString(bytes) => serde_json::from_slice(bytes).ok(),
        _ => None,
    }
}

fn apply(ctx: &Ctx, news: &News) {
    if news.everything {
        ctx.cache().invalidate_everything();
    }
    if !news.ids.is_empty() {
        ctx.cache().touch(&news.ids);
    }
    news.topics.iter().for_each(|topic| ctx.cache().invalidate(topic));
    if news.jobs {
        ctx.wake_worker();
    }
}

#[async_trait]
impl Neighbours for Redis {
    async fn find(&self, topic: &'static str, key: &str) -> Option<Shared> {
        if !self.cache_enabled || !self.connection.is_trusted() {
            return None;
        }
        let started = Instant::now();
        let place = self.body_key(topic, key);
        let mut call = FIND.key(self.key("state"));
        call.key(&place).arg(topic).arg(&self.instance).arg(SLOTS);
        let (stamp, seen, body): Found = self.connection.run("find", &call).await?;
        let Some((left, ids, bytes)) = body else {
            return Some(Shared::Missing(self.keep(place, stamp, seen, started)));
        };
        let ids = ids.split(',').filter_map(|id| id.parse().ok()).collect();
        Some(Shared::Ready { bytes: bytes.into(), ids, left: chrono::TimeDelta::milliseconds(left) })
    }

    async fn tell(&self, change: &Change) {
        let news = News {
            from: self.instance.clone(),
            topics: change.topics.iter().map(|topic| (*topic).to_owned()).collect(),
            ids: change.ids.clone(),
            jobs: change.jobs > 0,
            everything: false,
        };
        let Ok(text) = serde_json::to_string(&news) else { return };
        let mut slots: Vec<i64> = change.ids.iter().map(|id| id.rem_euclid(SLOTS)).collect();
        slots.sort_unstable();
        slots.dedup();
        let mut call = TELL.key(self.key("state"));
        call.arg(self.key("news")).arg(text).arg(change.topics.len()).arg(&change.topics).arg(slots);
        // Не рассказали — общему кэшу веры нет, пока связь не начнётся заново: там могло остаться то, что мы сами переменили.
        if self.connection.is_up() && self.connection.run::<()>("tell", &call).await.is_none() {
            self.connection.lose();
        }
    }

    async fn admit(&self, caller: IpAddr, limit: Limit) -> Option<Admission> {
        let mut call = ADMIT.key(self.key(&format!("rate:{caller}")));
        call.arg(limit.per_second).arg(limit.burst);
        let wait: i64 = self.connection.run("admit", &call).await?;
        Some(match u64::try_from(wait) {
            Ok(micros) if micros > 0 => Admission::Refused { wait: Duration::from_micros(micros) },
            _ => Admission::Allowed,
        })
    }
}
