//! Приложение для тестов ядра.

use axum::response::Response;
use chrono::{DateTime, Utc};
use http::StatusCode;
use kernel::data::Migration;
use kernel::events::{Event, Listener, Subject};
use kernel::http::{Created, Once, Paging, Params, PathParam, Routes, Valid};
use kernel::{Access, Actor, App, Ctx, Error, Job, JobError, Money, OrNotFound, Permission, Result, Timestamp, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::sync::{Notify, Semaphore};
use utoipa_axum::routes;

pub mod note {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notes")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub title: String,
        pub price: Money,
        pub stock: i64,
        pub created_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(Clone, Debug, Deserialize, garde::Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteIn {
    #[garde(length(chars, min = 2, max = 20))]
    pub title: String,
    #[garde(skip)]
    pub price: Money,
    #[garde(range(min = 0, max = 1000))]
    #[serde(default)]
    pub stock: i64,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct NoteOut {
    pub id: i64,
    pub title: String,
    pub price: Money,
    pub stock: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct NoteAdded {
    pub note_id: i64,
}

impl Event for NoteAdded {
    const NAME: &'static str = "notes.note_added";

    fn subject(&self) -> Subject {
        Subject::new("notes.note", self.note_id)
    }
}

/// Слушатель: прибавляет единицу остатка.
pub struct AddOne;

impl Listener for AddOne {
    const NAME: &'static str = "notes.add_one";
    type Event = NoteAdded;

    async fn handle(work: &mut Work, event: NoteAdded) -> Result<()> {
        note::Entity::update_many()
            .col_expr(note::Column::Stock, Expr::cust("stock + 1"))
            .filter(note::Column::Id.eq(event.note_id))
            .exec(work.db())
            .await?;
        Ok(())
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Fail {
    pub hopeless: bool,
}

impl Job for Fail {
    const NAME: &'static str = "notes.fail";

    async fn run(self, _ctx: &Ctx) -> Result<(), JobError> {
        let error = Error::refused("notes.failed");
        Err(if self.hopeless { JobError::Fail(error) } else { JobError::Retry(error) })
    }
}

/// Ждёт назначенного часа.
#[derive(Debug, Serialize, Deserialize)]
pub struct Patient {
    pub till: DateTime<Utc>,
}

impl Job for Patient {
    const NAME: &'static str = "notes.patient";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        if ctx.now() < self.till { Err(JobError::Later(self.till)) } else { Ok(()) }
    }
}

/// Начатая задача ждёт, пока тест её отпустит, и говорит, что дошла до конца.
#[derive(Default)]
pub struct Gate {
    pub begun: Notify,
    pub open: Notify,
    pub finished: AtomicBool,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Wait;

impl Job for Wait {
    const NAME: &'static str = "notes.wait";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let gate = ctx.service::<Gate>();
        gate.begun.notify_one();
        gate.open.notified().await;
        gate.finished.store(true, Ordering::SeqCst);
        Ok(())
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Hourly;

impl Job for Hourly {
    const NAME: &'static str = "notes.hourly";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
            add(work, &NoteIn { title: "час".into(), price: Money::ZERO, stock: 0 }).await
        })
        .await?;
        Ok(())
    }
}

async fn add(work: &mut Work, input: &NoteIn) -> Result<NoteOut> {
    let row = note::ActiveModel {
        title: Set(input.title.clone()),
        price: Set(input.price),
        stock: Set(input.stock),
        created_at: Set(work.timestamp()),
        ..Default::default()
    };
    let row = row.insert(work.db()).await?;
    work.invalidate("notes");
    Ok(NoteOut { id: row.id, title: row.title, price: row.price, stock: row.stock })
}

#[utoipa::path(post, path = "/notes/", request_body = NoteIn, responses((status = 201, body = NoteOut)))]
async fn create_note(ctx: Ctx, actor: Actor, once: Once<NoteIn>) -> Result<Response> {
    once.run(&ctx, &actor, "test", StatusCode::CREATED, async move |work: &mut Work, input: &NoteIn| {
        let out = add(work, input).await?;
        work.emit(&NoteAdded { note_id: out.id }).await?;
        Ok(out)
    })
    .await
}

#[utoipa::path(post, path = "/notes/plain", request_body = NoteIn, responses((status = 201, body = NoteOut)))]
async fn create_plain(ctx: Ctx, actor: Actor, Valid(input): Valid<NoteIn>) -> Result<Created<NoteOut>> {
    let out = ctx.atomic(&actor, async move |work: &mut Work| add(work, &input).await).await?;
    Ok(Created(out))
}

#[derive(Debug, Deserialize, garde::Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NoteFilter {
    #[garde(length(max = 20))]
    pub title: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct NoteList {
    pub notes: Vec<NoteOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

#[utoipa::path(get, path = "/notes/", params(NoteFilter, Paging), responses((status = 200, body = NoteList)))]
async fn list_notes(ctx: Ctx, Params(filter): Params<NoteFilter>, paging: Paging) -> Result<axum::Json<NoteList>> {
    let mut find = note::Entity::find();
    if let Some(title) = filter.title {
        find = find.filter(note::Column::Title.eq(title));
    }
    let total = sea_orm::PaginatorTrait::count(find.clone(), ctx.db()).await?;
    let rows = find.order_by_asc(note::Column::Id).offset(paging.offset).limit(paging.limit).all(ctx.db()).await?;
    let notes =
        rows.into_iter().map(|r| NoteOut { id: r.id, title: r.title, price: r.price, stock: r.stock }).collect();
    Ok(axum::Json(NoteList { notes, total, page: paging.page(), page_size: paging.limit }))
}

#[utoipa::path(get, path = "/notes/{id}", params(("id" = i64, Path)), responses((status = 200, body = NoteOut)))]
async fn read_note(ctx: Ctx, PathParam(id): PathParam<i64>) -> Result<axum::Json<NoteOut>> {
    let row = note::Entity::find_by_id(id).one(ctx.db()).await?.or_not_found("notes.not_found")?;
    Ok(axum::Json(NoteOut { id: row.id, title: row.title, price: row.price, stock: row.stock }))
}

#[utoipa::path(post, path = "/notes/{id}/take", params(("id" = i64, Path)), responses((status = 200, body = NoteOut)))]
async fn take_note(ctx: Ctx, actor: Actor, PathParam(id): PathParam<i64>) -> Result<axum::Json<serde_json::Value>> {
    ctx.atomic(&actor, async move |work: &mut Work| {
        let taken = note::Entity::update_many()
            .col_expr(note::Column::Stock, Expr::cust("stock - 1"))
            .filter(note::Column::Id.eq(id))
            .filter(note::Column::Stock.gte(1))
            .exec(work.db())
            .await?;
        if taken.rows_affected == 0 { Err(Error::refused("notes.empty")) } else { Ok(()) }
    })
    .await?;
    Ok(axum::Json(serde_json::json!({"ok": true})))
}

/// Заметки для всех: ответ из кэша. `x-made` меняется с каждым входом в обработчик.
#[utoipa::path(get, path = "/notes/board", responses((status = 200, body = [NoteOut])))]
async fn read_board(ctx: Ctx) -> Result<Response> {
    let own = ctx.clone();
    let body = ctx.cache().body("notes", "board".into(), async move || {
        let rows = note::Entity::find().order_by_asc(note::Column::Id).all(own.db()).await?;
        let notes: Vec<NoteOut> =
            rows.into_iter().map(|r| NoteOut { id: r.id, title: r.title, price: r.price, stock: r.stock }).collect();
        Ok(serde_json::to_vec(&notes)?.into())
    });
    let mut response = body.await?.for_everyone();
    if let Ok(made) = ctx.random().token().parse() {
        response.headers_mut().insert("x-made", made);
    }
    Ok(response)
}

const SECRET: Permission = Permission::new("notes.secret", "Тайное");

#[utoipa::path(get, path = "/notes/secret", responses((status = 200)))]
async fn read_secret() -> &'static str {
    "secret"
}

/// Посетители, вошедшие в обработчик; каждый держит транзакцию, пока тест его не отпустит.
pub struct Crowd {
    pub entered: AtomicUsize,
    pub open: Semaphore,
}

#[utoipa::path(post, path = "/notes/hold", responses((status = 200)))]
async fn hold(ctx: Ctx, actor: Actor) -> Result<&'static str> {
    let crowd = ctx.service::<Crowd>();
    crowd.entered.fetch_add(1, Ordering::SeqCst);
    ctx.atomic(&actor, async move |_: &mut Work| {
        crowd.open.acquire().await.map_err(Error::internal)?.forget();
        Ok("held")
    })
    .await
}

fn routes(_: &Ctx) -> Routes {
    Routes::new("Заметки")
        .add(routes!(list_notes, create_note), Access::Public)
        .add(routes!(create_plain), Access::Public)
        .add(routes!(read_note), Access::Public)
        .add(routes!(take_note), Access::Public)
        .add(routes!(hold), Access::Public)
        .add(routes!(read_board), Access::Visitor)
        .add(routes!(read_secret), Access::Staff(SECRET))
}

const MIGRATIONS: &[Migration] = &[Migration::new(
    "m0001_create_notes",
    "CREATE TABLE notes (\n  id {id},\n  title VARCHAR(40) NOT NULL UNIQUE,\n  price BIGINT NOT NULL,\n  stock BIGINT NOT NULL,\n  created_at {time} NOT NULL,\n  CONSTRAINT notes_stock CHECK (stock >= 0)\n);\nCREATE INDEX notes_by_price ON notes (price);\n",
)];

const RU: &str = "not_found = \"Заметки нет.\"\nempty = \"Больше нет.\"\nfailed = \"Не вышло.\"\n";
const EN: &str = "not_found = \"No such note.\"\nempty = \"None left.\"\nfailed = \"Failed.\"\n";

pub fn app() -> App {
    App::new("notes", "Заметки")
        .migrations(MIGRATIONS)
        .texts(RU, EN)
        .permissions(&[SECRET])
        .table::<note::Entity>()
        .routes(routes)
        .listener::<AddOne>()
        .job::<Fail>()
        .job::<Patient>()
        .job::<Wait>()
        .every::<Hourly>("0 * * * *")
}
