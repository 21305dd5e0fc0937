//! Магазин с товарами и людьми, короткие вызовы.

use catalog::factories::Made;
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp};

pub const CART: &str = "/api/v1/cart/";
pub const ITEMS: &str = "/api/v1/cart/items";

pub async fn open() -> TestApp {
    TestApp::new(vec![notifications::app(), accounts::app(), catalog::app(), preorders::app(), cart::app()]).await
}

pub async fn customer(app: &TestApp) -> Client {
    let login = accounts::factories::customer(&app.ctx).await;
    app.anon().bearer(&login.token)
}

pub async fn put(client: &Client, made: &Made, quantity: i64) -> Answer {
    client.post(ITEMS, json!({"product_id": made.product.id, "quantity": quantity})).await
}

pub async fn cart(client: &Client) -> Value {
    client.get(CART).await.expect(200).json()
}

pub async fn count(client: &Client) -> Value {
    client.get("/api/v1/cart/count").await.expect(200).json()["count"].clone()
}

/// Закончить тест: задачи доделать, базу сверить.
pub async fn close(app: TestApp) {
    app.run_jobs().await;
    app.close().await;
}
