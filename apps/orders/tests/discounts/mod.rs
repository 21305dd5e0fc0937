//! Промокод в заказе.

mod races;
mod sums;
mod uses;

use catalog::factories::Made;
use kernel::Money;
use orders::models::Order;
use promos::factories::{create, promo};
use promos::models::{PromoUse, UseState, promo_use};
use promos::schemas::PromoCodeIn;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp};

use crate::shop::{ORDERS, body};

pub fn with_code(lines: &[(&Made, i64)], code: &str) -> Value {
    let mut wanted = body(lines);
    wanted["promo_code"] = json!(code);
    wanted
}

pub async fn buy(client: &Client, lines: &[(&Made, i64)], code: &str) -> Answer {
    client.post(ORDERS, with_code(lines, code)).await
}

pub async fn make(app: &TestApp, input: PromoCodeIn) {
    create(&app.ctx, input).await.expect("promo code");
}

pub fn limited(code: &str, max_uses: i64) -> PromoCodeIn {
    PromoCodeIn { max_uses: Some(max_uses), ..promo(code) }
}

pub fn fixed(code: &str, amount: Money) -> PromoCodeIn {
    PromoCodeIn { discount_percent: None, discount_amount: Some(amount), ..promo(code) }
}

/// Занято использований: счётчик кода равен числу строк.
pub async fn used(app: &TestApp, code: &str) -> i64 {
    let promo = promos::queries::by_code(app.ctx.db_fresh(), code).await.expect("read").expect("promo code");
    let held = PromoUse::find()
        .filter(promo_use::Column::PromoId.eq(promo.id))
        .filter(promo_use::Column::State.eq(UseState::Held));
    let held = held.count(app.ctx.db_fresh()).await.expect("count");
    assert_eq!(u64::try_from(promo.current_uses), Ok(held), "{code}");
    promo.current_uses
}

pub async fn orders_count(app: &TestApp) -> u64 {
    Order::find().count(app.ctx.db_fresh()).await.expect("count")
}

pub fn shares(order: &Value) -> Vec<Value> {
    let items = order["items"].as_array().expect("items");
    items.iter().map(|item| item["discount_amount"].clone()).collect()
}
