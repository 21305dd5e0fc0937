//! Наблюдение: состояние задач у сотрудника, ошибки на сервере ошибок.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::Uri;
use chrono::{NaiveDateTime, TimeDelta};
use kernel::jobs::{DEAD, WAITING, job_row};
use kernel::settings::LogSettings;
use megashop::{apps, boot, reports};
use sea_orm::{EntityTrait, NotSet, Set};
use serde_json::json;
use testkit::{FakeServer, TestApp};
use tracing_subscriber::layer::SubscriberExt as _;

struct Job {
    status: &'static str,
    due: i64,
    attempts: i32,
    held_for: Option<i64>,
}

async fn put(app: &TestApp, name: &str, job: Job) {
    let now = app.ctx.now().naive_utc();
    let at = |seconds: i64| -> NaiveDateTime { now + TimeDelta::seconds(seconds) };
    let row = job_row::ActiveModel {
        id: NotSet,
        name: Set(name.to_owned()),
        payload: Set("{}".to_owned()),
        dedup_key: Set(None),
        status: Set(job.status.to_owned()),
        run_at: Set(at(job.due)),
        attempts: Set(job.attempts),
        locked_by: Set(job.held_for.map(|_| "somebody".to_owned())),
        locked_until: Set(job.held_for.map(at)),
        last_error: Set(None),
        created_at: Set(now),
    };
    job_row::Entity::insert(row).exec(&app.ctx.db_handle().write).await.expect("a job");
}

#[tokio::test]
async fn staff_sees_what_waits_runs_retries_and_failed() {
    let app = TestApp::new(apps::all()).await;
    let waiting = |due, attempts, held_for| Job { status: WAITING, due, attempts, held_for };
    put(&app, "mail.send", waiting(-30, 0, None)).await;
    put(&app, "mail.send", waiting(-90, 2, None)).await;
    put(&app, "mail.send", waiting(600, 1, None)).await;
    // Взята, и срок ещё не вышел; взята, но исполнитель умер.
    put(&app, "mail.send", waiting(-5, 1, Some(40))).await;
    put(&app, "sync.all", waiting(-10, 1, Some(-1))).await;
    put(&app, "sync.all", Job { status: DEAD, due: -999, attempts: 12, held_for: None }).await;
    let staff = accounts::factories::staff(&app.ctx, &[admin::permissions::VIEW_JOBS]).await;
    let board = app.anon().bearer(&staff.token).get("/api/v1/jobs").await.expect(200).json();
    assert_eq!(
        board,
        json!({
            "lag_seconds": 90.0, "waiting": 4, "running": 1, "retrying": 3, "dead": 1,
            "jobs": [
                {"name": "mail.send", "ready": 2, "scheduled": 1, "retrying": 2, "running": 1, "dead": 0, "lag_seconds": 90.0},
                {"name": "sync.all", "ready": 1, "scheduled": 0, "retrying": 1, "running": 0, "dead": 1, "lag_seconds": 10.0},
            ],
        })
    );
    job_row::Entity::delete_many().exec(&app.ctx.db_handle().write).await.expect("cleaned");
    app.close().await;
}

type Letters = Arc<Mutex<Vec<String>>>;

async fn take(State(letters): State<Letters>, uri: Uri, body: Bytes) -> &'static str {
    letters.lock().expect("letters").push(format!("{uri}\n{}", String::from_utf8_lossy(&body)));
    "{}"
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_and_nothing_else_go_to_the_error_server() {
    boot::install_tls();
    let letters = Letters::default();
    let server = FakeServer::start(Router::new().fallback(take).with_state(letters.clone())).await;
    let dsn = format!("{}/42", server.url().replace("http://", "http://public@"));
    let settings = LogSettings {
        sentry_dsn: serde_json::from_value(json!(dsn)).expect("a secret"),
        sentry_environment: "тест".into(),
        ..LogSettings::default()
    };
    let log = tracing_subscriber::registry().with(reports::layer(&settings).expect("a good DSN"));
    tracing::subscriber::with_default(log, || {
        tracing::info!("a buyer came");
        tracing::warn!(phone = "+79161234567", "a job will be retried");
        tracing::error!(job.name = "mail.send", "job is dead");
    });
    tokio::task::spawn_blocking(reports::flush).await.expect("flushed");
    let letters = letters.lock().expect("letters").clone();
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(letters[0].starts_with("/api/42/envelope/"), "{}", letters[0]);
    for part in ["job is dead", "mail.send", "\"environment\":\"тест\""] {
        assert!(letters[0].contains(part), "no {part} in {}", letters[0]);
    }
    for part in ["a buyer came", "+79161234567"] {
        assert!(!letters[0].contains(part), "{part} left the shop: {}", letters[0]);
    }
}

#[test]
fn a_wrong_address_of_the_error_server_is_named() {
    let settings = LogSettings {
        sentry_dsn: serde_json::from_value(json!("sentry.example.com")).expect("a secret"),
        ..LogSettings::default()
    };
    let refused = reports::layer::<tracing_subscriber::Registry>(&settings).err().expect("refused");
    assert!(refused.to_string().starts_with("log.sentry_dsn: "), "{refused}");
}
