//! Наборы: какие приложения включены и можно ли на них открыть магазин.

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use kernel::Platform;
use kernel::app::Overrides;
use kernel::data::Db;
use kernel::settings::Sources;
use megashop::aliases::ALIASES;
use megashop::cli::Common;
use megashop::{apps, boot, presets};
use serde_json::Value;
use testkit::TestApp;
use tower::ServiceExt;

/// Программа на наборе или чем она недовольна.
async fn assemble(preset: &str) -> anyhow::Result<Platform> {
    let sources = Sources { preset: Some(preset.to_owned()), ..Sources::default() };
    let settings = Platform::settings(&apps::all(), &sources)?;
    let db = Db::connect("sqlite::memory:", &settings.kernel.database).await?;
    Platform::assemble(apps::all(), settings, db, vec![0; 32], Overrides::default())
}

async fn complaint(preset: &str) -> String {
    assemble(preset).await.err().map(|error| error.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn every_preset_is_a_working_program() {
    for (name, text) in presets::all() {
        let routes = assemble(text).await.unwrap_or_else(|error| panic!("{name}: {error:#}")).mount(ALIASES).routes;
        for path in ["/health", "/api/v1/auth/login"] {
            assert!(routes.iter().any(|route| route.path == path), "{name} has no {path}");
        }
    }
    assert!(presets::find("dvc").err().is_some_and(|error| error.to_string().contains("dwc")), "the names are told");
}

#[tokio::test]
async fn apps_are_chosen_whole() {
    assert_eq!(complaint("[apps]\nenabled = [\"catalogue\"]").await, "apps.enabled: there is no app `catalogue`");
    assert_eq!(complaint("[apps]\ndisabled = [\"sales\"]").await, "apps.disabled: there is no app `sales`");
    assert_eq!(
        complaint("[apps]\ndisabled = [\"payments\"]").await,
        "apps: `orders` does not work without `payments`: enable it or disable both"
    );
    assert_eq!(
        complaint("[apps]\nenabled = [\"system\", \"notifications\", \"accounts\", \"cart\"]").await,
        "apps: `cart` does not work without `catalog`: enable it or disable both"
    );
    // Настройки сильнее набора: выключенное ими выключено, хотя набор его и назвал.
    let both = "[apps]\nenabled = [\"system\", \"notifications\", \"accounts\", \"content\"]\ndisabled = [\"content\"]";
    let routes = assemble(both).await.expect("a small program").mount(ALIASES).routes;
    assert!(routes.iter().any(|route| route.path == "/api/v1/users/me"));
    assert!(!routes.iter().any(|route| route.path.starts_with("/api/v1/pages")));
}

/// Таблицы выключенного приложения на месте: включить его можно в любой день.
#[tokio::test]
async fn an_app_that_is_off_does_not_answer_and_keeps_its_tables() {
    let app = TestApp::with_settings(apps::all(), "[apps]\ndisabled = [\"analytics\", \"promos\"]").await;
    let boss = app.anon().bearer(&accounts::factories::admin(&app.ctx).await.token);
    for path in ["/api/v1/analytics/sales", "/api/v1/promo-codes/"] {
        boss.get(path).await.refused(404, "request.unknown_route");
    }
    boss.get("/api/v1/orders/admin/all").await.expect(200);
    assert!(app.tables.iter().any(|table| table.name == "promo_codes"));
    app.assert_no_drift().await;
    app.close().await;
}

/// `megashop serve --preset dwc` на пустой папке: база, страницы и ответы.
#[tokio::test]
async fn the_dwc_shop_opens_on_an_empty_folder() {
    let folder = tempfile::tempdir().expect("folder");
    let common = Common {
        data_dir: Some(folder.path().to_owned()),
        preset: Some("dwc".to_owned()),
        set: vec!["jobs.in_process=false".to_owned(), "log.level=off".to_owned()],
        ..Common::default()
    };
    let platform = boot::start(&common).await.expect("starts");
    assert!(!platform.ctx.settings().kernel.jobs.in_process, "a flag is not always a string");
    let router = platform.mount(ALIASES).router;
    let get = async |path: &str| -> (StatusCode, Value) {
        let request = Request::get(path).header("accept", "application/json").body(Body::empty()).expect("request");
        let answer = router.clone().oneshot(request).await.expect("answer");
        let status = answer.status();
        let body = to_bytes(answer.into_body(), usize::MAX).await.expect("body");
        (status, serde_json::from_slice(&body).expect("JSON"))
    };
    assert_eq!(get("/").await.1["status"], "ok");
    assert_eq!(get("/health").await.1["database"], "connected");
    assert_eq!(get("/api/v1/pages/").await.1["total"], 4);
    assert_eq!(get("/api/v1/products/").await.1["products"], serde_json::json!([]));
    assert_eq!(get("/api/v1/users/me").await.0, StatusCode::UNAUTHORIZED);
    platform.ctx.db_handle().clone().close().await;
}

/// Файл, который печатает `megashop config init`, обязан читаться: раздел в TOML называют один раз.
#[test]
fn every_section_of_the_settings_is_printed_once_with_its_source() {
    let sources = Sources { flags: vec![("log.level".to_owned(), "debug".to_owned())], ..Sources::default() };
    let rows = Platform::settings(&megashop::apps::all(), &sources).expect("settings").show();
    let mut heads: Vec<&str> = rows.iter().filter_map(|(key, _, _)| Some(key.rsplit_once('.')?.0)).collect();
    heads.dedup();
    let printed = heads.len();
    heads.sort_unstable();
    heads.dedup();
    assert_eq!(heads.len(), printed, "a section is printed twice");
    for (key, _, source) in &rows {
        assert_eq!(source, if key == "log.level" { "flag" } else { "default" }, "{key}");
    }
}
