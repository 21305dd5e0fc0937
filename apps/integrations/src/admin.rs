//! Админка: прислать файл, увидеть пробу, загрузить; журнал загрузок с исходом каждой строки.

use admin::{Action, Cell, Choice, Field, Filter, Input, Model, Panel, Screen, SettingsOf, Table, Tone};
use kernel::{Actor, Ctx, Error, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect};

use crate::models::import_file::{self, Entity as File, FileStatus};
use crate::models::import_row::{self, Entity as Row};
use crate::models::import_run::{self, Entity as Run};
use crate::permissions::{RUN_IMPORT, VIEW_IMPORT};
use crate::services::files;

const FILE_STATUSES: &[Choice] = &[
    Choice::new("checking", ("проверяется", "being checked"), Tone::Wait),
    Choice::new("checked", ("проверен, можно загружать", "checked, ready to import"), Tone::Wait),
    Choice::new("refused", ("не принят", "refused"), Tone::Bad),
    Choice::new("loading", ("загружается", "being imported"), Tone::Wait),
    Choice::new("loaded", ("загружен", "imported"), Tone::Good),
    Choice::new("failed", ("не загрузился", "failed"), Tone::Bad),
];

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

const ENTITIES: &[Choice] = &[
    Choice::plain("product", ("товар", "product")),
    Choice::plain("variant", ("вариант", "variant")),
    Choice::plain("price", ("цена", "price")),
    Choice::plain("stock", ("остаток", "stock")),
    Choice::plain("group", ("раздел", "section")),
    Choice::plain("property", ("характеристика", "attribute")),
];

/// Строк с отказами прямо в карточке; все — по ссылке, с листанием и выгрузкой.
const REFUSED_ROWS: u64 = 20;

pub fn files() -> Screen {
    use import_file::Column;
    Model::<File>::new("integrations", "file", ("Загрузка файла", "File import"), ("Файл", "File"), VIEW_IMPORT)
        .label(|file| file.name.clone())
        .column(("Файл", "File"), |file| file.name.clone().into())
        .column(("Состояние", "Status"), |file| Cell::coded(FILE_STATUSES, &file.status))
        .column(("Размер", "Size"), |file| size(file.size))
        .column(("Прислан", "Uploaded"), |file| file.created_at.into())
        .filter(Filter::choice("status", ("Состояние", "Status"), Column::Status, FILE_STATUSES))
        .moving(|file| file.status.is_busy())
        .group(("Файл", "File"))
        .line(("Состояние", "Status"), |file| Cell::coded(FILE_STATUSES, &file.status))
        .line(("Ход", "Progress"), progress)
        .line(("Почему не принят", "Why refused"), |file| {
            file.error_code.clone().map_or(Cell::Empty, |code| Cell::Said(code, file.error_detail.clone()))
        })
        .line(("Размер", "Size"), |file| size(file.size))
        .line(("Прислал", "By"), |file| Cell::Actor(file.actor.clone()))
        .line(("Прислан", "Uploaded"), |file| file.created_at.into())
        .line(("Изменилось", "Changed"), |file| file.updated_at.into())
        .panel(Panel::new(("Итоги", "Results"), VIEW_IMPORT, |ctx, id| Box::pin(runs_of(ctx, id))))
        .panel(Panel::new(("Отказы и предупреждения", "Refusals and warnings"), VIEW_IMPORT, |ctx, id| {
            Box::pin(problems_of(ctx, id))
        }))
        .add(
            RUN_IMPORT,
            [Field::files("file", ("Файл выгрузки", "Export file")).required().hint((
                "1С (CommerceML: XML или архив ZIP), CSV, JSONL. Сначала будет проба: она покажет, что изменится, и не изменит ничего.",
                "1C (CommerceML: XML or ZIP), CSV, JSONL. First a trial shows what would change and changes nothing.",
            ))],
            |work, input| Box::pin(add(work, input)),
        )
        .prepare(|ctx, actor, input| Box::pin(store(ctx, actor, input)))
        .action(
            Action::<File>::new("apply", ("Загрузить в каталог", "Import into the catalogue"), RUN_IMPORT, |work, id, _| {
                Box::pin(files::apply(work, id))
            })
            .note((
                "Загрузится этот же файл. Оборвётся — продолжится сама; повтор ничего не удвоит.",
                "This very file will be imported. If interrupted, it resumes; a repeat doubles nothing.",
            ))
            .when(|file| matches!(file.status, FileStatus::Checked | FileStatus::Failed)),
        )
        .screen()
}

