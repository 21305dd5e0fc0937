//! Служебные адреса: `/`, `/health`, `/docs`, `/docs/errors`, `/openapi.json`, `/setup`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use admin::permissions::VIEW_JOBS;
use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use kernel::http::{Mounted, Routes, wants_html};
use kernel::jobs::{self, JobState};
use kernel::{Access, App, Ctx, Error, Result};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa_axum::routes;

use crate::backups::{BackupSettings, ScheduledBackup};
use crate::files::FileSettings;
use crate::{error_docs, setup};

const VERSION: &str = env!("CARGO_PKG_VERSION");

pub fn app() -> App {
    App::new("system", "Служебное")
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .settings::<FileSettings>("files")
        .settings::<BackupSettings>("backup")
        .every::<ScheduledBackup>("* * * * *")
        .routes(routes)
}

/// То, что известно только после сборки маршрутов.
struct Facts {
    openapi: Bytes,
    ready: AtomicBool,
    swagger: Arc<utoipa_swagger_ui::Config<'static>>,
}

/// Ставит документ OpenAPI и объявляет программу готовой.
pub fn install(ctx: &Ctx, mounted: &Mounted) -> anyhow::Result<()> {
    ctx.provide(Facts {
        openapi: mounted.openapi.to_json()?.into(),
        ready: AtomicBool::new(true),
        swagger: Arc::new(utoipa_swagger_ui::Config::from("/openapi.json")),
    });
    Ok(())
}

fn facts(ctx: &Ctx) -> Result<Arc<Facts>> {
    ctx.find_service::<Facts>().ok_or_else(|| Error::unavailable("system.starting", 1))
}

/// Перед остановкой: балансировщик перестаёт слать новые запросы.
pub fn not_ready(ctx: &Ctx) {
    if let Some(facts) = ctx.find_service::<Facts>() {
        facts.ready.store(false, Ordering::Relaxed);
    }
}

fn routes(_: &Ctx) -> Routes {
    Routes::new("Служебное")
        .add_root(routes!(read_root), Access::Public)
        .lenient()
        .add_root(routes!(read_health), Access::Public)
        .add_root(routes!(read_live), Access::Public)
        .add_root(routes!(read_ready), Access::Public)
        .add(routes!(read_jobs), Access::Staff(VIEW_JOBS))
        .page("GET", "/openapi.json", get(read_openapi), Access::Public)
        .page("GET", "/docs", get(read_docs), Access::Public)
        .page("GET", "/docs/errors", get(error_docs::show), Access::Public)
        .page("GET", "/docs/errors.css", get(error_docs::style), Access::Public)
        .page("GET", "/docs/{*file}", get(read_swagger), Access::Public)
        .page("GET", "/setup", get(setup::show), Access::Public)
        .page("POST", "/setup", post(setup::set_up), Access::Public)
        .page("GET", "/setup.css", get(setup::style), Access::Public)
}

/// Ответ корня.
#[derive(Serialize, utoipa::ToSchema)]
struct Root {
    status: &'static str,
    message: &'static str,
    version: &'static str,
    docs: &'static str,
}

/// Кто здесь и где документы. Браузеру (`Accept: text/html`) — витрина.
#[utoipa::path(get, path = "/", responses((status = 200, body = Root)))]
async fn read_root(ctx: Ctx, headers: HeaderMap, uri: Uri) -> Result<Response> {
    if setup::has_storefront(&ctx) && wants_html(&headers) {
        return storefront::home(&ctx, &headers, &uri).await;
    }
    Ok(Json(Root { status: "ok", message: "Megashop", version: VERSION, docs: "/docs/" }).into_response())
}

/// Состояние для людей и старых клиентов.
#[derive(Serialize, utoipa::ToSchema)]
struct Health {
    status: &'static str,
    database: &'static str,
    version: &'static str,
}

/// Жив ли магазин и отвечает ли база.
#[utoipa::path(get, path = "/health", responses((status = 200, body = Health)))]
async fn read_health(ctx: Ctx) -> Result<Json<Health>> {
    ping(&ctx).await?;
    Ok(Json(Health { status: "healthy", database: "connected", version: VERSION }))
}

