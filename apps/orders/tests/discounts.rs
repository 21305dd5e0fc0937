//! Промокод в заказе: скидка по строкам, отказы, пределы при одновременных покупателях, возврат использования.

use catalog::factories::{Made, product};
use catalog::models::product::OrderType;
use chrono::TimeDelta;
use kernel::{Actor, Event, Money, Work};
use orders::events::OrderPaid;
use orders::models::{Order, OrderItem};
use promos::factories::{create, promo};
use promos::models::{PromoUse, UseState, promo_use};
use promos::schemas::{Moment, PromoCodeIn};
use sea_orm::{ActiveModelTrait, ActiveValue::Unchanged, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Set};
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp};

use crate::shop::{self, ORDERS, body, customer, id_of, manager, pay, press_pay, read, reasons, row, stock};

fn with_code(lines: &[(&Made, i64)], code: &str) -> Value {
    let mut wanted = body(lines);
    wanted["promo_code"] = json!(code);
    wanted
}

async fn buy(client: &Client, lines: &[(&Made, i64)], code: &str) -> Answer {
    client.post(ORDERS, with_code(lines, code)).await
}

async fn make(app: &TestApp, input: PromoCodeIn) {
    create(&app.ctx, input).await.expect("promo code");
}

fn limited(code: &str, max_uses: i64) -> PromoCodeIn {
    PromoCodeIn { max_uses: Some(max_uses), ..promo(code) }
}

fn fixed(code: &str, amount: Money) -> PromoCodeIn {
    PromoCodeIn { discount_percent: None, discount_amount: Some(amount), ..promo(code) }
}

/// Занято использований: счётчик кода равен числу строк.
async fn used(app: &TestApp, code: &str) -> i64 {
    let promo = promos::queries::by_code(app.ctx.db_fresh(), code).await.expect("read").expect("promo code");
    let held = PromoUse::find()
        .filter(promo_use::Column::PromoId.eq(promo.id))
        .filter(promo_use::Column::State.eq(UseState::Held));
    let held = held.count(app.ctx.db_fresh()).await.expect("count");
    assert_eq!(u64::try_from(promo.current_uses), Ok(held), "{code}");
    promo.current_uses
}

async fn orders_count(app: &TestApp) -> u64 {
    Order::find().count(app.ctx.db_fresh()).await.expect("count")
}

fn shares(order: &Value) -> Vec<Value> {
    let items = order["items"].as_array().expect("items");
    items.iter().map(|item| item["discount_amount"].clone()).collect()
}

#[tokio::test]
async fn only_covered_lines_are_discounted_and_the_shares_are_kept() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let chair = product(&app.ctx).price(333).stock(10).create().await;
    let lamp = product(&app.ctx).price(500).stock(10).create().await;
    let vase = product(&app.ctx).price(100).stock(10).create().await;
    make(&app, PromoCodeIn { product_ids: vec![chair.product.id, vase.product.id], ..promo("Leto") }).await;
    let lines = [(&chair, 1), (&lamp, 2), (&vase, 1)];
    let order = buy(&anna.client, &lines, " LETO ").await.expect(201).json();
    for (field, value) in [
        ("items_amount", json!(1433)),
        ("total_amount", json!(1433)),
        ("discount_amount", json!(43.3)),
        ("final_amount", json!(1389.7)),
        ("promo_code", json!("Leto")),
        ("status", json!("pending")),
    ] {
        assert_eq!(order[field], value, "{field}");
    }
    assert_eq!(shares(&order), [json!(33.3), json!(0), json!(10)]);
    assert_eq!(read(&anna.client, &order).await, order);
    let list = anna.client.get(ORDERS).await.expect(200).json();
    assert_eq!((&list["orders"][0]["promo_code"], &list["orders"][0]["items"]), (&json!("Leto"), &order["items"]));
    assert_eq!(used(&app, "leto").await, 1);
    assert_eq!(row(&app, id_of(&order)).await.promo_code_id, Some(1));
    // Заплатить надо столько, сколько обещано.
    pay(&app, &order).await;
    let paid = read(&anna.client, &order).await;
    assert_eq!((&paid["status"], &paid["final_amount"]), (&json!("paid"), &json!(1389.7)));
    let letters = notifications::mailbox(&app.ctx);
    assert!(letters[0].body.contains("Скидка по промокоду Leto: −43,30\u{a0}₽"), "{}", letters[0].body);
    // Без кода — без скидки.
    let plain = shop::bought(&anna.client, &[(&chair, 1)]).await;
    assert_eq!(
        (&plain["discount_amount"], &plain["promo_code"], shares(&plain)),
        (&json!(0), &Value::Null, vec![json!(0)])
    );
    shop::close(app).await;
}

