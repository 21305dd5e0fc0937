//! Числа отчётов.

use catalog::factories::product;
use chrono::TimeDelta;
use orders::models::Order;
use payments::models::payment;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::{customer, order, owner, pay, shop};

#[tokio::test]
async fn sales_agree_with_payments_and_refunds() {
    let app = shop().await;
    let owner = owner(&app).await;
    let empty = owner.get("/api/v1/analytics/sales").await.expect(200).json();
    assert_eq!((&empty["total_sales"], &empty["average_order_value"]), (&json!(0), &json!(0)));
    let chair = product(&app.ctx).price(100).stock(50).create().await;
    let (_, anna) = customer(&app).await;
    let mut ids = Vec::new();
    for quantity in [3, 2, 7] {
        let order = order(&anna, &chair, quantity).await;
        pay(&app, &order).await;
        ids.push(order["id"].as_i64().expect("id"));
    }
    order(&anna, &chair, 1).await;
    let cashier = app.anon().bearer(&accounts::factories::admin(&app.ctx).await.token);
    for (id, amount) in [(ids[0], 50), (ids[2], 700)] {
        let order = Order::find_by_id(id).one(app.ctx.db_fresh()).await.expect("read").expect("order");
        let refund = json!({"amount": amount, "reason": "скол"});
        let payment = order.payment_id.expect("paid");
        cashier.post(&format!("/api/v1/payments/{payment}/refund"), refund).await.expect(201);
        app.run_jobs().await;
    }
    let sales = owner.get("/api/v1/analytics/sales").await.expect(200).json();
    assert_eq!(
        (&sales["total_sales"], &sales["refunded_amount"], &sales["net_sales"]),
        (&json!(500), &json!(50), &json!(450))
    );
    assert_eq!((&sales["orders_count"], &sales["average_order_value"]), (&json!(2), &json!(250)));
    assert_eq!(sales["products_sold"], 5);
    let payments = payment::Entity::find().all(app.ctx.db_fresh()).await.expect("payments");
    let kept: i64 = payments.iter().map(|payment| payment.captured.to_minor() - payment.refunded.to_minor()).sum();
    assert_eq!(kept, 450_00);
    app.close().await;
}

#[tokio::test]
async fn a_period_takes_its_start_and_not_its_end() {
    let app = shop().await;
    let chair = product(&app.ctx).price(100).stock(50).create().await;
    let (_, anna) = customer(&app).await;
    pay(&app, &order(&anna, &chair, 1).await).await;
    app.advance(TimeDelta::days(1));
    let (_, anna) = customer(&app).await;
    let owner = owner(&app).await;
    pay(&app, &order(&anna, &chair, 1).await).await;
    let count = async |query: &str| owner.get(&format!("/api/v1/analytics/sales?{query}")).await.expect(200).json();
    let cases = [
        ("start_date=2026-03-02&end_date=2026-03-02", 1),
        ("start_date=2026-03-02&end_date=2026-03-03", 2),
        ("start_date=2026-03-02T09:00:00Z&end_date=2026-03-03T09:00:00Z", 1),
        ("start_date=2026-03-02T12:00:01%2B03:00&end_date=2026-03-03T09:00:01", 1),
        ("start_date=2026-02-01&end_date=2026-03-01", 0),
    ];
    for (query, orders) in cases {
        assert_eq!(count(query).await["orders_count"], orders, "{query}");
    }
    let month = count("end_date=2026-03-31").await;
    assert_eq!(month["period"], json!({"start": "2026-03-02T00:00:00Z", "end": "2026-04-01T00:00:00Z"}));
    owner.get("/api/v1/analytics/sales?start_date=вчера").await.invalid("start_date");
    owner.get("/api/v1/analytics/sales?start_date=2026-03-03&end_date=2026-03-01").await.invalid("end_date");
    app.close().await;
}

#[tokio::test]
async fn customers_are_people_who_do_not_work_here() {
    let app = shop().await;
    let owner = owner(&app).await;
    let chair = product(&app.ctx).price(100).stock(50).create().await;
    let (_, anna) = customer(&app).await;
    customer(&app).await;
    customer(&app).await;
    order(&anna, &chair, 1).await;
    order(&anna, &chair, 1).await;
    let report = owner.get("/api/v1/analytics/customers").await.expect(200).json();
    let expected = json!({
        "total_customers": 3, "customers_with_orders": 1, "customers_without_orders": 2, "conversion_rate": 33.33
    });
    assert_eq!(report, expected);
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn reports_are_for_those_allowed() {
    let app = shop().await;
    let (_, anna) = customer(&app).await;
    for path in ["sales", "preorders", "customers", "promo-codes", "export/customers", "export/orders"] {
        let path = format!("/api/v1/analytics/{path}");
        app.anon().get(&path).await.refused(401, "auth.unauthorized");
        anna.get(&path).await.refused(403, "auth.forbidden");
    }
    app.close().await;
}
