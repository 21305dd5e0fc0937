//! Код в магазине и чужим не виден.

use catalog::factories::product;
use kernel::App;
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use crate::shop::{self, attach, complete, start, view, view_all};

async fn promo(client: &Client, query: &str) -> testkit::Answer {
    client.get(&format!("/promo/?{query}")).await
}

#[tokio::test]
async fn a_code_is_told_only_to_its_session() {
    let app = shop::with_assets(2).await;
    let visitor = app.anon();
    let (session, code) = complete(&visitor, 2).await;
    assert_eq!(promo(&visitor, &format!("session_id={session}")).await.expect(200).json(), json!({"promo_code": code}));
    // Безымянный сеанс, не видевший ничего.
    let empty = start(&visitor).await;
    promo(&visitor, &format!("session_id={empty}")).await.refused(404, "campaigns.not_completed");
    // Сеанс, назвавшийся той же почтой.
    attach(&visitor, &session, "anna@example.ru").await;
    let thief = start(&visitor).await;
    attach(&visitor, &thief, "Anna@example.ru").await;
    view(&visitor, &thief, "asset-1").await;
    promo(&visitor, &format!("session_id={thief}")).await.refused(404, "campaigns.not_completed");
    app.run_jobs().await;
    while app.run_jobs().await > 0 {}
    app.close().await;
}

#[tokio::test]
async fn a_user_gets_the_first_unused_code_of_any_session() {
    let app = shop::with_assets(1).await;
    let visitor = app.anon();
    promo(&visitor, "email=anna@example.ru").await.refused(404, "campaigns.email_not_found");
    let first = start(&visitor).await;
    let user = attach(&visitor, &first, "anna@example.ru").await["user_id"].as_str().expect("id").to_owned();
    let by_email = promo(&visitor, "email=anna@example.ru").await.refused(404, "campaigns.not_completed");
    assert_eq!(by_email["detail"], "not_completed");
    let code = view_all(&visitor, &first, 1).await["promo_code"].clone();
    let (second, other_code) = complete(&visitor, 1).await;
    attach(&visitor, &second, "anna@example.ru").await;
    for query in
        [format!("user_id={user}"), "email=ANNA@example.ru".to_owned(), format!("user_id={user}&email=x@example.ru")]
    {
        assert_eq!(promo(&visitor, &query).await.expect(200).json()["promo_code"], code, "{query}");
    }
    assert_eq!(
        promo(&visitor, &format!("session_id={second}&user_id={user}")).await.expect(200).json()["promo_code"],
        json!(other_code)
    );
    while app.run_jobs().await > 0 {}
    app.close().await;
}

/// По человеку без кода смотрят его последний сеанс: собравшему набор код выдаётся.
#[tokio::test]
async fn a_user_without_a_code_is_known_by_the_latest_session() {
    let app = shop::with_assets(2).await;
    let visitor = app.anon();
    let session = start(&visitor).await;
    view(&visitor, &session, "asset-1").await;
    let user = attach(&visitor, &session, "anna@example.ru").await["user_id"].as_str().expect("id").to_owned();
    promo(&visitor, &format!("user_id={user}")).await.refused(404, "campaigns.not_completed");
    shop::staff(&app).await.patch("/api/v1/campaign-assets/2", json!({"is_active": false})).await.expect(200);
    assert!(promo(&visitor, &format!("user_id={user}")).await.expect(200).json()["promo_code"].is_string());
    app.close().await;
}

#[tokio::test]
async fn a_shop_may_tell_codes_to_sessions_alone() {
    let app = shop::with("[campaigns]\ncode_by_contact = false").await;
    shop::add_assets(&app, 1).await;
    let visitor = app.anon();
    let (session, _) = complete(&visitor, 1).await;
    let user = attach(&visitor, &session, "anna@example.ru").await["user_id"].as_str().expect("id").to_owned();
    for query in [format!("user_id={user}"), "email=anna@example.ru".to_owned()] {
        promo(&visitor, &query).await.refused(400, "campaigns.ask_by_session");
    }
    promo(&visitor, &format!("session_id={session}")).await.expect(200);
    while app.run_jobs().await > 0 {}
    app.close().await;
}