#[tokio::test]
async fn discounts_are_counted_to_the_kopeck() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let made = product(&app.ctx).price(100).stock(100).sizes(&["S", "M", "L"]).create().await;
    let id = made.product.id;
    let items =
        json!([{"product_id": id, "size": "S"}, {"product_id": id, "size": "M"}, {"product_id": id, "size": "L"}]);
    let order =
        async |code: &str| anna.post(ORDERS, json!({"items": items, "promo_code": code})).await.expect(201).json();
    make(&app, fixed("HUNDRED", Money::rub(100))).await;
    make(&app, fixed("HUGE", Money::rub(100_000))).await;
    make(&app, PromoCodeIn { discount_amount: Some(Money::rub(1)), ..promo("BOTH") }).await;
    let hundred = order("HUNDRED").await;
    assert_eq!(
        (shares(&hundred), &hundred["final_amount"]),
        (vec![json!(33.34), json!(33.33), json!(33.33)], &json!(200))
    );
    let both = order("BOTH").await;
    assert_eq!((&both["discount_amount"], &both["final_amount"]), (&json!(30), &json!(270)), "percent wins");
    let huge = order("HUGE").await;
    assert_eq!((&huge["discount_amount"], &huge["final_amount"]), (&json!(300), &json!(0)), "not below zero");
    shop::close(app).await;
}

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

#[tokio::test]
async fn preorders_are_not_goods_in_stock_for_a_code() {
    let app = shop::open().await;
    let waves = product(&app.ctx).price(1000).with(|p| p.order_type = OrderType::Preorder).create().await;
    let chair = product(&app.ctx).price(1000).create().await;
    make(&app, PromoCodeIn { kinds: vec![promos::models::Kind::Goods], ..promo("STOCK") }).await;
    let quote = app
        .anon()
        .post("/api/v1/orders/quote", with_code(&[(&waves, 1), (&chair, 1)], "STOCK"))
        .await
        .expect(200)
        .json();
    let line = |index: usize| quote["lines"][index]["discount_amount"].clone();
    assert_eq!((&quote["discount_amount"], line(0), line(1)), (&json!(100), json!(0), json!(100)));
    shop::close(app).await;
}

#[tokio::test]
async fn a_quote_shows_the_discount_or_the_reason_and_takes_nothing() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).price(1000).create().await;
    make(&app, limited("SALE", 1)).await;
    let quote = |code: &'static str| {
        let (anna, wanted) = (anna.clone(), with_code(&[(&chair, 1)], code));
        async move { anna.post("/api/v1/orders/quote", wanted).await.expect(200).json() }
    };
    let good = quote("sale").await;
    assert_eq!(
        (&good["discount_amount"], &good["final_amount"], &good["problems"]),
        (&json!(100), &json!(900), &json!([]))
    );
    assert_eq!(used(&app, "SALE").await, 0);
    let bad = quote("WRONG").await;
    assert_eq!((&bad["discount_amount"], &bad["final_amount"]), (&json!(0), &json!(1000)));
    assert_eq!(
        bad["problems"],
        json!([{"field": "promo_code", "code": "promos.unknown", "message": "Такого промокода нет."}])
    );
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

/// Скидка на всё: платить нечего, и заказ оплачен с рождения — без платежа, срока и письма о деньгах.
#[tokio::test]
async fn an_order_for_nothing_is_paid_at_once() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await.client, manager(&app).await);
    let chair = product(&app.ctx).price(1000).stock(5).create().await;
    make(&app, PromoCodeIn { discount_percent: Some(promos::models::Percent::MAX), ..limited("GIFT", 2) }).await;
    let mut placed = Vec::new();
    for provider in [Value::Null, json!("cash")] {
        let mut wanted = with_code(&[(&chair, 1)], "GIFT");
        wanted["payment_provider"] = provider;
        let order = anna.post(ORDERS, wanted).await.expect(201).json();
        for (field, value) in [
            ("final_amount", json!(0)),
            ("status", json!("paid")),
            ("payment_status", json!("succeeded")),
            ("payment_url", Value::Null),
            ("paid_at", Value::Null),
            ("expires_at", Value::Null),
        ] {
            assert_eq!(order[field], value, "{field}");
        }
        assert_eq!(reasons(&order), ["placed", "nothing_to_pay"]);
        assert_eq!(read(&anna, &order).await, order);
        placed.push(order);
    }
    app.advance(TimeDelta::hours(5));
    app.run_jobs().await;
    let news = kernel::events::event_row::Entity::find()
        .filter(kernel::events::event_row::Column::Name.eq(OrderPaid::NAME))
        .count(app.ctx.db_fresh());
    assert_eq!(news.await.expect("count"), 2);
    let letters = notifications::mailbox(&app.ctx);
    assert_eq!(letters.len(), 2, "{letters:?}");
    assert!(letters.iter().all(|letter| letter.body.contains("Платить ничего не нужно.")), "{letters:?}");
    let subject = orders::models::order::subject_of(id_of(&placed[0]));
    assert!(payments::queries::of_subject(app.ctx.db_fresh(), &subject).await.expect("payments").is_empty());
    anna.post(&format!("/api/v1/payment/create/{}", id_of(&placed[0])), json!({}))
        .await
        .refused(400, "orders.not_payable");
    for status in ["processing", "shipped", "delivered"] {
        shop::move_to(&staff, id_of(&placed[0]), status).await.expect(200);
    }
    // Второй отменяет покупатель: товар и использование возвращаются, возвращать деньги некому.
    let path = format!("{ORDERS}{}/cancel", id_of(&placed[1]));
    let cancelled = anna.post(&path, json!({})).await.expect(200).json();
    assert_eq!((&cancelled["status"], &cancelled["payment_status"]), (&json!("cancelled"), &json!("cancelled")));
    assert_eq!((used(&app, "GIFT").await, stock(&app, &chair).await), (1, (4, 0, 4)));
    shop::close(app).await;
}

