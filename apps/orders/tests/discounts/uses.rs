//! Использования: отказы, пределы, возврат при отмене и опоздавшая оплата.

use catalog::factories::product;
use chrono::TimeDelta;
use kernel::{Actor, Money, Work};
use orders::models::OrderItem;
use promos::factories::promo;
use promos::models::{PromoUse, promo_use};
use promos::schemas::{Moment, PromoCodeIn};
use sea_orm::{ActiveModelTrait, ActiveValue::Unchanged, EntityTrait, PaginatorTrait, Set};
use serde_json::{Value, json};
use testkit::TestApp;

use super::{buy, limited, make, orders_count, used, with_code};
use crate::shop::{self, ORDERS, customer, id_of, manager, pay, press_pay, read, reasons, row, stock};

#[tokio::test]
async fn an_unusable_code_refuses_the_order_and_nothing_is_written() {
    let app = shop::open().await;
    let (anna, boris) = (customer(&app).await.client, customer(&app).await.client);
    let chair = product(&app.ctx).price(1000).stock(10).create().await;
    let lamp = product(&app.ctx).price(1000).stock(10).create().await;
    let at = |hours: i64| Some(Moment((app.ctx.now() + TimeDelta::hours(hours)).naive_utc()));
    for input in [
        PromoCodeIn { is_active: Some(false), ..promo("OFF") },
        PromoCodeIn { valid_from: at(1), ..promo("SOON") },
        PromoCodeIn { valid_until: at(-1), ..promo("GONE") },
        PromoCodeIn { product_ids: vec![lamp.product.id], ..promo("LAMP") },
        PromoCodeIn { min_sum: Some(Money::rub(2001)), ..promo("BIG") },
        PromoCodeIn { max_uses_per_customer: Some(1), ..promo("FIRST") },
        limited("ONCE", 1),
    ] {
        make(&app, input).await;
    }
    buy(&boris, &[(&chair, 1)], "ONCE").await.expect(201);
    buy(&anna, &[(&chair, 1)], "FIRST").await.expect(201);
    anna.post("/api/v1/cart/items", json!({"product_id": chair.product.id, "quantity": 2})).await.expect(201);
    for (code, refusal) in [
        ("WRONG", "promos.unknown"),
        ("OFF", "promos.inactive"),
        ("SOON", "promos.inactive"),
        ("GONE", "promos.expired"),
        ("ONCE", "promos.used_up"),
        ("LAMP", "promos.not_for_goods"),
        ("BIG", "promos.sum_too_small"),
        ("FIRST", "promos.already_used"),
    ] {
        let problem = buy(&anna, &[(&chair, 2)], code).await.refused(400, refusal);
        assert_eq!(problem["errors"][0]["field"], "promo_code", "{problem}");
        anna.post(ORDERS, json!({"from_cart": true, "promo_code": code})).await.refused(400, refusal);
    }
    let problem = buy(&anna, &[(&chair, 2)], "BIG").await.refused(400, "promos.sum_too_small");
    assert_eq!(problem["detail"], "Промокод действует при покупке от 2\u{a0}001\u{a0}₽.");
    assert_eq!(problem["errors"][0]["message"], problem["detail"]);
    let long = json!({"from_cart": true, "promo_code": "x".repeat(51)});
    anna.post(ORDERS, long).await.invalid("promo_code");
    assert_eq!(orders_count(&app).await, 2);
    assert_eq!(OrderItem::find().count(app.ctx.db_fresh()).await.expect("count"), 2);
    assert_eq!(PromoUse::find().count(app.ctx.db_fresh()).await.expect("count"), 2);
    assert_eq!(stock(&app, &chair).await, (10, 2, 8));
    assert_eq!(anna.get("/api/v1/cart/count").await.expect(200).json()["count"], 2);
    // Ровно на наименьшую сумму — уже можно; пустой код — это без кода.
    make(&app, PromoCodeIn { min_sum: Some(Money::rub(2000)), ..promo("EXACT") }).await;
    buy(&anna, &[(&chair, 2)], "EXACT").await.expect(201);
    assert_eq!(buy(&anna, &[(&chair, 1)], "  ").await.expect(201).json()["promo_code"], Value::Null);
    shop::close(app).await;
}

/// Через заказы и расчёт код подбирать не легче, чем через проверку.
#[tokio::test]
async fn guessing_through_orders_is_bounded_too() {
    let app = shop::with("[promos]\nguesses = 4\n").await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).create().await;
    make(&app, promo("SALE")).await;
    let quote = |code: &str| {
        let (client, wanted) = (app.anon(), with_code(&[(&chair, 1)], code));
        async move { client.post("/api/v1/orders/quote", wanted).await }
    };
    for n in 0..2 {
        buy(&anna, &[(&chair, 1)], &format!("WRONG{n}")).await.refused(400, "promos.unknown");
        quote(&format!("WRONG{n}")).await.expect(200);
    }
    buy(&anna, &[(&chair, 1)], "SALE").await.refused(429, "promos.too_many_guesses");
    quote("SALE").await.refused(429, "promos.too_many_guesses");
    shop::bought(&anna, &[(&chair, 1)]).await;
    app.advance(TimeDelta::minutes(11));
    buy(&anna, &[(&chair, 1)], "SALE").await.expect(201);
    shop::close(app).await;
}