fn size(bytes: i64) -> Cell {
    Cell::Text(format!("{} КБ", (bytes + 1023) / 1024))
}

fn progress(file: &import_file::Model) -> Cell {
    if file.status.is_busy() { Cell::Progress(file.bytes_done, file.bytes_total) } else { Cell::Empty }
}

/// Файл — в хранилище, до транзакции; чужое и враждебное отказывает здесь же.
async fn store(ctx: &Ctx, _: &Actor, input: Input) -> Result<Input> {
    let [file] = input.files.as_slice() else {
        return Err(Error::invalid("file", if input.files.is_empty() { "required" } else { "integrations.one_file" }));
    };
    let (name, size) = (file.name.clone(), file.bytes.len());
    let key = files::store(ctx, &name, file.bytes.clone()).await?;
    Ok(input.with("name", name).with("size", size).with("storage_key", key))
}

async fn add(work: &mut Work, input: Input) -> Result<i64> {
    let size = input.values.get("size").and_then(serde_json::Value::as_i64).unwrap_or_default();
    files::add(work, input.text("name"), size, input.text("storage_key")).await
}

/// Запуски этого файла: что заведено, изменено, отвергнуто — рисунком.
async fn runs_of(ctx: &Ctx, file: i64) -> Result<Table> {
    let mut table = Table::new([
        ("Запуск", "Run"),
        ("Состояние", "Status"),
        ("Записей: товары, варианты, цены, остатки", "Records: products, variants, prices, stock"),
        ("Когда", "When"),
    ]);
    let find = Run::find().filter(import_run::Column::FileId.eq(file)).order_by_desc(import_run::Column::Id);
    for run in find.all(ctx.db_fresh()).await? {
        table.row([
            Cell::Object("integrations.import", run.id, title(&run)),
            Cell::coded(STATUSES, &run.status),
            parts(&run),
            run.started_at.into(),
        ]);
    }
    Ok(table)
}

fn title(run: &import_run::Model) -> String {
    format!("{} №\u{a0}{}", if run.is_trial { "Проба" } else { "Загрузка" }, run.id)
}

fn parts(run: &import_run::Model) -> Cell {
    Cell::Parts(vec![
        (("заведено", "created"), run.created_count, Tone::Good),
        (("изменено", "changed"), run.changed_count, Tone::Plain),
        (("без изменений", "unchanged"), run.unchanged_count, Tone::Quiet),
        (("скрыто", "hidden"), run.hidden_count, Tone::Quiet),
        (("ждёт товара", "pending"), run.pending_count, Tone::Wait),
        (("отказов", "refused"), run.refused_count, Tone::Bad),
    ])
}

async fn problems_of(ctx: &Ctx, file: i64) -> Result<Table> {
    let last = Run::find().filter(import_run::Column::FileId.eq(file)).order_by_desc(import_run::Column::Id);
    match last.one(ctx.db_fresh()).await? {
        Some(run) => problems(ctx, run.id).await,
        None => Ok(Table::default()),
    }
}

async fn problems(ctx: &Ctx, run: i64) -> Result<Table> {
    let mut table = Table::new([("Исход", "Outcome"), ("Номер в файле", "Id"), ("Где", "Where"), ("Почему", "Why")]);
    let bad = [import_row::Outcome::Refused, import_row::Outcome::Warning, import_row::Outcome::Pending];
    let find = Row::find().filter(import_row::Column::RunId.eq(run)).filter(import_row::Column::Outcome.is_in(bad));
    let find = find.order_by_asc(import_row::Column::Outcome).order_by_asc(import_row::Column::Id).limit(REFUSED_ROWS);
    for row in find.all(ctx.db_fresh()).await? {
        table.row([Cell::coded(OUTCOMES, &row.outcome), row.external_id.clone().into(), place(&row), why(&row)]);
    }
    let rows = |more: &str| format!("/admin/integrations/row?run={run}{more}");
    Ok(table
        .link(("Все строки", "All rows"), rows(""))
        .link(("Только отказы", "Refused only"), rows("&outcome=refused")))
}

fn place(row: &import_row::Model) -> Cell {
    Cell::Text(if row.line > 0 { format!("{}:{}", row.file, row.line) } else { row.file.clone() })
}

fn why(row: &import_row::Model) -> Cell {
    row.code.clone().map_or(Cell::Empty, |code| Cell::Said(code, row.detail.clone()))
}

