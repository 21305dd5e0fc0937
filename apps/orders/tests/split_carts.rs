//! Смешанная корзина: два заказа, один платёж, одно использование промокода.

use catalog::factories::{Made, product};
use kernel::Money;
use preorders::factories::preorder;
use promos::models::PromoUse;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use crate::preorders::{counts, parts};
use crate::shop::{
    self, ORDERS, body, buy, customer, id_of, manager, move_to, pay, payment_of, press_pay, read, reasons,
};

const SPLIT: &str = "[orders]\nmixed = \"split\"\n";

/// Стул за 500 ₽ со склада и худи за 1 000 ₽ волнами.
async fn goods(app: &TestApp) -> (Made, Made) {
    (preorder(&app.ctx, 2, 2).await, product(&app.ctx).price(500).stock(5).create().await)
}

/// Два заказа одной корзины: стулья, потом худи.
async fn two(client: &Client, wanted: Value) -> [Value; 2] {
    let answer = client.post(ORDERS, wanted).await.expect(201).json();
    let list = answer.as_array().unwrap_or_else(|| panic!("not two orders: {answer}"));
    [list[0].clone(), list[1].clone()]
}

async fn statuses(client: &Client, orders: &[Value; 2]) -> [(String, String, i64); 2] {
    let mut seen = Vec::new();
    for order in orders {
        let now = read(client, order).await;
        let word = |name: &str| now[name].as_str().expect("word").to_owned();
        seen.push((word("status"), word("payment_status"), now["refunded_amount"].as_i64().expect("money")));
    }
    seen.try_into().expect("two")
}

fn state(status: &str, payment: &str, refunded: i64) -> (String, String, i64) {
    (status.into(), payment.into(), refunded)
}

#[tokio::test]
async fn a_mixed_cart_becomes_two_orders_under_one_payment() {
    let app = shop::with(SPLIT).await;
    let anna = customer(&app).await;
    let (hoodie, chair) = goods(&app).await;
    let courier = delivery::factories::method("courier", delivery::models::Kind::Courier, Some(Money::rub(300)));
    delivery::factories::create_method(&app.ctx, courier).await.expect("courier");
    let with_address = |mut body: Value| {
        body["delivery_address"] = json!("Тверская, 1");
        body
    };
    let keyed = anna.client.clone().header("idempotency-key", "mixed-1");
    let wanted = with_address(body(&[(&hoodie, 3), (&chair, 2)]));
    let answer = keyed.post(ORDERS, wanted.clone()).await.expect(201);
    assert_eq!(keyed.post(ORDERS, wanted).await.expect(201).body, answer.body);
    let list = answer.json();
    let orders = [list[0].clone(), list[1].clone()];
    assert_eq!((parts(&orders[0]), parts(&orders[1])), (vec![(0, 2)], vec![(1, 2), (2, 1)]));
    // За доставку платят один раз, и платёж один.
    let sums: Vec<_> = orders.iter().map(|order| (&order["delivery_amount"], &order["final_amount"])).collect();
    assert_eq!(sums, [(&json!(300), &json!(1300)), (&json!(0), &json!(3000))]);
    assert_eq!(payment_of(&orders[0]), payment_of(&orders[1]));
    let started = anna.client.post(&format!("/api/v1/payment/create/{}", id_of(&orders[1])), json!({})).await;
    let started = started.expect(200).json();
    assert_eq!((&started["amount"], &started["confirmation_url"]), (&json!(4300), &orders[0]["payment_url"]));
    pay(&app, &orders[0]).await;
    let paid = [state("paid", "succeeded", 0), state("paid", "succeeded", 0)];
    assert_eq!(statuses(&anna.client, &orders).await, paid);
    // Отменяют порознь, и возвращается своё.
    anna.client.post(&format!("{ORDERS}{}/cancel", id_of(&orders[1])), json!({})).await.expect(200);
    app.run_jobs().await;
    let now = [state("paid", "succeeded", 0), state("cancelled", "refunded", 3000)];
    assert_eq!(statuses(&anna.client, &orders).await, now);
    assert_eq!((shop::stock(&app, &chair).await, counts(&app, &hoodie).await), ((5, 2, 3), vec![0, 0]));
    anna.client.post(&format!("{ORDERS}{}/cancel", id_of(&orders[0])), json!({})).await.expect(200);
    app.run_jobs().await;
    let now = [state("cancelled", "refunded", 1300), state("cancelled", "refunded", 3000)];
    assert_eq!(statuses(&anna.client, &orders).await, now);
    // Несмешанная корзина — по-прежнему один заказ, и ответ — объект.
    assert!(buy(&anna.client, &[(&hoodie, 1)]).await.expect(201).json().is_object());
    // Не хватило одному — нет и другого.
    buy(&anna.client, &[(&hoodie, 1), (&chair, 9)]).await.refused(400, "catalog.out_of_stock");
    assert_eq!(counts(&app, &hoodie).await, [1, 0]);
    shop::close(app).await;
}