/// Гость узнаётся по телефону и почте заказа, как их ни напиши; вошедший с тем же телефоном — это он же.
#[tokio::test]
async fn a_guest_is_known_by_phone_and_mail() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let chair = product(&app.ctx).price(1000).stock(20).create().await;
    make(&app, PromoCodeIn { max_uses_per_customer: Some(1), ..promo("FIRST") }).await;
    let order = async |phone: &str, email: &str| {
        let mut wanted = with_code(&[(&chair, 1)], "FIRST");
        wanted["contact"] = json!({"name": "Гость", "phone": phone, "email": email});
        app.anon().post(ORDERS, wanted).await
    };
    let first = order("+79160000001", "guest@example.com").await.expect(201).json();
    assert_eq!(first["discount_amount"], 100);
    order("8 (916) 000-00-01", "other@example.com").await.refused(400, "promos.already_used");
    order("+79160000002", " Guest@Example.com ").await.refused(400, "promos.already_used");
    order("+79160000002", "other@example.com").await.expect(201);
    buy(&anna.client, &[(&chair, 1)], "FIRST").await.expect(201);
    order(&anna.login.phone, "third@example.com").await.refused(400, "promos.already_used");
    order("+79160000003", &anna.login.email).await.refused(400, "promos.already_used");
    assert_eq!((used(&app, "FIRST").await, orders_count(&app).await), (3, 3));
    shop::close(app).await;
}

#[tokio::test]
async fn the_order_keeps_the_promised_discount() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await.client, manager(&app).await);
    let chair = product(&app.ctx).price(1000).create().await;
    make(&app, promo("SALE")).await;
    let order = buy(&anna, &[(&chair, 1)], "SALE").await.expect(201).json();
    let admin = app.anon().bearer(&accounts::factories::staff(&app.ctx, promos::permissions::ALL).await.token);
    let path = format!("/api/v1/promo-codes/{}", row(&app, id_of(&order)).await.promo_code_id.expect("promo"));
    admin.patch(&path, json!({"code": "OTHER", "discount_percent": 1, "is_active": false})).await.expect(200);
    let later = read(&anna, &order).await;
    assert_eq!((&later["promo_code"], &later["final_amount"]), (&json!("SALE"), &json!(900)));
    pay(&app, &order).await;
    for status in ["processing", "shipped"] {
        shop::move_to(&staff, id_of(&order), status).await.expect(200);
    }
    // Отгруженный и возвращённый использования не отдаёт: скидкой уже воспользовались.
    shop::move_to(&staff, id_of(&order), "returned").await.expect(200);
    assert_eq!(used(&app, "OTHER").await, 1);
    shop::close(app).await;
}

#[tokio::test]
async fn cancelling_and_expiry_give_the_use_back() {
    let app = shop::open().await;
    let (anna, boris) = (customer(&app).await.client, customer(&app).await.client);
    let chair = product(&app.ctx).stock(10).create().await;
    make(&app, PromoCodeIn { max_uses_per_customer: Some(1), ..limited("ONCE", 1) }).await;
    let first = buy(&anna, &[(&chair, 1)], "ONCE").await.expect(201).json();
    buy(&boris, &[(&chair, 1)], "ONCE").await.refused(400, "promos.used_up");
    anna.post(&format!("{ORDERS}{}/cancel", id_of(&first)), json!({})).await.expect(200);
    assert_eq!(used(&app, "ONCE").await, 0);
    // Отменил — может воспользоваться снова.
    let second = buy(&anna, &[(&chair, 1)], "ONCE").await.expect(201).json();
    app.run_jobs().await;
    app.advance(TimeDelta::minutes(61));
    app.run_jobs().await;
    assert_eq!(read(&anna, &second).await["status"], "cancelled");
    assert_eq!(used(&app, "ONCE").await, 0);
    // Отказ от оплаты и полный возврат — тоже отмена.
    let third = buy(&boris, &[(&chair, 1)], "ONCE").await.expect(201).json();
    let refuse = format!("/api/v1/payment/emulator/{}/refuse", shop::payment_of(&third));
    app.anon().post(&refuse, json!({})).await.expect(200);
    app.run_jobs().await;
    assert_eq!(used(&app, "ONCE").await, 0);
    let fourth = buy(&boris, &[(&chair, 1)], "ONCE").await.expect(201).json();
    pay(&app, &fourth).await;
    assert_eq!(used(&app, "ONCE").await, 1);
    boris.post(&format!("{ORDERS}{}/cancel", id_of(&fourth)), json!({})).await.expect(200);
    app.run_jobs().await;
    assert_eq!(
        (read(&boris, &fourth).await["payment_status"].clone(), used(&app, "ONCE").await),
        (json!("refunded"), 0)
    );
    shop::close(app).await;
}

