//! Несколько экземпляров одного магазина: что им нужно друг от друга. Исполняет это `framework/cluster` (Redis, RabbitMQ); ядру чужды
//! и адреса, и протоколы. Не поставлено — экземпляр один, и всё происходит в процессе.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::TimeDelta;
use tokio::sync::mpsc;

/// Что переменила одна фиксация.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Темы, готовые ответы которых негодны.
    pub topics: Vec<&'static str>,
    /// Предметы, отмеченные `Work::touch`.
    pub ids: Vec<i64>,
    /// Сколько готовых задач поставлено.
    pub jobs: usize,
}

impl Change {
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty() && self.ids.is_empty() && self.jobs == 0
    }
}

/// Кладёт вычисленное тело и номера показанных предметов в общий кэш. Не ждёт.
pub type Keep = Box<dyn FnOnce(Bytes, Vec<i64>) + Send>;

/// Что общий кэш знает о теле.
pub enum Shared {
    Ready {
        bytes: Bytes,
        ids: Vec<i64>,
        /// Сколько ему ещё жить: срок считается от начала вычисления, кто бы ни вычислял.
        left: TimeDelta,
    },
    Missing(Keep),
}

/// Предел частоты.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub per_second: u32,
    pub burst: u32,
}

/// Ответ общего предела.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    Allowed,
    Refused { wait: Duration },
}

/// Другие экземпляры. Молчание (`None`) — не ошибка: тогда экземпляр живёт, как один.
#[async_trait]
pub trait Neighbours: Send + Sync + 'static {
    async fn find(&self, topic: &'static str, key: &str) -> Option<Shared>;

    /// Возвращается, когда общий кэш старого уже не отдаст или спрашивать его больше не станут.
    async fn tell(&self, change: &Change);

    /// Один предел на всех; без ответа каждый считает сам.
    async fn admit(&self, caller: IpAddr, limit: Limit) -> Option<Admission>;
}

/// Посредник, который зовёт исполнителей на других машинах. Правда — строка задачи: приглашение лишь разрешает её взять.
pub trait Broker: Send + Sync + 'static {
    /// Зовёт к стольким задачам; никогда не ждёт. `false` — позвать не вышло.
    fn call(&self, jobs: usize) -> bool;

    fn is_connected(&self) -> bool;

    /// Приглашения исполнителю, не больше `places` неподтверждённых разом.
    fn invitations(&self, places: usize) -> mpsc::Receiver<Invitation>;
}

/// Приглашение взять задачу. Неподтверждённое вернётся другому, когда связь этого исполнителя оборвётся.
pub struct Invitation(Box<dyn FnOnce() + Send>);

impl Invitation {
    pub fn new(done: impl FnOnce() + Send + 'static) -> Invitation {
        Invitation(Box::new(done))
    }

    pub fn done(self) {
        (self.0)();
    }
}
