//! Маленький магазин: доска с кэшем и задача, которая оставляет строку.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::response::Response;
use kernel::http::Routes;
use kernel::{Access, Actor, App, Ctx, Job, JobError, Migration, Result, Work};
use megashop_cluster::Links;
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use testkit::{Proxy, TestApp};
use tokio::sync::Semaphore;
use utoipa_axum::routes;

/// Строка доски; за что отвечает и кто её оставил, решает тест.
pub mod mark {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "marks")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub label: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Сколько раз этот экземпляр вычислял доску; ворота держат вычисление между чтением базы и ответом.
pub struct Board {
    pub computed: AtomicUsize,
    pub begun: AtomicUsize,
    pub gate: Semaphore,
}

/// Оставляет строку: сколько раз выполнена — столько и строк.
#[derive(Debug, Serialize, Deserialize)]
pub struct Leave {
    pub label: String,
}

impl Job for Leave {
    const NAME: &'static str = "marks.leave";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let label = self.label;
        ctx.atomic(&Actor::System("test"), async move |work: &mut Work| add(work, &label).await).await?;
        Ok(())
    }
}

async fn add(work: &mut Work, label: &str) -> Result<()> {
    let row = mark::ActiveModel { label: Set(label.to_owned()), ..Default::default() };
    mark::Entity::insert(row).exec_without_returning(work.db()).await?;
    Ok(())
}

/// Доска для всех: её показывает и готовая полка.
#[utoipa::path(get, path = "/marks/board", responses((status = 200)))]
async fn read_board(ctx: Ctx) -> Result<Response> {
    let own = ctx.clone();
    let body = ctx.cache().body_showing("marks", "board".into(), async move || {
        let board = own.service::<Board>();
        let labels: Vec<String> =
            mark::Entity::find().all(own.db_fresh()).await?.into_iter().map(|row| row.label).collect();
        board.begun.fetch_add(1, Ordering::SeqCst);
        let _open = board.gate.acquire().await.expect("the gate is never closed");
        board.computed.fetch_add(1, Ordering::SeqCst);
        Ok((serde_json::to_vec(&labels)?.into(), vec![7, 8]))
    });
    Ok(body.await?.for_everyone())
}

fn routes(_: &Ctx) -> Routes {
    Routes::new("Метки").add(routes!(read_board), Access::Visitor)
}

const MIGRATIONS: &[Migration] =
    &[Migration::new("m0001_create_marks", "CREATE TABLE marks (\n  id {id},\n  label VARCHAR(40) NOT NULL\n);\n")];

fn start(ctx: &Ctx) {
    ctx.provide(Board { computed: AtomicUsize::new(0), begun: AtomicUsize::new(0), gate: Semaphore::new(1) });
    ctx.provide(megashop_cluster::join(ctx).expect("good addresses"));
}

pub fn apps() -> Vec<App> {
    let app = App::new("marks", "Метки").migrations(MIGRATIONS).table::<mark::Entity>();
    vec![app.routes(routes).job::<Leave>().start(start)]
}

/// Два экземпляра на одной базе и с одними настройками, уже связанные.
pub async fn pair(settings: &str) -> (TestApp, TestApp) {
    let one = TestApp::with_settings(apps(), settings).await;
    let other = one.twin(apps(), settings).await;
    for app in [&one, &other] {
        connected(app, settings).await;
    }
    (one, other)
}

pub async fn connected(app: &TestApp, settings: &str) {
    let links = links(app);
    if settings.contains("redis://") {
        until("redis is connected", async || links.redis_is_connected()).await;
    }
    if settings.contains("amqp://") {
        until("rabbitmq is connected", async || links.broker_is_connected()).await;
    }
}

pub fn links(app: &TestApp) -> Arc<Links> {
    app.ctx.service::<Links>()
}

pub fn board(app: &TestApp) -> Arc<Board> {
    app.ctx.service::<Board>()
}

/// Что видно на доске экземпляра.
pub async fn shown(app: &TestApp) -> Vec<String> {
    serde_json::from_slice(&app.anon().get("/api/v1/marks/board").await.expect(200).body).expect("labels")
}

/// Перемена доски через этот экземпляр.
pub async fn write(app: &TestApp, label: &str) {
    let label = label.to_owned();
    let work = async move |work: &mut Work| {
        work.invalidate("marks");
        add(work, &label).await
    };
    app.ctx.atomic(&Actor::System("test"), work).await.expect("write");
}

/// Та же перемена, отмеченная предметом, а не темой.
pub async fn touch(app: &TestApp, label: &str, id: i64) {
    let label = label.to_owned();
    let work = async move |work: &mut Work| {
        work.touch([id]);
        add(work, &label).await
    };
    app.ctx.atomic(&Actor::System("test"), work).await.expect("touch");
}

/// Ставит по задаче на метку, каждую своей транзакцией.
pub async fn enqueue(app: &TestApp, labels: impl Iterator<Item = String>) {
    for label in labels {
        let work = async move |work: &mut Work| work.enqueue(&Leave { label: label.clone() }).await;
        app.ctx.atomic(&Actor::System("test"), work).await.expect("enqueue");
    }
}

/// Метки в базе по алфавиту.
pub async fn marks(app: &TestApp) -> Vec<String> {
    let rows = mark::Entity::find().all(app.ctx.db_fresh()).await.expect("marks");
    let mut labels: Vec<String> = rows.into_iter().map(|row| row.label).collect();
    labels.sort();
    labels
}

/// Ждёт события, которое обязано случиться.
pub async fn until(what: &str, happened: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !happened().await {
        assert!(Instant::now() < deadline, "it never happened: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Настройки кэша на данном порту. Сами по себе тела не стареют: видно только то, о чём сказали.
pub fn redis_at(port: u16, timeout_ms: u64) -> String {
    format!("[cache]\nurl = \"redis://127.0.0.1:{port}/0\"\nttl_ms = 600000\ntimeout_ms = {timeout_ms}\n")
}

/// Посредник перед Redis теста.
pub async fn proxied(port: u16, timeout_ms: u64) -> (Proxy, String) {
    let proxy = Proxy::start(port).await;
    let settings = redis_at(proxy.port(), timeout_ms);
    (proxy, settings)
}