#[tokio::test]
async fn delivery_is_paid_even_when_the_goods_are_not() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).price(1000).create().await;
    let courier = delivery::factories::method("courier", delivery::models::Kind::Courier, Some(Money::rub(300)));
    delivery::factories::create_method(&app.ctx, courier).await.expect("courier");
    make(&app, PromoCodeIn { discount_percent: Some(promos::models::Percent::MAX), ..promo("GIFT") }).await;
    let mut wanted = with_code(&[(&chair, 1)], "GIFT");
    wanted["delivery"] = json!({"method": "courier", "address": "Москва, Ленина 1"});
    let order = anna.post(ORDERS, wanted).await.expect(201).json();
    assert_eq!(
        (&order["discount_amount"], &order["final_amount"], &order["status"]),
        (&json!(1000), &json!(300), &json!("pending"))
    );
    pay(&app, &order).await;
    assert_eq!(read(&anna, &order).await["status"], "paid");
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

/// Отмена покупателем, сотрудником и сроком в один миг: использование возвращается один раз.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancelled_by_everybody_at_once_the_use_is_given_back_once() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await.client, manager(&app).await);
    let chair = product(&app.ctx).stock(100).create().await;
    make(&app, limited("SALE", 20)).await;
    let mut ids = Vec::new();
    for _ in 0..12 {
        ids.push(id_of(&buy(&anna, &[(&chair, 1)], "SALE").await.expect(201).json()));
    }
    app.run_jobs().await;
    app.advance(TimeDelta::minutes(61));
    let mut races = Vec::new();
    for id in ids.iter().copied().skip(2) {
        let path = format!("{ORDERS}{id}/cancel");
        for client in [&anna, &staff] {
            let (client, path) = (client.clone(), path.clone());
            races.push(tokio::spawn(async move { client.send(http::Method::POST, &path, None).await.status }));
        }
        let ctx = app.ctx.clone();
        races.push(tokio::spawn(async move {
            let expire = async move |work: &mut Work| orders::services::expire_order(work, id).await;
            ctx.atomic(&Actor::System("expire"), expire).await.expect("expire");
            200
        }));
    }
    for race in races {
        let status = race.await.expect("task");
        assert!(matches!(status, 200 | 400 | 409), "{status}");
    }
    assert_eq!(used(&app, "SALE").await, 2);
    assert_eq!(stock(&app, &chair).await, (100, 2, 98));
    app.run_jobs().await;
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

/// Гость со своей корзиной и контактом: всё готово, осталось заказать.
async fn prepared_guest(app: &TestApp, made: &Made, number: usize) -> (Client, Value) {
    let added = app.anon().post("/api/v1/cart/items", json!({"product_id": made.product.id})).await.expect(201);
    let client = app.anon().header("x-cart-token", added.header("x-cart-token").expect("token"));
    let contact =
        json!({"name": "Гость", "phone": format!("+7916{number:07}"), "email": format!("guest{number}@example.com")});
    (client, json!({"from_cart": true, "contact": contact}))
}

