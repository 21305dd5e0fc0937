//! Что умеют выполнять приложения: слушатели, задачи, расписания.

use std::collections::HashMap;

use futures::future::BoxFuture;

use super::{Job, JobError};
use crate::data::Work;
use crate::events::{Event, Listener};
use crate::{Ctx, Error, Result};

type RunListener = for<'a> fn(&'a mut Work, &'a str) -> BoxFuture<'a, Result<()>>;
type RunJob = for<'a> fn(&'a Ctx, &'a str) -> BoxFuture<'a, Result<(), JobError>>;

/// Как выполнить задачу с данным именем.
#[derive(Clone, Copy)]
pub(crate) enum Runner {
    /// В транзакции, вместе с удалением строки.
    Listener(RunListener),
    /// Вне транзакции.
    Job(RunJob),
}

/// Запись расписания: пять полей cron, время UTC.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub job: &'static str,
    pub cron: &'static str,
    pub(crate) payload: String,
}

/// Всё, что умеет выполнять программа.
#[derive(Clone, Default)]
pub struct Registry {
    runners: HashMap<&'static str, Runner>,
    listeners: HashMap<&'static str, Vec<&'static str>>,
    pub schedules: Vec<Schedule>,
}

impl Registry {
    pub fn listener<L: Listener>(&mut self) {
        self.put(L::NAME, Runner::Listener(run_listener::<L>));
        self.listeners.entry(<L::Event as Event>::NAME).or_default().push(L::NAME);
    }

    pub fn job<J: Job>(&mut self) {
        self.put(J::NAME, Runner::Job(run_job::<J>));
    }

    /// Задача по расписанию `cron` (UTC).
    pub fn every<J: Job + Default>(&mut self, cron: &'static str) {
        self.job::<J>();
        let payload = serde_json::to_string(&J::default()).unwrap_or_else(|_| "null".into());
        self.schedules.push(Schedule { job: J::NAME, cron, payload });
    }

    #[expect(clippy::panic, reason = "два исполнителя с одним именем — ошибка программиста, видна при старте")]
    fn put(&mut self, name: &'static str, runner: Runner) {
        if self.runners.insert(name, runner).is_some() {
            panic!("job name {name} is registered twice");
        }
    }

    /// Добавляет объявленное другим приложением.
    pub fn merge(&mut self, other: Registry) {
        for (name, runner) in other.runners {
            self.put(name, runner);
        }
        for (event, names) in other.listeners {
            self.listeners.entry(event).or_default().extend(names);
        }
        self.schedules.extend(other.schedules);
    }

    pub(crate) fn listeners_of(&self, event: &str) -> impl Iterator<Item = &'static str> {
        self.listeners.get(event).into_iter().flatten().copied()
    }

    pub(crate) fn runner(&self, name: &str) -> Option<Runner> {
        self.runners.get(name).copied()
    }
}

fn run_listener<'a, L: Listener>(work: &'a mut Work, payload: &'a str) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        let event = serde_json::from_str(payload)?;
        L::handle(work, event).await
    })
}

fn run_job<'a, J: Job>(ctx: &'a Ctx, payload: &'a str) -> BoxFuture<'a, Result<(), JobError>> {
    Box::pin(async move {
        let job: J = serde_json::from_str(payload).map_err(|e| JobError::Fail(Error::from(e)))?;
        job.run(ctx).await
    })
}