/// Оба заказа корзины возвращают с нескольких рабочих мест: каждому — своя доля, и один раз.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_orders_are_refunded_at_once_from_their_own_shares() {
    let app = shop::with(SPLIT).await;
    let (anna, staff) = (customer(&app).await.client, manager(&app).await);
    let (hoodie, chair) = goods(&app).await;
    let orders = two(&anna, body(&[(&hoodie, 2), (&chair, 2)])).await;
    pay(&app, &orders[0]).await;
    let paths = orders.each_ref().map(|order| format!("{ORDERS}{}/refund", id_of(order)));
    let calls = (0..12).map(|turn| {
        let amount = if turn < 6 { json!(null) } else { json!(700) };
        staff.post(&paths[turn % 2], json!({"amount": amount, "reason": "брак"}))
    });
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 400 | 409)), "{answers:?}");
    app.run_jobs().await;
    for order in &orders {
        staff.post(&format!("{ORDERS}{}/refund", id_of(order)), json!({"reason": "остальное"})).await;
    }
    app.run_jobs().await;
    let now = [state("cancelled", "refunded", 1000), state("cancelled", "refunded", 2000)];
    assert_eq!(statuses(&anna, &orders).await, now);
    shop::close(app).await;
}

/// Один отменён до оплаты: другой жив и оплачивается своим платежом.
#[tokio::test]
async fn an_unpaid_order_leaves_the_joint_payment() {
    let app = shop::with(SPLIT).await;
    let anna = customer(&app).await.client;
    let (hoodie, chair) = goods(&app).await;
    let orders = two(&anna, body(&[(&hoodie, 1), (&chair, 2)])).await;
    app.run_jobs().await;
    anna.post(&format!("{ORDERS}{}/cancel", id_of(&orders[0])), json!({})).await.expect(200);
    app.run_jobs().await;
    assert_eq!(statuses(&anna, &orders).await, [state("cancelled", "cancelled", 0), state("pending", "pending", 0)]);
    let started =
        anna.post(&format!("/api/v1/payment/create/{}", id_of(&orders[1])), json!({})).await.expect(200).json();
    assert_eq!(started["amount"], 1000);
    pay(&app, &read(&anna, &orders[1]).await).await;
    assert_eq!(statuses(&anna, &orders).await[1], state("paid", "succeeded", 0));
    shop::close(app).await;
}

/// Общий платёж пришёл, когда один заказ уже отменён: живой оплачен, доля отменённого возвращается (или он оживает).
#[tokio::test]
async fn a_late_joint_payment_finds_each_order_as_it_is() {
    let app = shop::with(SPLIT).await;
    let (anna, boris) = (customer(&app).await.client, customer(&app).await.client);
    let (hoodie, chair) = (preorder(&app.ctx, 1, 1).await, product(&app.ctx).price(500).stock(5).create().await);
    let orders = two(&anna, body(&[(&hoodie, 1), (&chair, 2)])).await;
    press_pay(&app, &orders[0], &["late"]).await.expect(200);
    anna.post(&format!("{ORDERS}{}/cancel", id_of(&orders[1])), json!({})).await.expect(200);
    // Место тем временем купил другой.
    buy(&boris, &[(&hoodie, 1)]).await.expect(201);
    app.advance(chrono::TimeDelta::minutes(50));
    app.run_jobs().await;
    app.advance(chrono::TimeDelta::hours(3));
    app.run_jobs().await;
    let [first, second] = statuses(&anna, &orders).await;
    assert_eq!(first.0, "paid", "{first:?} {:?}", reasons(&read(&anna, &orders[0]).await));
    assert_eq!(second.0, "cancelled");
    assert!(reasons(&read(&anna, &orders[1]).await).contains(&"late_payment_refunded".to_owned()));
    shop::close(app).await;
}

