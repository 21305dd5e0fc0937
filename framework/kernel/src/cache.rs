//! Кэш готовых ответов: байты JSON вместе с ETag.
//!
//! Свои изменения видны сразу: фиксация транзакции поднимает версию темы, а версия — часть ключа. Изменения другого процесса видны
//! не позже `cache.ttl_ms`. Поэтому кэш никогда не врёт дольше этого срока и не требует общего хранилища.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::Clock;
use crate::settings::CacheSettings;
use crate::{Error, Result};

/// Дольше суток ответ не живёт, что бы ни стояло в настройках, мс.
const MAX_TTL_MS: u64 = 24 * 60 * 60 * 1000;

/// Готовое тело и его ETag.
#[derive(Clone, Debug)]
pub struct CachedBody {
    pub bytes: Bytes,
    pub etag: http::HeaderValue,
    /// Нет, когда кэш выключен.
    pub(crate) freshness: Option<Freshness>,
}

impl CachedBody {
    fn new(bytes: Bytes, freshness: Option<Freshness>) -> CachedBody {
        let etag = crate::http::etag_of(&bytes);
        CachedBody { bytes, etag, freshness }
    }
}

/// До каких пор тело правдиво: версия темы та же и срок не вышел.
#[derive(Clone, Debug)]
pub(crate) struct Freshness {
    topic: Arc<AtomicU64>,
    version: u64,
    until: DateTime<Utc>,
}

impl Freshness {
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.topic.load(Ordering::Acquire) == self.version && now < self.until
    }
}

/// Кэш процесса.
pub struct Cache {
    entries: Option<moka::future::Cache<(u64, String), CachedBody>>,
    ttl: TimeDelta,
    clock: Arc<Clock>,
    versions: RwLock<HashMap<&'static str, Arc<AtomicU64>>>,
}

impl Cache {
    pub fn new(settings: &CacheSettings, clock: Arc<Clock>) -> Cache {
        let entries = settings.enabled.then(|| {
            moka::future::Cache::builder()
                .weigher(|key: &(u64, String), body: &CachedBody| (key.1.len() + body.bytes.len() + 200) as u32)
                .max_capacity(settings.half_bytes())
                .time_to_live(Duration::from_millis(settings.ttl_ms))
                .build()
        });
        let ttl = TimeDelta::milliseconds(settings.ttl_ms.min(MAX_TTL_MS) as i64);
        Cache { entries, ttl, clock, versions: RwLock::default() }
    }

    /// Тело ответа темы `topic` под ключом `key`; нет — вычисляется один раз, сколько бы ни спрашивали разом.
    pub async fn body(
        &self,
        topic: &'static str,
        key: String,
        compute: impl AsyncFnOnce() -> Result<Bytes>,
    ) -> Result<CachedBody> {
        let Some(entries) = &self.entries else {
            return Ok(CachedBody::new(compute().await?, None));
        };
        // Версия и срок берутся до вычисления: ответ, начатый до чужой фиксации, останется под старым ключом.
        let topic = self.version(topic);
        let version = topic.load(Ordering::Acquire);
        let freshness = Freshness { topic, version, until: self.clock.now() + self.ttl };
        let key = (version, key);
        if let Some(hit) = entries.get(&key).await {
            return Ok(hit);
        }
        let made = entries.try_get_with(key, async { Ok(CachedBody::new(compute().await?, Some(freshness))) }).await;
        made.map_err(|shared| Arc::try_unwrap(shared).unwrap_or_else(|shared| copy_of(&shared)))
    }

    /// Ответы темы больше не действительны.
    pub fn invalidate(&self, topic: &'static str) {
        self.version(topic).fetch_add(1, Ordering::AcqRel);
    }

    fn version(&self, topic: &'static str) -> Arc<AtomicU64> {
        if let Some(found) = self.versions.read().unwrap_or_else(|e| e.into_inner()).get(topic) {
            return found.clone();
        }
        let mut versions = self.versions.write().unwrap_or_else(|e| e.into_inner());
        // Номер темы в старших битах: версии разных тем не совпадают.
        let start = (versions.len() as u64) << 48;
        versions.entry(topic).or_insert_with(|| Arc::new(AtomicU64::new(start))).clone()
    }
}

/// Отказ, который ждали несколько запросов сразу: причина (`source`) остаётся у первого, слова и поля — у каждого.
fn copy_of(shared: &Error) -> Error {
    Error {
        args: shared.args.clone(),
        fields: shared.fields.clone(),
        retry_after: shared.retry_after,
        ..Error::new(shared.kind, shared.code)
    }
}
