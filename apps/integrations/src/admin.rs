//! Админка: журнал загрузок с исходами строк.

use admin::{Cell, Choice, Filter, Model, Panel, Screen, Table, Tone};
use kernel::{Ctx, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect};
use serde_json::Value;

use crate::models::import_row;
use crate::models::import_run::{Column, Entity as Run};
use crate::permissions::VIEW_IMPORT;

const STATUSES: &[Choice] = &[
    Choice::new("running", ("идёт или оборвалась", "running or cut off"), Tone::Wait),
    Choice::new("done", ("готово", "done"), Tone::Good),
    Choice::new("failed", ("не вышло", "failed"), Tone::Bad),
];

const OUTCOMES: &[Choice] = &[
    Choice::new("created", ("заведено", "created"), Tone::Good),
    Choice::plain("changed", ("изменено", "changed")),
    Choice::new("hidden", ("скрыто", "hidden"), Tone::Quiet),
    Choice::new("pending", ("ждёт товара", "pending"), Tone::Wait),
    Choice::new("refused", ("отказ", "refused"), Tone::Bad),
    Choice::new("warning", ("предупреждение", "warning"), Tone::Wait),
];

/// Строк одной загрузки в карточке: сперва отказы.
const ROWS: u64 = 200;

pub fn imports() -> Screen {
    Model::<Run>::new("integrations", "import", ("Загрузки", "Imports"), ("Загрузка", "Import"), VIEW_IMPORT)
        .label(|run| format!("Загрузка № {}", run.id))
        .column(("Загрузка", "Import"), |run| format!("№ {}", run.id).into())
        .column(("Состояние", "Status"), |run| Cell::coded(STATUSES, &run.status))
        .column(("Откуда", "Source"), |run| run.source.clone().into())
        .column(("Заведено", "Created"), |run| run.created_count.into())
        .column(("Изменено", "Changed"), |run| run.changed_count.into())
        .column(("Отказов", "Refused"), |run| run.refused_count.into())
        .column(("Начата", "Started"), |run| run.started_at.into())
        .filter(Filter::choice("status", ("Состояние", "Status"), Column::Status, STATUSES))
        .search(("номер загрузки", "import number"), |text| {
            Condition::all().add(Column::Id.eq(text.parse::<i64>().unwrap_or_default()))
        })
        .group(("Загрузка", "Import"))
        .line(("Состояние", "Status"), |run| Cell::coded(STATUSES, &run.status))
        .line(("Файл", "File"), |run| run.path.clone().into())
        .line(("Кто", "Who"), |run| run.actor.clone().into())
        .line(("Начата", "Started"), |run| run.started_at.into())
        .line(("Закончена", "Finished"), |run| run.finished_at.into())
        .line(("Ошибка", "Error"), |run| run.error.clone().into())
        .group(("Итоги", "Results"))
        .line(("Заведено", "Created"), |run| run.created_count.into())
        .line(("Изменено", "Changed"), |run| run.changed_count.into())
        .line(("Без изменений", "Unchanged"), |run| run.unchanged_count.into())
        .line(("Скрыто", "Hidden"), |run| run.hidden_count.into())
        .line(("Ждут своего товара", "Pending"), |run| run.pending_count.into())
        .line(("Отказов", "Refused"), |run| run.refused_count.into())
        .line(("Предупреждений", "Warnings"), |run| run.warning_count.into())
        .panel(Panel::new(("Строки", "Rows"), VIEW_IMPORT, |ctx, id| Box::pin(rows(ctx, id))))
        .screen()
}

async fn rows(ctx: &Ctx, run: i64) -> Result<Table> {
    let mut table = Table::new([
        ("Исход", "Outcome"),
        ("Что", "Entity"),
        ("Номер в файле", "Id"),
        ("Где", "Where"),
        ("Почему", "Why"),
    ]);
    let find = import_row::Entity::find().filter(import_row::Column::RunId.eq(run));
    let find = find.order_by_desc(import_row::Column::Outcome).order_by_asc(import_row::Column::Id).limit(ROWS);
    for row in find.all(ctx.db()).await? {
        let args: Value = serde_json::from_str(&row.detail).unwrap_or_default();
        table.row([
            Cell::coded(OUTCOMES, &row.outcome),
            row.entity.clone().into(),
            row.external_id.clone().into(),
            Cell::Text(format!("{}:{}", row.file, row.line)),
            row.code.map(|code| ctx.texts().get(ctx.lang(), &code, &args)).into(),
        ]);
    }
    Ok(table)
}
