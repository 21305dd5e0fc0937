//! Магазин со всем, что ниже заказов, и короткие вызовы.

use accounts::factories::Login;
use catalog::factories::Made;
use catalog::models::inventory_item;
use orders::factories::apps;
use orders::models::{Order, order};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp};

pub const ORDERS: &str = "/api/v1/orders/";

pub const EMULATOR: &str = "[payments]\nprovider = \"emulator\"\n[payments.emulator]\nfaults = true\n";

pub async fn open() -> TestApp {
    with("").await
}

/// С добавленными настройками.
pub async fn with(toml: &str) -> TestApp {
    TestApp::with_settings(apps(), &format!("{EMULATOR}{toml}")).await
}

pub struct Person {
    pub login: Login,
    pub client: Client,
}

pub async fn customer(app: &TestApp) -> Person {
    let login = accounts::factories::customer(&app.ctx).await;
    Person { client: app.anon().bearer(&login.token), login }
}

/// Сотрудник со всеми правами заказов и приёмом наличных.
pub async fn manager(app: &TestApp) -> Client {
    let rights =
        [orders::permissions::ALL, &[payments::permissions::CONFIRM_CASH, payments::permissions::REFUND_PAYMENT]]
            .concat();
    app.anon().bearer(&accounts::factories::staff(&app.ctx, &rights).await.token)
}

/// Тело заказа из пар «товар, количество».
pub fn body(lines: &[(&Made, i64)]) -> Value {
    let item = |(made, quantity): &(&Made, i64)| json!({"product_id": made.product.id, "quantity": quantity});
    json!({"items": lines.iter().map(item).collect::<Vec<_>>()})
}

pub async fn buy(client: &Client, lines: &[(&Made, i64)]) -> Answer {
    client.post(ORDERS, body(lines)).await
}

/// Оформленный заказ.
pub async fn bought(client: &Client, lines: &[(&Made, i64)]) -> Value {
    buy(client, lines).await.expect(201).json()
}

pub fn id_of(order: &Value) -> i64 {
    order["id"].as_i64().expect("order id")
}

/// Платёж заказа: последняя часть ссылки на оплату.
pub fn payment_of(order: &Value) -> String {
    let url = order["payment_url"].as_str().unwrap_or_else(|| panic!("no payment_url in {order}"));
    url.rsplit('/').next().expect("payment id").to_owned()
}

/// Покупатель платит на странице эмулятора; задачи ещё не выполнены.
pub async fn press_pay(app: &TestApp, order: &Value, faults: &[&str]) -> Answer {
    app.anon().post(&format!("/api/v1/payment/emulator/{}/pay", payment_of(order)), json!({"faults": faults})).await
}

/// Платит и выполняет всё, что из этого следует.
pub async fn pay(app: &TestApp, order: &Value) {
    press_pay(app, order, &[]).await.expect(200);
    app.run_jobs().await;
}

pub async fn read(client: &Client, order: &Value) -> Value {
    client.get(&format!("{ORDERS}{}", id_of(order))).await.expect(200).json()
}

pub async fn row(app: &TestApp, id: i64) -> order::Model {
    Order::find_by_id(id).one(app.ctx.db_fresh()).await.expect("read").expect("order")
}

/// На складе, занято, можно продать.
pub async fn stock(app: &TestApp, made: &Made) -> (i64, i64, i64) {
    let item = inventory_item::Entity::find_by_id(made.items[0].id)
        .one(app.ctx.db_fresh())
        .await
        .expect("read")
        .expect("item");
    (item.on_hand, item.reserved, item.available)
}

/// Коды причин из истории, по порядку.
pub fn reasons(order: &Value) -> Vec<String> {
    let rows = order["history"].as_array().expect("history");
    rows.iter().map(|row| row["reason"].as_str().unwrap_or("-").to_owned()).collect()
}

pub async fn move_to(client: &Client, id: i64, status: &str) -> Answer {
    client.post(&format!("{ORDERS}{id}/status"), json!({"status": status})).await
}

/// Закончить тест: задачи доделать, деньги и остатки сверить.
pub async fn close(app: TestApp) {
    app.run_jobs().await;
    app.close().await;
}
