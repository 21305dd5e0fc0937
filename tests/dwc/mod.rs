//! Договор прежнего магазина DWC: каждый адрес с его полями, отказами и словами — на наборе `dwc`.

mod addresses;
mod analytics;
mod cart;
mod content;
mod orders;
mod payments;
mod people;
mod products;
mod promo_codes;
mod waves;

use accounts::factories;
use megashop::aliases::ALIASES;
use megashop::{apps, presets};
use megashop_files::{Storage, StorageConfig};
use serde_json::{Value, json};
use testkit::{Client, TestApp};

/// Платит эмулятор: разговор с ЮKassa проверяют платежи.
const EMULATOR: &str = "[payments]\nprovider = \"emulator\"\n";

/// Магазин с набором `dwc`.
async fn shop() -> TestApp {
    shop_with(EMULATOR).await
}

/// То же с настройками поверх набора; без них он остаётся с ЮKassa.
async fn shop_with(toml: &str) -> TestApp {
    let preset = presets::find("dwc").expect("the preset");
    let app = TestApp::with_preset(apps::all(), preset, toml, ALIASES).await;
    app.ctx.provide(Storage::open(&StorageConfig::Memory).expect("storage"));
    app
}

/// Задачи доделаны, деньги и остатки сошлись.
async fn close(app: TestApp) {
    while app.run_jobs().await > 0 {}
    app.close().await;
}

async fn admin(app: &TestApp) -> Client {
    app.anon().bearer(&factories::admin(&app.ctx).await.token)
}

async fn buyer(app: &TestApp) -> Client {
    app.anon().bearer(&factories::customer(&app.ctx).await.token)
}

/// Товар со склада: поля создания, какие названы в договоре.
async fn add(admin: &Client, article: &str, changes: Value) -> Value {
    let mut body = json!({
        "name": "Худи «Север»", "article": article, "price": 4500, "description": "Плотный хлопок",
        "sizes": ["Oki", "Big"], "stock_count": 10,
    });
    for (field, value) in changes.as_object().into_iter().flatten() {
        body[field] = value.clone();
    }
    admin.post("/api/v1/products/", body).await.expect(201).json()
}

/// Товар, который продаётся волнами.
async fn add_preorder(admin: &Client, article: &str, waves: i64, capacity: i64) -> Value {
    let changes = json!({
        "order_type": "preorder", "stock_count": 0,
        "preorder_waves_total": waves, "preorder_wave_capacity": capacity,
    });
    add(admin, article, changes).await
}

fn order_of(product: &Value, quantity: i64) -> Value {
    json!({"items": [{"product_id": product["id"], "size": "Oki", "quantity": quantity}]})
}

async fn place(buyer: &Client, product: &Value, quantity: i64) -> Value {
    buyer.post("/api/v1/orders/", order_of(product, quantity)).await.expect(201).json()
}

/// Покупатель платит; заказ узнаёт об этом.
async fn pay(app: &TestApp, order: &Value) {
    let url = order["payment_url"].as_str().unwrap_or_else(|| panic!("no payment_url in {order}"));
    let payment = url.rsplit('/').next().expect("payment id");
    app.anon().post(&format!("/api/v1/payment/emulator/{payment}/pay"), json!({"faults": []})).await.expect(200);
    while app.run_jobs().await > 0 {}
}

/// Все ли поля договора есть; лишние не мешают.
#[track_caller]
fn has(object: &Value, fields: &[&str]) {
    let missing: Vec<_> = fields.iter().filter(|field| object.get(**field).is_none()).collect();
    assert!(missing.is_empty(), "no {missing:?} in {object}");
}

/// Список договора: строки под этим именем и листание.
#[track_caller]
fn list<'a>(answer: &'a Value, name: &str) -> &'a Vec<Value> {
    has(answer, &[name, "total", "page", "page_size"]);
    answer[name].as_array().expect("a list")
}

/// Слова отказа — по-русски.
#[track_caller]
fn in_russian(problem: &Value) {
    let words = problem["detail"].as_str().unwrap_or_default();
    let is_russian = words.chars().any(|letter| ('а'..='я').contains(&letter));
    assert!(is_russian, "not in Russian: {problem}");
}
