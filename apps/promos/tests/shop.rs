//! Магазин из промокодов и того, что ниже; владельцы использований — выдуманные заказы.

use kernel::{Actor, App, Ctx, Money, Result, Subject, Work};
use promos::models::{Kind, PromoUse, UseState, promo_code, promo_use};
use promos::services::{self, Buyer, Line};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use testkit::{Client, TestApp};

pub const CODES: &str = "/api/v1/promo-codes/";

pub async fn open() -> TestApp {
    with("").await
}

pub async fn with(toml: &str) -> TestApp {
    let apps: Vec<App> = vec![notifications::app(), accounts::app(), catalog::app(), promos::app()];
    TestApp::with_settings(apps, toml).await
}

pub async fn staff(app: &TestApp) -> Client {
    app.anon().bearer(&accounts::factories::staff(&app.ctx, promos::permissions::ALL).await.token)
}

pub async fn validate(client: &Client, code: &str, products: &[i64]) -> Value {
    client.post(&format!("{CODES}validate"), json!({"code": code, "product_ids": products})).await.expect(200).json()
}

/// Выдуманный заказ.
pub fn order(id: i64) -> Subject {
    Subject::new("tests.order", id)
}

pub fn user(user_id: i64) -> Buyer {
    Buyer { user_id: Some(user_id), ..Buyer::default() }
}

pub fn guest(phone: &str, email: &str) -> Buyer {
    Buyer { user_id: None, phone: Some(phone.to_owned()), email: Some(email.to_owned()) }
}

/// Покупка на тысячу рублей.
pub fn goods() -> Vec<Line> {
    vec![Line { product_id: 1, category_id: None, kind: Kind::Goods, amount: Money::rub(1000) }]
}

/// Посчитать и занять одной работой, как это делает оформление.
pub async fn claim(ctx: &Ctx, code: &str, buyer: Buyer, id: i64) -> Result<()> {
    let code = code.to_owned();
    ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
        let quote = services::quote(work.ctx(), work.db(), &code, &goods()).await?;
        services::claim(work, &order(id), &buyer, &quote).await
    })
    .await
}

pub async fn release(ctx: &Ctx, id: i64) -> Result<()> {
    ctx.atomic(&Actor::System("test"), async move |work: &mut Work| services::release(work, &order(id)).await).await
}

pub async fn reclaim(ctx: &Ctx, id: i64) -> Result<()> {
    ctx.atomic(&Actor::System("test"), async move |work: &mut Work| services::reclaim(work, &order(id)).await).await
}

pub async fn code(app: &TestApp, code: &str) -> promo_code::Model {
    promos::queries::by_code(app.ctx.db_fresh(), code).await.expect("read").expect("promo code")
}

/// Занято использований: по счётчику и по строкам; это одно и то же.
pub async fn used(app: &TestApp, name: &str) -> i64 {
    let promo = code(app, name).await;
    let held = PromoUse::find()
        .filter(promo_use::Column::PromoId.eq(promo.id))
        .filter(promo_use::Column::State.eq(UseState::Held))
        .count(app.ctx.db_fresh())
        .await
        .expect("count");
    assert_eq!(u64::try_from(promo.current_uses), Ok(held), "the counter of {name} differs from its rows");
    promo.current_uses
}

/// Гость, которого ещё не видели: у каждого номера свои телефон и почта.
pub fn stranger(number: i64) -> Buyer {
    guest(&format!("+7916{number:07}"), &format!("guest{number}@example.com"))
}
