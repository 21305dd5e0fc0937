//! Магазин с каталогом: вызывающие узнаются по самому пропуску, корзина — таблица из одного столбца.

use std::collections::BTreeSet;
use std::sync::Arc;

use kernel::access::Authenticate;
use kernel::{Actor, App, Ctx, Error, Migration, UserActor};
use megashop_catalog::permissions;
use megashop_files::{Storage, StorageConfig};
use serde_json::{Value, json};
use testkit::{Client, TestApp};

/// Пропуск `customer:7`, `staff:8:catalog.view_product,…`, `admin:9`.
struct Tokens;

#[async_trait::async_trait]
impl Authenticate for Tokens {
    async fn authenticate(&self, _: &Ctx, headers: &http::HeaderMap) -> kernel::Result<Actor> {
        let Some(header) = headers.get("authorization").and_then(|value| value.to_str().ok()) else {
            return Ok(Actor::Anonymous);
        };
        let token = header.strip_prefix("Bearer ").ok_or_else(Error::unauthorized)?;
        let mut parts = token.splitn(3, ':');
        let role = parts.next().unwrap_or_default();
        let id = parts.next().and_then(|id| id.parse().ok()).ok_or_else(Error::unauthorized)?;
        let permissions: BTreeSet<String> =
            parts.next().unwrap_or_default().split(',').filter(|p| !p.is_empty()).map(str::to_owned).collect();
        Ok(Actor::User(Arc::new(UserActor {
            id,
            public_id: sea_orm::prelude::Uuid::from_u128(id as u128),
            is_admin: role == "admin",
            session: None,
            permissions,
        })))
    }
}

const BASKETS: &[Migration] = &[Migration::new(
    "m0001_create_baskets",
    "CREATE TABLE baskets (\n  id {id},\n  variant_id BIGINT NOT NULL,\n  \
     CONSTRAINT baskets_variant FOREIGN KEY (variant_id) REFERENCES variants (id)\n);\n",
)];

pub async fn shop() -> TestApp {
    shop_with("").await
}

pub async fn shop_with(toml: &str) -> TestApp {
    let people = App::new("people", "Люди").authenticator(Tokens);
    let baskets = App::new("baskets", "Корзина").migrations(BASKETS);
    let app = TestApp::with_settings(vec![people, megashop_catalog::app(), baskets], toml).await;
    app.ctx.provide(Storage::open(&StorageConfig::Memory).expect("memory storage"));
    app
}

pub fn staff(app: &TestApp) -> Client {
    let codes: Vec<&str> = permissions::ALL.iter().map(|permission| permission.code).collect();
    app.anon().bearer(&format!("staff:1:{}", codes.join(",")))
}

pub fn customer(app: &TestApp, id: i64) -> Client {
    app.anon().bearer(&format!("customer:{id}"))
}

/// Заводит товар через HTTP; `extra` дополняет обязательные поля.
pub async fn add(app: &TestApp, article: &str, extra: Value) -> Value {
    let mut body = json!({"name": format!("Товар {article}"), "article": article, "price": 1000});
    merge(&mut body, extra);
    staff(app).post("/api/v1/products/", body).await.expect(201).json()
}

fn merge(into: &mut Value, from: Value) {
    let (Value::Object(into), Value::Object(from)) = (into, from) else { return };
    into.extend(from);
}

pub fn id_of(product: &Value) -> i64 {
    product["id"].as_i64().expect("id")
}

/// Артикулы списка по порядку.
pub fn articles(list: &Value) -> Vec<String> {
    let products = list["products"].as_array().expect("products");
    products.iter().map(|p| p["article"].as_str().expect("article").to_owned()).collect()
}

/// Артикулы по запросу прохожего.
pub async fn listed(app: &TestApp, query: &str) -> Vec<String> {
    articles(&app.anon().get(&format!("/api/v1/products/?{query}")).await.expect(200).json())
}