/// Срок вышел, а об оплате мы не узнали: отменяем одной службой, без сверки платежей.
async fn expire_unseen(app: &TestApp, order: &Value) {
    let id = id_of(order);
    let now = app.ctx.now();
    app.ctx.clock().freeze(now + TimeDelta::minutes(61));
    let expire = async move |work: &mut Work| orders::services::expire_order(work, id).await;
    assert!(app.ctx.atomic(&Actor::System("expire"), expire).await.expect("expired"));
    app.ctx.clock().freeze(now);
}

#[tokio::test]
async fn a_late_payment_takes_the_use_again_or_goes_back() {
    let app = shop::open().await;
    let (anna, boris) = (customer(&app).await.client, customer(&app).await.client);
    let chair = product(&app.ctx).price(1000).stock(10).create().await;
    make(&app, limited("ONCE", 1)).await;
    make(&app, limited("LUCKY", 1)).await;
    let (lost, lucky) = (buy(&anna, &[(&chair, 1)], "ONCE").await, buy(&anna, &[(&chair, 1)], "LUCKY").await);
    let (lost, lucky) = (lost.expect(201).json(), lucky.expect(201).json());
    app.run_jobs().await;
    for order in [&lost, &lucky] {
        press_pay(&app, order, &["late"]).await.expect(200);
        expire_unseen(&app, order).await;
    }
    let taken = buy(&boris, &[(&chair, 1)], "ONCE").await.expect(201).json();
    pay(&app, &taken).await;
    app.advance(TimeDelta::hours(3));
    app.run_jobs().await;
    let lucky = read(&anna, &lucky).await;
    assert_eq!((&lucky["status"], &lucky["final_amount"]), (&json!("paid"), &json!(900)));
    let lost = read(&anna, &lost).await;
    assert_eq!(lost["status"], "cancelled");
    assert!(reasons(&lost).contains(&"late_payment_refunded".to_owned()), "{:?}", reasons(&lost));
    assert_eq!((used(&app, "ONCE").await, used(&app, "LUCKY").await), (1, 1));
    assert_eq!(stock(&app, &chair).await, (10, 2, 8));
    shop::close(app).await;
}

/// Последнее использование забирает один и тот же запрос дважды разом: опоздавший получает готовый ответ.
#[tokio::test(flavor = "multi_thread")]
async fn the_twin_of_the_last_use_gets_its_answer() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).stock(10).create().await;
    make(&app, limited("ONCE", 1)).await;
    let keyed = anna.header("idempotency-key", "last");
    let calls = [0, 1].map(|_| {
        let (client, wanted) = (keyed.clone(), with_code(&[(&chair, 1)], "ONCE"));
        tokio::spawn(async move { client.post(ORDERS, wanted).await.expect(201).body })
    });
    let [first, second] = calls;
    assert_eq!(first.await.expect("task"), second.await.expect("task"));
    assert_eq!((used(&app, "ONCE").await, orders_count(&app).await), (1, 1));
    shop::close(app).await;
}

#[tokio::test]
async fn the_doctor_misses_no_order_without_its_use() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).price(1000).stock(10).create().await;
    make(&app, promo("SALE")).await;
    let order = buy(&anna, &[(&chair, 1)], "SALE").await.expect(201).json();
    let findings = async || {
        let mut found = Vec::new();
        for check in app.checks.iter().filter(|check| check.name.starts_with("orders:")) {
            found.extend((check.run)(&app.ctx).await.expect("check runs"));
        }
        found
    };
    assert_eq!(findings().await, Vec::<String>::new());
    let db = &app.ctx.db_handle().write;
    let number = order["order_number"].as_str().expect("number");
    let use_id = PromoUse::find().one(app.ctx.db_fresh()).await.expect("read").expect("use").id;
    let promised = |kopecks: i64| promo_use::ActiveModel {
        id: Unchanged(use_id),
        discount_amount: Set(Money::minor(kopecks)),
        ..Default::default()
    };
    promised(9_999).update(db).await.expect("planted");
    assert_eq!(findings().await, [format!("order {} ({number}) has no fitting use of its promo code", order["id"])]);
    promised(10_000).update(db).await.expect("mended");
    let share = |kopecks: i64| orders::models::order_item::ActiveModel {
        id: Unchanged(order["items"][0]["id"].as_i64().expect("id")),
        discount_amount: Set(Money::minor(kopecks)),
        ..Default::default()
    };
    share(9_999).update(db).await.expect("planted");
    let found = findings().await;
    assert!(found.len() == 1 && found[0].contains(number) && found[0].contains("by lines 9999"), "{found:?}");
    share(10_000).update(db).await.expect("mended");
    assert!(share(100_001).update(db).await.is_err(), "a share is never above its line");
    assert!(share(-1).update(db).await.is_err(), "a share is never negative");
    shop::close(app).await;
}