#[tokio::test]
async fn at_the_door_each_order_is_paid_apart() {
    let app = shop::with(SPLIT).await;
    let (anna, staff) = (customer(&app).await.client, manager(&app).await);
    let (hoodie, chair) = goods(&app).await;
    let mut wanted = body(&[(&hoodie, 1), (&chair, 2)]);
    wanted["payment_provider"] = json!("cash");
    let orders = two(&anna, wanted).await;
    move_to(&staff, id_of(&orders[0]), "paid").await.expect(200);
    app.run_jobs().await;
    assert_eq!(statuses(&anna, &orders).await, [state("paid", "succeeded", 0), state("pending", "pending", 0)]);
    // Начали в интернете вместе, а один оплатили в кассе: второй живёт своим платежом.
    let orders = two(&anna, body(&[(&hoodie, 1), (&chair, 1)])).await;
    move_to(&staff, id_of(&orders[1]), "paid").await.expect(200);
    app.run_jobs().await;
    assert_eq!(statuses(&anna, &orders).await, [state("pending", "pending", 0), state("paid", "succeeded", 0)]);
    let started =
        anna.post(&format!("/api/v1/payment/create/{}", id_of(&orders[0])), json!({})).await.expect(200).json();
    assert_eq!(started["amount"], 500);
    shop::close(app).await;
}

/// Скидка кода раскладывается на обе части ровно как в расчёте; использование одно и возвращается с последним заказом.
#[tokio::test]
async fn a_promo_code_covers_both_orders_with_one_use() {
    let app = shop::with(SPLIT).await;
    let anna = customer(&app).await.client;
    let (hoodie, chair) = goods(&app).await;
    let code = promos::factories::create(&app.ctx, promos::factories::promo("TEN")).await.expect("code").id;
    let mut wanted = body(&[(&hoodie, 3), (&chair, 1)]);
    wanted["promo_code"] = json!("ten");
    let quote = anna.post(&format!("{ORDERS}quote"), wanted.clone()).await.expect(200).json();
    assert_eq!((&quote["discount_amount"], &quote["final_amount"]), (&json!(350), &json!(3150)));
    let orders = two(&anna, wanted).await;
    let discounts: Vec<_> = orders.iter().map(|order| (&order["discount_amount"], &order["promo_code"])).collect();
    assert_eq!(discounts, [(&json!(50), &json!("TEN")), (&json!(300), &json!("TEN"))]);
    pay(&app, &orders[0]).await;
    let uses = async || {
        let uses = PromoUse::find().all(app.ctx.db_fresh()).await.expect("uses");
        uses.iter().map(|row| (row.promo_id, row.discount_amount, row.released_at.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(uses().await, [(code, Money::rub(350), false)]);
    for (order, released) in orders.iter().zip([false, true]) {
        anna.post(&format!("{ORDERS}{}/cancel", id_of(order)), json!({})).await.expect(200);
        assert_eq!(uses().await, [(code, Money::rub(350), released)]);
    }
    assert_eq!(PromoUse::find().count(app.ctx.db_fresh()).await.expect("count"), 1);
    shop::close(app).await;
}

/// Оба заказа отменяют в один миг: использование возвращено, и один раз.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancelling_both_at_once_gives_the_use_back_once() {
    let app = shop::with(SPLIT).await;
    let anna = customer(&app).await.client;
    let (hoodie, chair) = (preorder(&app.ctx, 1, 20).await, product(&app.ctx).price(500).stock(50).create().await);
    promos::factories::create(&app.ctx, promos::factories::promo("TEN")).await.expect("code");
    for _ in 0..5 {
        let mut wanted = body(&[(&hoodie, 1), (&chair, 1)]);
        wanted["promo_code"] = json!("TEN");
        let orders = two(&anna, wanted).await;
        let paths = orders.each_ref().map(|order| format!("{ORDERS}{}/cancel", id_of(order)));
        let (one, other) = tokio::join!(anna.post(&paths[0], json!({})), anna.post(&paths[1], json!({})));
        assert_eq!((one.status, other.status), (200, 200));
    }
    let codes = promos::models::PromoCode::find().all(app.ctx.db_fresh()).await.expect("codes");
    assert_eq!(codes[0].current_uses, 0);
    shop::close(app).await;
}