/// Процесс жив. Базу не трогает: её беда — не повод перезапускать процесс.
#[utoipa::path(get, path = "/health/live", responses((status = 200)))]
async fn read_live() -> &'static str {
    "ok"
}

/// Можно ли слать запросы: не останавливается и база отвечает.
#[utoipa::path(get, path = "/health/ready", responses((status = 200), (status = 503)))]
async fn read_ready(ctx: Ctx) -> Result<&'static str> {
    if !facts(&ctx)?.ready.load(Ordering::Relaxed) {
        return Err(Error::unavailable("system.stopping", 5));
    }
    ping(&ctx).await?;
    Ok("ready")
}

/// Фоновые задачи сейчас: сколько чего ждёт, выполняется, повторяется и не вышло. Сделанные и неудавшиеся за всё время — в метриках.
#[derive(Serialize, utoipa::ToSchema)]
struct JobsOut {
    /// Сколько секунд ждёт самая старая из готовых; ноль — исполнители успевают.
    lag_seconds: f64,
    /// Готовые и отложенные.
    waiting: i64,
    running: i64,
    retrying: i64,
    dead: i64,
    /// По видам.
    jobs: Vec<JobLine>,
}

/// Задачи одного вида.
#[derive(Serialize, utoipa::ToSchema)]
struct JobLine {
    #[serde(flatten)]
    state: JobState,
    lag_seconds: f64,
}

#[utoipa::path(get, path = "/jobs", responses((status = 200, body = JobsOut)))]
async fn read_jobs(ctx: Ctx) -> Result<Json<JobsOut>> {
    let states = jobs::states(&ctx).await?;
    let now = ctx.now().naive_utc();
    let lag = |state: &JobState| state.oldest.map_or(0.0, |oldest| (now - oldest).as_seconds_f64());
    let sum = |of: fn(&JobState) -> i64| states.iter().map(of).sum();
    Ok(Json(JobsOut {
        lag_seconds: states.iter().map(lag).fold(0.0, f64::max),
        waiting: sum(|state| state.ready + state.scheduled),
        running: sum(|state| state.running),
        retrying: sum(|state| state.retrying),
        dead: sum(|state| state.dead),
        jobs: states.into_iter().map(|state| JobLine { lag_seconds: lag(&state), state }).collect(),
    }))
}

async fn ping(ctx: &Ctx) -> Result<()> {
    // Не через писателя SQLite: проверка не должна ждать чужой транзакции.
    ctx.db_fresh().execute_unprepared("SELECT 1").await.map(|_| ()).map_err(|error| {
        tracing::warn!(%error, "the database does not answer");
        Error::unavailable("database.unavailable", 2)
    })
}

async fn read_openapi(ctx: Ctx) -> Result<Response> {
    Ok(([("content-type", "application/json")], facts(&ctx)?.openapi.clone()).into_response())
}

/// Страница Swagger UI; её файлы лежат рядом, поэтому адрес обязан кончаться слэшем.
async fn read_docs(ctx: Ctx, uri: Uri) -> Result<Response> {
    if !uri.path().ends_with('/') {
        return Ok(Redirect::permanent("/docs/").into_response());
    }
    swagger_file(&ctx, "index.html")
}

async fn read_swagger(ctx: Ctx, Path(file): Path<String>) -> Result<Response> {
    swagger_file(&ctx, &file)
}

/// Файл Swagger UI из самой программы.
fn swagger_file(ctx: &Ctx, file: &str) -> Result<Response> {
    let found = utoipa_swagger_ui::serve(file, facts(ctx)?.swagger.clone())
        .map_err(|e| Error::internal(anyhow::anyhow!("{e}")))?;
    let Some(found) = found else { return Err(Error::not_found("request.unknown_route")) };
    // Swagger UI ставит стили строками: для его страниц политика мягче.
    let policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'";
    Ok((
        [("content-type", found.content_type), ("content-security-policy", policy.to_owned())],
        found.bytes.into_owned(),
    )
        .into_response())
}