/// Строки одного запуска: сюда приходят из карточки, отсюда выгружают.
pub fn rows() -> Screen {
    use import_row::Column;
    Model::<Row>::new("integrations", "row", ("Строки загрузки", "Import rows"), ("Строка", "Row"), VIEW_IMPORT)
        .label(|row| format!("Строка № {}", row.id))
        .order(Column::Id, false)
        .column(("Исход", "Outcome"), |row| Cell::coded(OUTCOMES, &row.outcome))
        .column(("Что", "Entity"), |row| admin::badge(ENTITIES, &row.entity))
        .column(("Номер в файле", "Id"), |row| row.external_id.clone().into())
        .column(("Где", "Where"), place)
        .column(("Почему", "Why"), why)
        .filter(Filter::id("run", ("Загрузка, №", "Import, No"), Column::RunId))
        .filter(Filter::choice("outcome", ("Исход", "Outcome"), Column::Outcome, OUTCOMES))
        .group(("Строка", "Row"))
        .line(("Загрузка", "Import"), |row| {
            Cell::Object("integrations.import", row.run_id, format!("№ {}", row.run_id))
        })
        .line(("Исход", "Outcome"), |row| Cell::coded(OUTCOMES, &row.outcome))
        .line(("Что", "Entity"), |row| admin::badge(ENTITIES, &row.entity))
        .line(("Номер в файле", "Id"), |row| row.external_id.clone().into())
        .line(("Где", "Where"), place)
        .line(("Почему", "Why"), why)
        .hidden()
        .screen()
}

pub fn imports() -> Screen {
    use import_run::Column;
    Model::<Run>::new("integrations", "import", ("Журнал загрузок", "Imports"), ("Загрузка", "Import"), VIEW_IMPORT)
        .label(title)
        .column(("Загрузка", "Import"), |run| title(run).into())
        .column(("Состояние", "Status"), |run| Cell::coded(STATUSES, &run.status))
        .column(("Откуда", "Source"), |run| run.source.clone().into())
        .column(("Заведено", "Created"), |run| run.created_count.into())
        .column(("Изменено", "Changed"), |run| run.changed_count.into())
        .column(("Отказов", "Refused"), |run| run.refused_count.into())
        .column(("Начата", "Started"), |run| run.started_at.into())
        .filter(Filter::choice("status", ("Состояние", "Status"), Column::Status, STATUSES))
        .filter(Filter::flag("trial", ("Проба", "Trial"), Column::IsTrial))
        .search(("номер загрузки", "import number"), |text| {
            Condition::all().add(Column::Id.eq(text.parse::<i64>().unwrap_or_default()))
        })
        .group(("Загрузка", "Import"))
        .line(("Состояние", "Status"), |run| Cell::coded(STATUSES, &run.status))
        .line(("Проба", "Trial"), |run| run.is_trial.into())
        .line(("Файл", "File"), |run| match run.file_id {
            Some(id) => Cell::Object("integrations.file", id, run.path.clone()),
            None => run.path.clone().into(),
        })
        .line(("Кто", "Who"), |run| Cell::Actor(run.actor.clone()))
        .line(("Начата", "Started"), |run| run.started_at.into())
        .line(("Закончена", "Finished"), |run| run.finished_at.into())
        .line(("Ошибка", "Error"), |run| run.error.clone().into())
        .group(("Итоги", "Results"))
        .line(("Всё вместе", "All together"), parts)
        .line(("Заведено", "Created"), |run| run.created_count.into())
        .line(("Изменено", "Changed"), |run| run.changed_count.into())
        .line(("Без изменений", "Unchanged"), |run| run.unchanged_count.into())
        .line(("Скрыто", "Hidden"), |run| run.hidden_count.into())
        .line(("Ждут своего товара", "Pending"), |run| run.pending_count.into())
        .line(("Отказов", "Refused"), |run| run.refused_count.into())
        .line(("Предупреждений", "Warnings"), |run| run.warning_count.into())
        .panel(Panel::new(
            ("Отказы и предупреждения", "Refusals and warnings"),
            VIEW_IMPORT,
            |ctx, id| Box::pin(problems(ctx, id)),
        ))
        .screen()
}

pub fn settings() -> SettingsOf {
    SettingsOf::new(
        "integrations",
        ("Загрузка каталога", "Catalogue import"),
        (
            "Какие виды цен учётной системы считать розничными и старыми.",
            "Which price types are retail and old prices.",
        ),
        [
            Field::lines("retail_price_types", ("Розничные виды цен", "Retail price types"))
                .hint(("По одному в строке, важные — выше. Ид или название.", "One per line, most important first.")),
            Field::lines("old_price_types", ("Виды старых цен", "Old price types")),
        ],
    )
}