async fn whole_shop() -> TestApp {
    let apps: Vec<App> = vec![
        notifications::app(),
        accounts::app(),
        delivery::app(),
        payments::app(),
        catalog::app(),
        promos::app(),
        preorders::app(),
        cart::app(),
        campaigns::app(),
        orders::app(),
    ];
    let app = TestApp::with_settings(apps, "[payments]\nprovider = \"emulator\"\n").await;
    shop::add_assets(&app, 1).await;
    app
}

async fn code_row(app: &TestApp) -> Value {
    shop::staff(app).await.get("/api/v1/campaign-codes/").await.expect(200).json()["codes"][0].clone()
}

#[tokio::test]
async fn the_checkout_takes_the_code_once_and_the_campaign_sees_the_money() {
    let app = whole_shop().await;
    let visitor = app.anon();
    let (session, code) = complete(&visitor, 1).await;
    let made = product(&app.ctx).create().await.product;
    let buyer = app.anon().bearer(&accounts::factories::customer(&app.ctx).await.token);
    let order = json!({"items": [{"product_id": made.id, "quantity": 1}], "promo_code": code.to_lowercase()});
    let placed = buyer.post("/api/v1/orders/", order.clone()).await.expect(201).json();
    let price = made.price.to_minor();
    let row = code_row(&app).await;
    assert_eq!(row["used_at"], json!(app.ctx.now()));
    let cents = |value: &Value| (value.as_f64().expect("money") * 100.0).round() as i64;
    assert_eq!((cents(&row["revenue"]), cents(&row["discount"])), (price - price / 10, price / 10));
    buyer.post("/api/v1/orders/", order).await.refused(400, "promos.used_up");
    // Второго кода использованный не даёт.
    assert!(view(&visitor, &session, "asset-1").await.get("promo_code").is_none());
    let used = promo(&visitor, &format!("session_id={session}")).await.refused(404, "campaigns.already_used");
    assert_eq!(used["detail"], "already_used");
    let statistics = "/api/v1/campaigns/1/statistics";
    let total = shop::staff(&app).await.get(statistics).await.expect(200).json()["total"].clone();
    assert_eq!(
        (&total["completed"], &total["codes_used"], cents(&total["revenue"])),
        (&json!(1), &json!(1), price - price / 10)
    );
    // Отменённый заказ возвращает код.
    buyer.post(&format!("/api/v1/orders/{}/cancel", placed["id"]), json!({})).await.expect(200);
    assert_eq!(code_row(&app).await["used_at"], Value::Null);
    promo(&visitor, &format!("session_id={session}")).await.expect(200);
    let total = shop::staff(&app).await.get(statistics).await.expect(200).json()["total"].clone();
    assert_eq!((&total["codes_used"], &total["revenue"]), (&json!(0), &json!(0)));
    while app.run_jobs().await > 0 {}
    app.close().await;
}

/// Награда на названные товары: в промокоде они же; удалены все — код «на что угодно» не выдаётся.
#[tokio::test]
async fn a_reward_is_limited_to_its_products() {
    let app = shop::with_assets(1).await;
    let made = catalog::factories::product(&app.ctx).create().await;
    let staff = shop::staff(&app).await;
    let limited = |id: i64| json!({"reward": {"discount_percent": 10, "product_ids": [id]}});
    staff.patch("/api/v1/campaigns/1", limited(777_777)).await.invalid("reward.product_ids");
    let changed = staff.patch("/api/v1/campaigns/1", limited(made.product.id)).await.expect(200).json();
    assert_eq!(changed["reward"], json!({"discount_percent": 10, "product_ids": [made.product.id]}));
    let (_, code) = shop::complete(&app.anon(), 1).await;
    let manager = app.anon().bearer(&accounts::factories::admin(&app.ctx).await.token);
    let promos = manager.get("/api/v1/promo-codes/").await.expect(200).json();
    let promos = promos["promo_codes"].as_array().expect("promo codes").clone();
    let promo = promos.iter().find(|promo| promo["code"] == code.as_str()).expect("the promo code");
    assert_eq!(promo["product_ids"], json!([made.product.id]));
    let other = catalog::factories::product(&app.ctx).create().await;
    shop::set_up(&app, limited(other.product.id)).await;
    manager.delete(&format!("/api/v1/products/{}", other.product.id)).await.expect(204);
    let session = shop::start(&app.anon()).await;
    let last = app.anon().post("/view/", json!({"session_id": session, "asset_slug": "asset-1"})).await;
    last.refused(400, "campaigns.not_running");
    app.close().await;
}
