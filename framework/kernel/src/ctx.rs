//! `Ctx` — всё, что нужно обработчику, задаче и команде: база, часы, настройки, тексты, службы.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use megashop_net::HttpClient;
use sea_orm::DatabaseConnection;
use sha2::Sha256;
use tokio::sync::Notify;

use crate::access::Authenticate;
use crate::cache::Cache;
use crate::clock::{Clock, Random};
use crate::cluster::{Broker, Change, Neighbours};
use crate::data::{Db, Ids, Work, run_atomic};
use crate::jobs::Registry;
use crate::settings::Settings;
use crate::texts::{Lang, Texts};
use crate::{Actor, Result};

/// Общее для всей программы. Собирается один раз при старте (см. [`crate::app::Platform`]).
pub(crate) struct Shared {
    pub db: Db,
    pub ids: Ids,
    pub settings: Settings,
    pub texts: Texts,
    pub clock: Arc<Clock>,
    pub random: Random,
    pub cache: Cache,
    pub jobs: Registry,
    pub http: HttpClient,
    pub wake: Notify,
    /// Не поставлены — экземпляр один.
    pub neighbours: Arc<OnceLock<Arc<dyn Neighbours>>>,
    pub broker: OnceLock<Arc<dyn Broker>>,
    pub secret: Vec<u8>,
    pub authenticator: Option<Arc<dyn Authenticate>>,
    pub services: RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    pub declared: Vec<Arc<dyn Any + Send + Sync>>,
}

/// Относящееся к одному запросу.
#[derive(Debug, Default)]
pub(crate) struct RequestState {
    pub id: String,
    pub lang: Lang,
    pub client_ip: Option<IpAddr>,
    /// Прохожий: ни пропуска, ни корзины, ничего своего. Только ему всё равно, что реплика чуть отстала.
    stranger: bool,
    wrote: AtomicBool,
}

/// Дёшево копируется; у каждого запроса свой.
#[derive(Clone)]
pub struct Ctx {
    shared: Arc<Shared>,
    request: Arc<RequestState>,
}

impl Ctx {
    pub(crate) fn new(shared: Arc<Shared>) -> Ctx {
        Ctx { shared, request: Arc::default() }
    }

    pub(crate) fn for_request(&self, id: String, lang: Lang, client_ip: Option<IpAddr>, stranger: bool) -> Ctx {
        let request = RequestState { id, lang, client_ip, stranger, wrote: AtomicBool::new(false) };
        Ctx { shared: self.shared.clone(), request: Arc::new(request) }
    }

    /// Дело посетителя, а не задача и не команда.
    pub(crate) fn is_request(&self) -> bool {
        !self.request.id.is_empty()
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Соединение для чтения. Прохожему, который ещё ничего не записал, — с реплики; прочие видят свои перемены сразу.
    pub fn db(&self) -> &DatabaseConnection {
        let can_lag = self.request.stranger && !self.request.wrote.load(Ordering::Relaxed);
        if can_lag { self.shared.db.read() } else { self.shared.db.read_fresh() }
    }

    /// Читать заведомо свежее (деньги, остатки): никогда не реплика.
    pub fn db_fresh(&self) -> &DatabaseConnection {
        self.shared.db.read_fresh()
    }

    /// Отчёты и выгрузки: им можно отстать, кто бы ни спрашивал.
    pub fn db_reports(&self) -> &DatabaseConnection {
        self.shared.db.read()
    }

    /// База целиком: движок, писатель. Для ядра, миграций, проверок.
    pub fn db_handle(&self) -> &Db {
        &self.shared.db
    }

    /// Транзакция: `Ok` фиксирует, `Err` и паника откатывают. Может выполниться несколько раз, если база занята,
    /// поэтому внутри нет ни внешних вызовов, ни изменений вне базы.
    pub async fn atomic<T>(&self, actor: &Actor, f: impl AsyncFn(&mut Work) -> Result<T>) -> Result<T> {
        run_atomic(self, actor, f).await
    }

    pub(crate) async fn after_commit(&self, mut change: Change) {
        self.request.wrote.store(true, Ordering::Relaxed);
        self.shared.cache.apply(&change);
        if change.jobs > 0 && self.call_workers(change.jobs) {
            change.jobs = 0;
        }
        let Some(neighbours) = self.shared.neighbours.get().filter(|_| !change.is_empty()).cloned() else { return };
        let ctx = self.clone();
        // В своей задаче: брошенный запрос не оставит соседей в неведении. И ещё раз у себя: пока весть шла, сюда могли взять из
        // общего кэша старое.
        let told = tokio::spawn(async move {
            neighbours.tell(&change).await;
            ctx.shared.cache.apply(&change);
        });
        told.await.ok();
    }

    /// Зовёт исполнителей через посредника, а нет его — своего. `true` — позван посредником.
    fn call_workers(&self, jobs: usize) -> bool {
        let called = self.shared.broker.get().is_some_and(|broker| broker.call(jobs));
        if !called {
            self.wake_worker();
        }
        called
    }

    /// Исполнитель этого процесса заглянет в таблицу сейчас же.
    pub fn wake_worker(&self) {
        self.shared.wake.notify_one();
    }

    /// Связывает с другими экземплярами. Вызывается при старте, до первого запроса.
    pub fn join(&self, neighbours: Arc<dyn Neighbours>) {
        self.shared.neighbours.set(neighbours).ok();
    }

    /// То же с посредником задач.
    pub fn join_broker(&self, broker: Arc<dyn Broker>) {
        self.shared.broker.set(broker).ok();
    }

    /// Текущий момент, UTC.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.clock.now()
    }

