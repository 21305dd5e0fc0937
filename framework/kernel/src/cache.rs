//! Кэш готовых ответов: байты JSON вместе с ETag.
//!
//! Свои изменения видны сразу: фиксация транзакции поднимает версию темы, а версия — часть ключа. Изменения другого процесса видны
//! не позже `cache.ttl_ms` (с репликами базы — не дольше секунды). Поэтому кэш никогда не врёт дольше этого срока и не требует общего хранилища. С соседями
//! ([`crate::cluster`]) тела общие, а чужие перемены приходят вестями.
//!
//! Перемена одного предмета (остаток товара после заказа) не сбрасывает всю тему: ответ помнит предметы, которые показывает, и
//! негоден, если хоть один из них с тех пор отмечен ([`Cache::touch`]).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::Clock;
use crate::cluster::{Change, Neighbours, Shared};
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

/// До каких пор тело правдиво: версия темы та же, срок не вышел, никто из показанных не переменился.
#[derive(Clone, Debug)]
pub(crate) struct Freshness {
    topic: Arc<AtomicU64>,
    version: u64,
    until: DateTime<Utc>,
    shown: Watch,
}

impl Freshness {
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.topic.load(Ordering::Acquire) == self.version && now < self.until && self.shown.is_current()
    }
}

/// Клеток на доске отметок. Двое в одной клетке — лишний пересчёт, не ошибка.
const SLOTS: usize = 4096;

/// Когда последний раз менялся предмет каждой клетки; время — счётчик отметок.
#[derive(Debug)]
struct Board {
    clock: AtomicU64,
    slots: Vec<AtomicU64>,
}

impl Board {
    fn slot(&self, id: i64) -> &AtomicU64 {
        &self.slots[id.unsigned_abs() as usize % SLOTS]
    }
}

/// Предметы, за которыми следят с данного времени отметок.
#[derive(Clone, Debug)]
pub struct Watch {
    board: Arc<Board>,
    ids: Arc<[i64]>,
    seen: u64,
}

impl Watch {
    /// Следит за этими: чьи номера стали известны уже после чтения.
    pub fn over(self, ids: &[i64]) -> Watch {
        Watch { ids: ids.into(), ..self }
    }

    /// Ни один из них с тех пор не отмечен.
    pub fn is_current(&self) -> bool {
        self.ids.iter().all(|id| self.board.slot(*id).load(Ordering::Acquire) <= self.seen)
    }
}

/// Версия темы, отметки начала (у готового — [`READY`]) и ключ ответа.
type Key = (u64, u64, String);

/// Место готового ответа; прочие места — вычисляемые прямо сейчас.
const READY: u64 = u64::MAX;

/// Кэш процесса.
pub struct Cache {
    entries: Option<moka::future::Cache<Key, CachedBody>>,
    ttl: TimeDelta,
    clock: Arc<Clock>,
    versions: RwLock<HashMap<&'static str, Arc<AtomicU64>>>,
    board: Arc<Board>,
    neighbours: Arc<OnceLock<Arc<dyn Neighbours>>>,
}

impl Cache {
    pub(crate) fn new(
        settings: &CacheSettings,
        clock: Arc<Clock>,
        neighbours: Arc<OnceLock<Arc<dyn Neighbours>>>,
    ) -> Cache {
        let entries = settings.enabled.then(|| {
            moka::future::Cache::builder()
                .weigher(|key: &Key, body: &CachedBody| (key.2.len() + body.bytes.len() + 200) as u32)
                .max_capacity(settings.half_bytes())
                .time_to_live(Duration::from_millis(settings.ttl_ms))
                .build()
        });
        let ttl = TimeDelta::milliseconds(settings.ttl_ms.min(MAX_TTL_MS) as i64);
        let board = Board { clock: AtomicU64::new(0), slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect() };
        Cache { entries, ttl, clock, versions: RwLock::default(), board: Arc::new(board), neighbours }
    }

    /// Тело ответа темы `topic` под ключом `key`; нет — вычисляется один раз, сколько бы ни спрашивали разом.
    pub async fn body(
        &self,
        topic: &'static str,
        key: String,
        compute: impl AsyncFnOnce() -> Result<Bytes>,
    ) -> Result<CachedBody> {
        self.body_showing(topic, key, async move || Ok((compute().await?, Vec::new()))).await
    }

