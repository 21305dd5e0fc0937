//! Магазин с кампаниями и короткие вызовы.

use campaigns::factories::{asset, create_asset};
use campaigns::permissions;
use kernel::App;
use megashop_files::{Storage, StorageConfig};
use serde_json::{Value, json};
use testkit::{Client, TestApp};

pub fn apps() -> Vec<App> {
    vec![notifications::app(), accounts::app(), catalog::app(), promos::app(), campaigns::app()]
}

pub async fn open() -> TestApp {
    with("").await
}

pub async fn with(toml: &str) -> TestApp {
    let app = TestApp::with_settings(apps(), toml).await;
    app.ctx.provide(Storage::open(&StorageConfig::Memory).expect("storage"));
    app
}

/// Магазин, в кампании по умолчанию которого столько активов: `asset-1`, `asset-2`, …
pub async fn with_assets(count: usize) -> TestApp {
    let app = open().await;
    add_assets(&app, count).await;
    app
}

pub async fn add_assets(app: &TestApp, count: usize) {
    for slug in slugs(count) {
        create_asset(&app.ctx, asset(&slug)).await.expect("asset");
    }
}

pub fn slugs(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("asset-{n}")).collect()
}

pub async fn staff(app: &TestApp) -> Client {
    app.anon().bearer(&accounts::factories::staff(&app.ctx, permissions::ALL).await.token)
}

/// Правит кампанию по умолчанию.
pub async fn set_up(app: &TestApp, patch: Value) {
    staff(app).await.patch("/api/v1/campaigns/1", patch).await.expect(200);
}

pub async fn start(client: &Client) -> String {
    let started = client.post("/session/start/", json!({})).await.expect(201).json();
    started["session_id"].as_str().expect("session_id").to_owned()
}

pub async fn view(client: &Client, session: &str, slug: &str) -> Value {
    client.post("/view/", json!({"session_id": session, "asset_slug": slug})).await.expect(200).json()
}

/// Смотрит всё; ответ последнего просмотра.
pub async fn view_all(client: &Client, session: &str, count: usize) -> Value {
    let mut last = Value::Null;
    for slug in slugs(count) {
        last = view(client, session, &slug).await;
    }
    last
}

/// Новый сеанс, собравший набор: сеанс и код.
pub async fn complete(client: &Client, count: usize) -> (String, String) {
    let session = start(client).await;
    let last = view_all(client, &session, count).await;
    (session, last["promo_code"].as_str().expect("promo_code").to_owned())
}

pub async fn attach(client: &Client, session: &str, email: &str) -> Value {
    client.post("/user/email/", json!({"session_id": session, "email": email})).await.expect(200).json()
}