    /// Сдвиг времени магазина от UTC (`server.utc_offset_minutes`).
    pub fn shop_offset(&self) -> TimeDelta {
        TimeDelta::minutes(self.shared.settings.kernel.server.utc_offset_minutes)
    }

    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    pub fn random(&self) -> &Random {
        &self.shared.random
    }

    /// Клиент для вызовов наружу. Внутри транзакции им не пользуются.
    pub fn http(&self) -> &HttpClient {
        &self.shared.http
    }

    pub fn cache(&self) -> &Cache {
        &self.shared.cache
    }

    pub fn texts(&self) -> &Texts {
        &self.shared.texts
    }

    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// Раздел настроек приложения.
    pub fn section<T: Send + Sync + 'static>(&self) -> Arc<T> {
        self.shared.settings.get::<T>()
    }

    /// Ключ для данного назначения (`"jwt"`, `"files"`), выведенный из главного секрета магазина.
    #[expect(clippy::expect_used, reason = "HMAC принимает ключ любой длины")]
    pub fn secret(&self, purpose: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.shared.secret).expect("hmac takes any key");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Служба, которую поставил сервер (хранилище файлов, почта): `ctx.service::<Storage>()`.
    #[expect(clippy::panic, reason = "служба не поставлена при старте — ошибка сборки программы")]
    pub fn service<T: Send + Sync + 'static>(&self) -> Arc<T> {
        match self.find_service::<T>() {
            Some(service) => service,
            None => panic!("service {} was not provided at start", std::any::type_name::<T>()),
        }
    }

    /// То же, но службы может не быть.
    pub fn find_service<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let services = self.shared.services.read().unwrap_or_else(|e| e.into_inner());
        services.get(&TypeId::of::<T>()).cloned().and_then(|any| any.downcast::<T>().ok())
    }

    /// То же; службу, которую никто не ставил, делает первый спросивший.
    pub fn service_or<T: Send + Sync + 'static>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        self.find_service::<T>().unwrap_or_else(|| {
            self.provide(make());
            self.service::<T>()
        })
    }

    /// Всё, что приложения объявили значениями этого типа (`App::declare`), в порядке приложений.
    pub fn declared<T: Send + Sync + 'static>(&self) -> Vec<Arc<T>> {
        self.shared.declared.iter().filter_map(|value| value.clone().downcast::<T>().ok()).collect()
    }

    /// Ставит службу. Вызывается при старте, до первого запроса.
    pub fn provide<T: Send + Sync + 'static>(&self, service: T) {
        let mut services = self.shared.services.write().unwrap_or_else(|e| e.into_inner());
        services.insert(TypeId::of::<T>(), Arc::new(service));
    }

    /// Язык ответа этого запроса.
    pub fn lang(&self) -> Lang {
        self.request.lang
    }

    /// Номер запроса: он же в ответе об ошибке и в журнале.
    pub fn request_id(&self) -> &str {
        &self.request.id
    }

    /// Адрес клиента (за доверенным прокси — из X-Forwarded-For).
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.request.client_ip
    }
}
