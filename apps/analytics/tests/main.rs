//! Отчёты: через HTTP, на той базе, которую назвал MEGASHOP_TEST_DB.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "тесту положено падать с понятным словом")]

mod export;
mod reports;

use accounts::factories::Login;
use catalog::factories::Made;
use serde_json::{Value, json};
use testkit::{Client, TestApp};

/// Часы тестов начинаются 2 марта 2026 года, 9:00 UTC.
pub async fn shop() -> TestApp {
    let mut apps = orders::factories::apps();
    apps.push(megashop_analytics::app());
    TestApp::with_settings(apps, "[payments]\nprovider = \"emulator\"\n").await
}

pub async fn owner(app: &TestApp) -> Client {
    app.anon().bearer(&accounts::factories::staff(&app.ctx, megashop_analytics::permissions::ALL).await.token)
}

pub async fn customer(app: &TestApp) -> (Login, Client) {
    let login = accounts::factories::customer(&app.ctx).await;
    let client = app.anon().bearer(&login.token);
    (login, client)
}

pub async fn order(client: &Client, made: &Made, quantity: i64) -> Value {
    let body = json!({"items": [{"product_id": made.product.id, "quantity": quantity}]});
    client.post("/api/v1/orders/", body).await.expect(201).json()
}

/// Покупатель платит, задачи выполняются.
pub async fn pay(app: &TestApp, order: &Value) {
    let url = order["payment_url"].as_str().expect("payment_url");
    let payment = url.rsplit('/').next().expect("payment id").to_owned();
    app.run_jobs().await;
    app.anon().post(&format!("/api/v1/payment/emulator/{payment}/pay"), json!({"faults": []})).await.expect(200);
    app.run_jobs().await;
}
