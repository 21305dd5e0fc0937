//! Своё: фоновые задачи и журнал, объявленные тем же, чем пользуются приложения.

use futures::FutureExt;
use kernel::jobs::{self, job_row};
use kernel::{Ctx, Result};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;

use crate::cell::{Cell, Choice, Tone, badge, object_url};
use crate::declare::{Action, Figures, Filter, Model, Screen, Tile};
use crate::log;

pub mod permissions {
    //! Права админки. Что внутри — решают права приложений.

    use kernel::Permission;

    pub const ENTER: Permission = Permission::new("admin.enter", "Админка: вход");
    pub const VIEW_JOBS: Permission = Permission::new("admin.view_jobs", "Фоновые задачи: просмотр");
    /// Повторить и удалить.
    pub const CHANGE_JOBS: Permission = Permission::new("admin.change_jobs", "Фоновые задачи: повтор и удаление");
    pub const VIEW_LOG: Permission = Permission::new("admin.view_log", "Журнал админки: просмотр");

    /// Настройки магазина, и секреты тоже.
    pub const CHANGE_SETTINGS: Permission = Permission::new("admin.change_settings", "Настройки магазина: изменение");

    pub const ALL: &[Permission] = &[ENTER, VIEW_JOBS, CHANGE_JOBS, VIEW_LOG, CHANGE_SETTINGS];
    pub const MANAGER: &[Permission] = &[ENTER];
    pub const MODERATOR: &[Permission] = &[ENTER];
}

const STATUSES: &[Choice] = &[
    Choice::new(jobs::WAITING, ("ждёт", "waiting"), Tone::Wait),
    Choice::new(jobs::DEAD, ("не вышло", "failed"), Tone::Bad),
];

/// Задачи: что ждёт и что не вышло.
pub(crate) fn jobs() -> Screen {
    use job_row::{Column, Entity};
    Model::<Entity>::new("admin", "job", ("Фоновые задачи", "Jobs"), ("Задача", "Job"), permissions::VIEW_JOBS)
        .label(|job| format!("{} № {}", job.name, job.id))
        .column(("Задача", "Job"), |job| job.name.clone().into())
        .column(("Состояние", "Status"), |job| badge(STATUSES, &job.status))
        .column(("Когда", "Due"), |job| job.run_at.into())
        .column(("Попыток", "Attempts"), |job| job.attempts.into())
        .column(("Ошибка", "Error"), |job| job.last_error.clone().into())
        .filter(Filter::choice("status", ("Состояние", "Status"), Column::Status, STATUSES))
        .search(("название задачи целиком", "full job name"), |text| {
            Condition::all().add(Column::Name.eq(text))
        })
        .group(("Задача", "Job"))
        .line(("Название", "Name"), |job| job.name.clone().into())
        .line(("Состояние", "Status"), |job| badge(STATUSES, &job.status))
        .line(("Выполнить не раньше", "Not before"), |job| job.run_at.into())
        .line(("Попыток", "Attempts"), |job| job.attempts.into())
        .line(("Поставлена", "Created"), |job| job.created_at.into())
        .line(("Последняя ошибка", "Last error"), |job| {
            job.last_error.clone().map_or(Cell::Empty, Cell::Long)
        })
        .action(
            Action::<Entity>::new("retry", ("Повторить", "Retry"), permissions::CHANGE_JOBS, |work, id, _| {
                async move { jobs::retry_in(work.db(), id, work.timestamp()).await }.boxed()
            })
            .note(("Задача выполнится сразу, попытки считаются заново.", "The job runs at once with fresh attempts."))
            .when(|job| job.locked_by.is_none())
            .bulk(),
        )
        .action(
            Action::<Entity>::new("drop", ("Удалить", "Drop"), permissions::CHANGE_JOBS, |work, id, _| {
                async move { jobs::drop_in(work.db(), id).await }.boxed()
            })
            .note(("Дело так и не будет сделано.", "The work will never be done."))
            .when(|job| job.locked_by.is_none())
            .danger()
            .bulk(),
        )
        .screen()
}

/// Журнал: кто что сделал в админке.
pub(crate) fn log() -> Screen {
    use log::entity::{Column, Entity};
    Model::<Entity>::new("admin", "log", ("Журнал", "Audit log"), ("Запись", "Entry"), permissions::VIEW_LOG)
        .label(|row| format!("{} — {}", row.label, row.action))
        .column(("Когда", "When"), |row| row.created_at.into())
        .column(("Кто", "Who"), |row| Cell::Actor(row.actor.clone()))
        .column(("Что", "Object"), |row| Cell::Link(object_url(&row.model, row.object_id), row.label.clone()))
        .column(("Дело", "Action"), |row| row.action.clone().into())
        .column(("Изменилось", "Changes"), |row| changes(&row.changes))
        .search(("номер человека: 17", "user number: 17"), |text| {
            Condition::all().add(Column::UserId.eq(text.parse::<i64>().unwrap_or_default()))
        })
        .group(("Запись", "Entry"))
        .line(("Когда", "When"), |row| row.created_at.into())
        .line(("Кто", "Who"), |row| Cell::Actor(row.actor.clone()))
        .line(("Модель", "Model"), |row| row.model.clone().into())
        .line(("Объект", "Object"), |row| Cell::Link(object_url(&row.model, row.object_id), row.label.clone()))
        .line(("Дело", "Action"), |row| row.action.clone().into())
        .line(("Изменилось", "Changes"), |row| changes(&row.changes))
        .screen()
}

fn changes(text: &str) -> Cell {
    let lines = log::changes(text).into_iter().map(|change| match change.before.as_str() {
        "" => format!("{}: {}", change.field, change.after),
        before => format!("{}: {before} → {}", change.field, change.after),
    });
    Cell::Long(lines.collect::<Vec<_>>().join("\n"))
}

/// Плитка: сколько задач ждёт и сколько не вышло.
pub(crate) fn waiting_jobs() -> Tile {
    Tile {
        words: ("Фоновые задачи", "Jobs"),
        permission: permissions::VIEW_JOBS,
        url: "/admin/admin/job?status=dead",
        load: |ctx| count_jobs(ctx).boxed(),
    }
}

async fn count_jobs(ctx: &Ctx) -> Result<Figures> {
    let counts = jobs::count(ctx).await?;
    let dead = format!("{}", counts.dead);
    let note = Cell::Badge(("нет неудачных", "none failed"), Tone::Good);
    let failed = Cell::Text(format!("✕ {dead}"));
    Ok(Figures {
        value: Cell::Number(i64::try_from(counts.waiting).unwrap_or(i64::MAX)),
        note: if counts.dead == 0 { note } else { failed },
        bars: Vec::new(),
    })
}