/// Все заказывают разом; отвечает, сколько заказов оформлено. Прочим отказано из-за предела кода.
async fn race(prepared: Vec<(Client, Value)>, code: &str) -> usize {
    let calls: Vec<_> = prepared
        .into_iter()
        .map(|(client, mut wanted)| {
            wanted["promo_code"] = json!(code);
            tokio::spawn(async move { client.post(ORDERS, wanted).await })
        })
        .collect();
    let mut placed = 0;
    for call in calls {
        let answer = call.await.expect("task");
        if answer.status == 201 {
            placed += 1;
            continue;
        }
        let code = answer.expect(400).json()["code"].clone();
        assert!(code == "promos.used_up" || code == "promos.already_used", "{code}");
    }
    placed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_prepared_carts_and_one_use() {
    let app = shop::open().await;
    let chair = product(&app.ctx).price(1000).stock(1000).create().await;
    make(&app, PromoCodeIn { max_uses_per_customer: Some(1), ..limited("ONCE", 1) }).await;
    let mut prepared = Vec::new();
    for number in 0..70 {
        prepared.push(prepared_guest(&app, &chair, number).await);
    }
    // Один вошедший с тридцатью вкладками.
    let anna = customer(&app).await.client;
    prepared.extend((0..30).map(|_| (anna.clone(), body(&[(&chair, 1)]))));
    assert_eq!(race(prepared, "once").await, 1);
    assert_eq!((used(&app, "ONCE").await, orders_count(&app).await), (1, 1));
    let only = Order::find().one(app.ctx.db_fresh()).await.expect("read").expect("order");
    assert_eq!(only.discount_amount, Money::rub(100), "nobody paid the full price instead");
    assert_eq!(stock(&app, &chair).await, (1000, 1, 999));
    shop::close(app).await;
}

/// Предел на покупателя без общего предела: один человек во многих вкладках получает одну скидку.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_customer_in_many_tabs_uses_the_code_once() {
    let app = shop::open().await;
    let chair = product(&app.ctx).price(1000).stock(1000).create().await;
    make(&app, PromoCodeIn { max_uses_per_customer: Some(1), ..promo("FIRST") }).await;
    let anna = customer(&app).await.client;
    let tabs = (0..40).map(|_| (anna.clone(), body(&[(&chair, 1)]))).collect();
    assert_eq!(race(tabs, "FIRST").await, 1);
    assert_eq!((used(&app, "FIRST").await, orders_count(&app).await), (1, 1));
    shop::close(app).await;
}

async fn crowd(limit: usize, carts: usize) {
    let app = shop::open().await;
    let chair = product(&app.ctx).price(1000).stock(1_000_000).create().await;
    make(&app, PromoCodeIn { max_uses_per_customer: Some(1), ..limited("CROWD", limit as i64) }).await;
    let mut prepared = Vec::new();
    for number in 0..carts {
        prepared.push(prepared_guest(&app, &chair, number).await);
    }
    assert_eq!(race(prepared, "CROWD").await, limit);
    assert_eq!((used(&app, "CROWD").await, orders_count(&app).await), (limit as i64, limit as u64));
    shop::close(app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_uses_and_two_hundred_and_fifty_carts() {
    crowd(50, 250).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "minutes: the same at the size of a real sale"]
async fn a_thousand_uses_and_five_thousand_carts() {
    crowd(1000, 5000).await;
}

/// Общие товары и общие коды в любом порядке: ни одной взаимной блокировки наружу.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn shared_goods_and_codes_in_any_order_never_deadlock() {
    let app = shop::open().await;
    let mut goods = Vec::new();
    for _ in 0..3 {
        goods.push(product(&app.ctx).stock(1000).create().await);
    }
    for code in ["EVEN", "ODD"] {
        make(&app, limited(code, 20)).await;
    }
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(customer(&app).await.client);
    }
    let calls: Vec<_> = (0..60usize)
        .map(|n| {
            let (client, goods) = (clients[n % 10].clone(), goods.clone());
            tokio::spawn(async move {
                let mut lines: Vec<(&Made, i64)> = goods.iter().map(|made| (made, 1)).collect();
                lines.rotate_left(n % 3);
                let answer = buy(&client, &lines, if n % 2 == 0 { "EVEN" } else { "ODD" }).await;
                if answer.status != 201 {
                    answer.refused(400, "promos.used_up");
                    return false;
                }
                let path = format!("{ORDERS}{}/cancel", id_of(&answer.json()));
                let cancels = n % 5 == 0;
                if cancels {
                    client.post(&path, json!({})).await.expect(200);
                }
                !cancels
            })
        })
        .collect();
    let mut live = 0;
    for call in calls {
        live += i64::from(call.await.expect("task"));
    }
    assert_eq!(used(&app, "EVEN").await + used(&app, "ODD").await, live);
    assert_eq!(stock(&app, &goods[0]).await, (1000, live, 1000 - live));
    app.run_jobs().await;
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