    /// То же для ответа, показывающего предметы с этими номерами: отметка любого из них делает его негодным.
    pub async fn body_showing(
        &self,
        topic: &'static str,
        key: String,
        compute: impl AsyncFnOnce() -> Result<(Bytes, Vec<i64>)>,
    ) -> Result<CachedBody> {
        let Some(entries) = &self.entries else {
            return Ok(CachedBody::new(compute().await?.0, None));
        };
        // Версия, срок и время отметок берутся до вычисления: начатое до чужой фиксации останется под старым ключом или отметкой.
        let now = self.clock.now();
        let (name, topic) = (topic, self.version(topic));
        let version = topic.load(Ordering::Acquire);
        let seen = self.board.clock.load(Ordering::Acquire);
        let place = (version, READY, key);
        if let Some(hit) = entries.get(&place).await
            && hit.freshness.as_ref().is_some_and(|freshness| freshness.holds(now))
        {
            return Ok(hit);
        }
        // Ждут друг друга только те, кто видел одни и те же отметки: начатое до своей перемены своим не годится.
        let flight = (version, seen, place.2.clone());
        let make = async {
            let (bytes, ids, ttl) = self.obtain(name, &place.2, compute).await?;
            let shown = Watch { board: self.board.clone(), ids: ids.into(), seen };
            let body = CachedBody::new(bytes, Some(Freshness { topic, version, until: now + ttl, shown }));
            entries.insert(place, body.clone()).await;
            Ok(body)
        };
        let made = entries.try_get_with_by_ref(&flight, make).await;
        entries.invalidate(&flight).await;
        made.map_err(|shared| Arc::try_unwrap(shared).unwrap_or_else(|shared| copy_of(&shared)))
    }

    /// Тело из общего кэша; нет его там — вычисленное здесь и отданное соседям. Третье — сколько ему осталось жить.
    async fn obtain(
        &self,
        topic: &'static str,
        key: &str,
        compute: impl AsyncFnOnce() -> Result<(Bytes, Vec<i64>)>,
    ) -> Result<(Bytes, Vec<i64>, TimeDelta)> {
        let shared = match self.neighbours.get() {
            Some(neighbours) => neighbours.find(topic, key).await,
            None => None,
        };
        let keep = match shared {
            Some(Shared::Ready { bytes, ids, left }) => return Ok((bytes, ids, left.min(self.ttl))),
            Some(Shared::Missing(keep)) => Some(keep),
            None => None,
        };
        let (bytes, ids) = compute().await?;
        if let Some(keep) = keep {
            keep(bytes.clone(), ids.clone());
        }
        Ok((bytes, ids, self.ttl))
    }

    /// Номер нынешней версии темы: ключ для того, что хранят не готовыми байтами.
    pub fn version_of(&self, topic: &'static str) -> u64 {
        self.version(topic).load(Ordering::Acquire)
    }

    /// Начинает следить за предметами; вызывается до того, как их прочтут.
    pub fn watch(&self, ids: &[i64]) -> Watch {
        Watch { board: self.board.clone(), ids: ids.into(), seen: self.board.clock.load(Ordering::Acquire) }
    }

    /// Предметы с этими номерами переменились: ответы, которые их показывают, негодны.
    pub fn touch(&self, ids: &[i64]) {
        let now = self.board.clock.fetch_add(1, Ordering::AcqRel) + 1;
        for id in ids {
            self.board.slot(*id).fetch_max(now, Ordering::AcqRel);
        }
    }

    /// Ответы темы больше не действительны. О теме, которой здесь не спрашивали, и помнить нечего.
    pub fn invalidate(&self, topic: &str) {
        if let Some(version) = self.versions.read().unwrap_or_else(|e| e.into_inner()).get(topic) {
            version.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Ничему запомненному больше не верим: вести от соседей могли пропасть.
    pub fn invalidate_everything(&self) {
        for version in self.versions.read().unwrap_or_else(|e| e.into_inner()).values() {
            version.fetch_add(1, Ordering::AcqRel);
        }
        self.touch(&Vec::from_iter(0..SLOTS as i64));
    }

    /// Перемена, своя или соседа.
    pub(crate) fn apply(&self, change: &Change) {
        if !change.ids.is_empty() {
            self.touch(&change.ids);
        }
        for topic in &change.topics {
            self.invalidate(topic);
        }
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
