//! Новости: что случилось. Пишутся в той же транзакции; слушатели узнают из таблицы задач.

use sea_orm::Set;
use sea_orm::entity::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::data::Work;
use crate::jobs::{self, NewJob, job_row};
use crate::{Actor, Ctx, Result, Timestamp};

/// На что ссылается общее приложение, не зная, что это: `Subject{kind: "orders.order", id: "42"}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
pub struct Subject {
    /// `app.model`.
    pub kind: String,
    pub id: String,
}

impl Subject {
    pub fn new(kind: &str, id: impl ToString) -> Subject {
        Subject { kind: kind.to_owned(), id: id.to_string() }
    }

    /// id, если предмет — данного вида.
    pub fn id_of<T: std::str::FromStr>(&self, kind: &str) -> Option<T> {
        (self.kind == kind).then(|| self.id.parse().ok()).flatten()
    }
}

/// Новость: прошедшее время, `app.что_случилось`. Содержит id и факты, не модели.
pub trait Event: Serialize + DeserializeOwned + Send + Sync {
    const NAME: &'static str;

    /// О чём новость: по этому её найдут в журнале.
    fn subject(&self) -> Subject;
}

/// Кто слушает новость. Выполняется в своей транзакции вместе с удалением задачи: изменения в базе — ровно один раз.
///
/// Слушателя пишут пустой структурой: `pub struct MarkPaid; impl Listener for MarkPaid { … }`.
pub trait Listener: Send + Sync + 'static {
    /// `app.что_сделать`; не переименовывается, пока в таблице есть такие задачи.
    const NAME: &'static str;
    type Event: Event;

    fn handle(work: &mut Work, event: Self::Event) -> impl Future<Output = Result<()>> + Send;
}

/// Строка журнала дел.
pub mod event_row {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "events")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub subject_kind: String,
        pub subject_id: String,
        pub actor: String,
        pub payload: String,
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Что сказано за транзакцию.
pub(crate) struct Told {
    name: &'static str,
    subject: Subject,
}

impl Told {
    pub fn of<E: Event>(event: &E) -> Told {
        Told { name: E::NAME, subject: event.subject() }
    }
}

/// Случившееся — в журнал программы (цель `business`) и в счёт: только после фиксации, о несостоявшемся там не узнают. Содержания новости,
/// а с ним имён и адресов, здесь нет: оно в таблице `events`.
pub(crate) fn publish(ctx: &Ctx, actor: &Actor, news: &[Told]) {
    for Told { name, subject } in news {
        metrics::counter!("megashop_events_total", "event" => *name).increment(1);
        tracing::info!(target: "business", event = *name, subject.kind = subject.kind, subject.id = subject.id,
            actor = actor.label(), request.id = ctx.request_id(), "business event");
    }
}

/// Строка журнала и задачи слушателям.
pub(crate) fn rows<E: Event>(work: &Work, event: &E) -> Result<(event_row::ActiveModel, Vec<job_row::ActiveModel>)> {
    let payload = serde_json::to_string(event)?;
    let listeners = work.ctx().shared().jobs.listeners_of(E::NAME);
    let jobs = listeners.map(|name| jobs::row_of(NewJob::raw(name, payload.clone()), work.now())).collect();
    let subject = event.subject();
    let row = event_row::ActiveModel {
        id: sea_orm::NotSet,
        name: Set(E::NAME.to_owned()),
        subject_kind: Set(subject.kind),
        subject_id: Set(subject.id),
        actor: Set(work.actor().label()),
        payload: Set(payload),
        created_at: Set(work.timestamp()),
    };
    Ok((row, jobs))
}
