//! Предзаказ через заказы: места, делёж по волнам, отмена, переход волны с письмами.

use catalog::factories::{Made, product};
use catalog::models::product as products;
use catalog::models::product::OrderType;
use chrono::TimeDelta;
use kernel::Money;
use kernel::events::event_row;
use orders::models::{Order, OrderItem, order_item};
use preorders::factories::{add_wave, preorder, wave_in, waves};
use preorders::models::{Status as WaveStatus, Told};
use preorders::schemas::WaveIn;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use crate::shop::{self, ORDERS, body, bought, buy, customer, id_of, manager, pay, press_pay, read, reasons};

pub const WAVES: &str = "/api/v1/preorder-waves/";

async fn shown(app: &TestApp, made: &Made) -> (OrderType, i64, i64) {
    let row = products::Entity::find_by_id(made.product.id).one(app.ctx.db_fresh()).await.expect("read").expect("row");
    (row.order_type, row.current_wave, row.current_wave_count)
}

pub async fn counts(app: &TestApp, made: &Made) -> Vec<i64> {
    waves(&app.ctx, made.product.id).await.iter().map(|wave| wave.current_count).collect()
}

/// Волна и количество каждой строки.
pub fn parts(order: &Value) -> Vec<(i64, i64)> {
    let items = order["items"].as_array().expect("items").iter();
    items.map(|item| (item["preorder_wave"].as_i64().unwrap_or(0), item["quantity"].as_i64().unwrap_or(0))).collect()
}

/// Кто умеет и заказы, и волны.
pub async fn staff(app: &TestApp) -> Client {
    let rights = [
        orders::permissions::ALL,
        preorders::permissions::ALL,
        catalog::permissions::ALL,
        &[payments::permissions::CONFIRM_CASH, payments::permissions::REFUND_PAYMENT],
    ];
    app.anon().bearer(&accounts::factories::staff(&app.ctx, &rights.concat()).await.token)
}

pub async fn move_wave(staff: &Client, wave: i64, status: &str) {
    let body = json!({"status": status, "message": "Нитки приехали."});
    staff.post(&format!("{WAVES}{wave}/status"), body).await.expect(200);
}

#[tokio::test]
async fn an_order_takes_seats_of_the_open_wave() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let hoodie = preorder(&app.ctx, 2, 3).await;
    let order = bought(&anna, &[(&hoodie, 2)]).await;
    let item = &order["items"][0];
    assert_eq!((&item["is_preorder"], &item["preorder_wave"], &item["price"]), (&json!(true), &json!(1), &json!(1000)));
    assert_eq!(
        (&item["preorder"]["status"], &item["preorder"]["title"]),
        (&json!("collecting"), &json!("Собираем предзаказы"))
    );
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Preorder, 1, 2));
    // Лишнее не теряется: одно место в первой волне, два — во второй.
    let order = bought(&anna, &[(&hoodie, 3)]).await;
    assert_eq!(parts(&order), [(1, 1), (2, 2)]);
    assert_eq!(order["items_amount"], 3000);
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Preorder, 2, 2));
    // Всего не хватает — отказ, и ничего не занято.
    let refused = buy(&anna, &[(&hoodie, 2)]).await.refused(400, "preorders.no_seats");
    assert!(refused["detail"].as_str().expect("words").contains("Осталось 1 место"), "{refused}");
    assert_eq!(refused["errors"][0]["field"], "items[0].quantity");
    assert_eq!(counts(&app, &hoodie).await, [3, 2]);
    bought(&anna, &[(&hoodie, 1)]).await;
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Waiting, 3, 0));
    buy(&anna, &[(&hoodie, 1)]).await.refused(400, "orders.waiting");
    assert_eq!(Order::find().count(app.ctx.db_fresh()).await.expect("count"), 3);
    shop::close(app).await;
}

#[tokio::test]
async fn a_product_without_waves_is_refused_politely() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let hoodie = product(&app.ctx).with(|p| p.order_type = OrderType::Preorder).create().await;
    let refused = buy(&anna, &[(&hoodie, 1)]).await.refused(400, "preorders.no_seats");
    assert!(refused["detail"].as_str().expect("words").ends_with("Свободных мест нет."), "{refused}");
    shop::close(app).await;
}

#[tokio::test]
async fn without_splitting_a_big_line_is_refused() {
    let app = shop::with("[preorders]\nsplit = false\n").await;
    let anna = customer(&app).await.client;
    let hoodie = preorder(&app.ctx, 2, 3).await;
    bought(&anna, &[(&hoodie, 2)]).await;
    buy(&anna, &[(&hoodie, 2)]).await.refused(400, "preorders.no_seats");
    assert_eq!(parts(&bought(&anna, &[(&hoodie, 1)]).await), [(1, 1)]);
    assert_eq!(parts(&bought(&anna, &[(&hoodie, 3)]).await), [(2, 3)]);
    shop::close(app).await;
}

#[tokio::test]
async fn waves_have_their_own_prices_in_the_cart_and_in_the_order() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let hoodie = preorder(&app.ctx, 0, 0).await;
    add_wave(&app.ctx, WaveIn { price: Some(Money::rub(700)), ..wave_in(hoodie.product.id, 2) }).await;
    add_wave(&app.ctx, wave_in(hoodie.product.id, 2)).await;
    let line = anna
        .post("/api/v1/cart/items", json!({"product_id": hoodie.product.id, "quantity": 3}))
        .await
        .expect(201)
        .json();
    assert_eq!(line["product_price"], 700);
    let cart = anna.get("/api/v1/cart/").await.expect(200).json();
    assert_eq!((&cart["total_amount"], &cart["items"][0]["is_available"]), (&json!(2400), &json!(true)));
    anna.post("/api/v1/cart/items", json!({"product_id": hoodie.product.id, "quantity": 2}))
        .await
        .refused(400, "cart.out_of_stock");
    let quoted = anna.post(&format!("{ORDERS}quote"), json!({"from_cart": true})).await.expect(200).json();
    assert_eq!((&quoted["items_amount"], &quoted["problems"]), (&json!(2400), &json!([])));
    let order = anna.post(ORDERS, json!({"from_cart": true})).await.expect(201).json();
    assert_eq!(parts(&order), [(1, 2), (2, 1)]);
    assert_eq!((&order["items"][0]["price"], &order["items"][1]["price"]), (&json!(700), &json!(1000)));
    assert_eq!(order["items_amount"], 2400);
    shop::close(app).await;
}

#[tokio::test]
async fn stock_and_waves_live_in_one_order() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let (hoodie, chair) = (preorder(&app.ctx, 1, 3).await, product(&app.ctx).stock(5).create().await);
    let order = bought(&anna, &[(&chair, 2), (&hoodie, 1)]).await;
    assert_eq!(parts(&order), [(0, 2), (1, 1)]);
    assert_eq!((shop::stock(&app, &chair).await, counts(&app, &hoodie).await), ((5, 2, 3), vec![1]));
    // Одна половина не вышла — не занята и другая.
    buy(&anna, &[(&chair, 1), (&hoodie, 3)]).await.refused(400, "preorders.no_seats");
    buy(&anna, &[(&hoodie, 1), (&chair, 4)]).await.refused(400, "catalog.out_of_stock");
    assert_eq!((shop::stock(&app, &chair).await, counts(&app, &hoodie).await), ((5, 2, 3), vec![1]));
    shop::close(app).await;
}

/// Пятьсот покупателей по одной — три штуки на три волны по двадцать мест: продано ровно шестьдесят, по двадцать в волне, `waiting` —
/// один раз, новость и письмо магазину — одни.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_hundred_buyers_and_three_waves_of_twenty() {
    let app = shop::with("[preorders]\nstaff_email = \"boss@example.com\"\n").await;
    let hoodie = preorder(&app.ctx, 3, 20).await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(customer(&app).await.client);
    }
    let bounded = std::sync::Arc::new(tokio::sync::Semaphore::new(24));
    let calls: Vec<_> = (0..500usize)
        .map(|n| {
            let (client, hoodie, bounded) = (clients[n % clients.len()].clone(), hoodie.clone(), bounded.clone());
            tokio::spawn(async move {
                let _permit = bounded.acquire().await.expect("open");
                buy(&client, &[(&hoodie, 1 + (n as i64 * 7) % 3)]).await
            })
        })
        .collect();
    for call in calls {
        let answer = call.await.expect("task");
        if answer.status != 201 {
            let code = answer.json()["code"].as_str().expect("code").to_owned();
            assert!(
                answer.status == 400 && ["preorders.no_seats", "orders.waiting"].contains(&&*code),
                "{}",
                answer.text()
            );
        }
    }
    assert_eq!(counts(&app, &hoodie).await, [20, 20, 20]);
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Waiting, 4, 0));
    let items = OrderItem::find().all(app.ctx.db_fresh()).await.expect("items");
    for wave in 1..=3 {
        let sold = items.iter().filter(|item| item.preorder_wave == Some(wave)).map(|item| item.quantity);
        assert_eq!(sold.sum::<i64>(), 20, "wave {wave}");
    }
    let sold_out = event_row::Entity::find().filter(event_row::Column::Name.eq("preorders.sold_out"));
    assert_eq!(sold_out.count(app.ctx.db_fresh()).await.expect("count"), 1);
    app.run_jobs().await;
    let notices = notifications::mailbox(&app.ctx).into_iter().filter(|letter| letter.to == "boss@example.com");
    assert_eq!(notices.count(), 1);
    shop::close(app).await;
}

#[tokio::test]
async fn cancelling_and_expiry_free_the_seats_once() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let hoodie = preorder(&app.ctx, 1, 5).await;
    let (first, second) = (bought(&anna, &[(&hoodie, 2)]).await, bought(&anna, &[(&hoodie, 3)]).await);
    assert_eq!(shown(&app, &hoodie).await.0, OrderType::Waiting);
    let path = format!("{ORDERS}{}/cancel", id_of(&first));
    anna.post(&path, json!({})).await.expect(200);
    anna.post(&path, json!({})).await.refused(400, "orders.illegal_transition");
    assert_eq!((shown(&app, &hoodie).await, counts(&app, &hoodie).await), ((OrderType::Preorder, 1, 3), vec![3]));
    app.advance(TimeDelta::minutes(61));
    app.run_jobs().await;
    app.advance(TimeDelta::hours(3));
    app.run_jobs().await;
    assert_eq!(read(&anna, &second).await["status"], "cancelled");
    assert_eq!(counts(&app, &hoodie).await, [0]);
    shop::close(app).await;
}

/// Отмена покупателем, сотрудником и срок в один миг: места возвращены не больше одного раза.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancel_and_expiry_at_the_same_instant() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await.client, manager(&app).await);
    let hoodie = preorder(&app.ctx, 2, 10).await;
    let mut orders = Vec::new();
    for _ in 0..8 {
        orders.push(bought(&anna, &[(&hoodie, 2)]).await);
    }
    app.run_jobs().await;
    app.advance(TimeDelta::minutes(61));
    let mut races = Vec::new();
    for order in &orders[..6] {
        let path = format!("{ORDERS}{}/cancel", id_of(order));
        for client in [&anna, &staff] {
            let (client, path) = (client.clone(), path.clone());
            races.push(tokio::spawn(async move { client.send(http::Method::POST, &path, None).await.status }));
        }
        let (ctx, id) = (app.ctx.clone(), id_of(order));
        races.push(tokio::spawn(async move {
            let expire = ctx.atomic(&kernel::Actor::System("expire"), async move |work: &mut kernel::Work| {
                orders::services::expire_order(work, id).await
            });
            u16::from(expire.await.is_ok())
        }));
    }
    for race in races {
        race.await.expect("task");
    }
    assert_eq!(counts(&app, &hoodie).await.iter().sum::<i64>(), 4);
    shop::close(app).await;
}

#[tokio::test]
async fn a_late_payment_takes_the_same_seats_or_goes_back() {
    let app = shop::open().await;
    let (anna, boris) = (customer(&app).await.client, customer(&app).await.client);
    let hoodie = preorder(&app.ctx, 1, 2).await;
    for taken_meanwhile in [false, true] {
        let order = bought(&anna, &[(&hoodie, 1)]).await;
        app.run_jobs().await;
        press_pay(&app, &order, &["late"]).await.expect(200);
        expire_unseen(&app, &order).await;
        if taken_meanwhile {
            pay(&app, &bought(&boris, &[(&hoodie, 1)]).await).await;
        }
        app.advance(TimeDelta::hours(3));
        app.run_jobs().await;
        let now = read(&anna, &order).await;
        let expected = if taken_meanwhile { "cancelled" } else { "paid" };
        assert_eq!(now["status"], expected, "{:?}", reasons(&now));
    }
    assert_eq!(counts(&app, &hoodie).await, [2]);
    shop::close(app).await;
}

/// Срок вышел, а об оплате мы не узнали.
async fn expire_unseen(app: &TestApp, order: &Value) {
    let (id, now) = (id_of(order), app.ctx.now());
    app.ctx.clock().freeze(now + TimeDelta::minutes(61));
    let expire = app.ctx.atomic(&kernel::Actor::System("expire"), async move |work: &mut kernel::Work| {
        orders::services::expire_order(work, id).await
    });
    assert!(expire.await.expect("expired"));
    app.ctx.clock().freeze(now);
}

pub fn letters(app: &TestApp, to: &str, words: &str) -> usize {
    let all = notifications::mailbox(&app.ctx);
    all.iter().filter(|letter| letter.to == to && letter.subject.contains(words)).count()
}

#[tokio::test]
async fn one_action_moves_every_order_of_a_wave_and_writes_to_every_buyer() {
    let app = shop::open().await;
    let staff = staff(&app).await;
    let hoodie = preorder(&app.ctx, 2, 4).await;
    let (anna, boris, clara) = (customer(&app).await, customer(&app).await, customer(&app).await);
    let paid = bought(&anna.client, &[(&hoodie, 3)]).await;
    // Заказ в двух волнах и заказ только во второй.
    let both = bought(&boris.client, &[(&hoodie, 2)]).await;
    let second = bought(&clara.client, &[(&hoodie, 1)]).await;
    for order in [&paid, &both, &second] {
        pay(&app, order).await;
    }
    let all = waves(&app.ctx, hoodie.product.id).await;
    let list = staff.get(&format!("{WAVES}{}/orders", all[0].id)).await.expect(200).json();
    let numbers: Vec<_> = list["orders"].as_array().expect("orders").iter().map(id_of).collect();
    assert_eq!(numbers, [id_of(&both), id_of(&paid)]);
    staff.get(&format!("{WAVES}777777/orders")).await.refused(404, "preorders.wave_not_found");

    move_wave(&staff, all[0].id, "production").await;
    app.run_jobs().await;
    app.run_jobs().await;
    for (buyer, times) in [(&anna, 1), (&boris, 1), (&clara, 0)] {
        assert_eq!(letters(&app, &buyer.login.email, "изготавливаем"), times);
    }
    let seen = read(&anna.client, &paid).await;
    assert_eq!(seen["status"], "processing");
    let wave = &seen["items"][0]["preorder"];
    assert_eq!(
        (&wave["status"], &wave["title"], &wave["message"]),
        (&json!("production"), &json!("Изготавливаем"), &json!("Нитки приехали."))
    );
    let listed = boris.client.get(ORDERS).await.expect(200).json();
    let statuses: Vec<_> = listed["orders"][0]["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| &item["preorder"]["status"])
        .collect();
    assert_eq!(statuses, ["production", "collecting"]);
    assert_eq!(read(&clara.client, &second).await["status"], "paid");

    move_wave(&staff, all[0].id, "tracking").await;
    app.run_jobs().await;
    assert_eq!(letters(&app, &anna.login.email, "оформляем отправку"), 1);
    assert_eq!(Told::find().count(app.ctx.db_fresh()).await.expect("count"), 4);
    shop::close(app).await;
}

/// Задачу оборвали посередине (одному уже сказано) и запустили снова — и ещё раз, вдвоём: каждый узнал один раз.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_interrupted_telling_goes_on_and_repeats_nobody() {
    use kernel::{Actor, Work};
    let app = shop::open().await;
    let staff = staff(&app).await;
    let hoodie = preorder(&app.ctx, 1, 20).await;
    let mut buyers = Vec::new();
    for _ in 0..6 {
        let buyer = customer(&app).await;
        let order = bought(&buyer.client, &[(&hoodie, 1)]).await;
        buyers.push((buyer.login.email, id_of(&order)));
    }
    app.run_jobs().await;
    let wave = waves(&app.ctx, hoodie.product.id).await.remove(0);
    move_wave(&staff, wave.id, "production").await;
    let moved = preorders::events::WaveMoved {
        wave_id: wave.id,
        product_id: wave.product_id,
        wave_number: 1,
        from: WaveStatus::Collecting,
        to: WaveStatus::Production,
        message: String::new(),
    };
    let first = buyers[2].1;
    let told = async |order_id: i64| {
        let moved = moved.clone();
        app.ctx
            .atomic(&Actor::System("test"), async move |work: &mut Work| {
                orders::services::tell_order(work, order_id, &moved).await
            })
            .await
    };
    told(first).await.expect("told before the crash");
    assert_eq!(told(first).await.expect_err("already").code, "preorders.already_told");
    let twin = kernel::jobs::run_due(&app.ctx);
    let (one, other) = tokio::join!(twin, kernel::jobs::run_due(&app.ctx));
    one.and(other).expect("jobs");
    app.run_jobs().await;
    for (email, id) in &buyers {
        assert_eq!(letters(&app, email, "изготавливаем"), 1, "order {id}");
    }
    assert_eq!(Told::find().count(app.ctx.db_fresh()).await.expect("count"), 6);
    shop::close(app).await;
}

#[tokio::test]
async fn an_offered_seat_is_bought_through_the_cart() {
    let app = shop::open().await;
    let (anna, boris) = (customer(&app).await, customer(&app).await);
    let hoodie = preorder(&app.ctx, 1, 1).await;
    let order = bought(&boris.client, &[(&hoodie, 1)]).await;
    let add = json!({"product_id": hoodie.product.id, "quantity": 1});
    anna.client.post("/api/v1/cart/items", add.clone()).await.refused(400, "cart.waiting");
    anna.client.post(&format!("/api/v1/products/{}/waiting-list", hoodie.product.id), json!({})).await.expect(201);
    boris.client.post(&format!("{ORDERS}{}/cancel", id_of(&order)), json!({})).await.expect(200);
    app.run_jobs().await;
    assert_eq!(letters(&app, &anna.login.email, "Для вас отложено место"), 1);
    // Для Бориса мест нет, для Анны — есть.
    boris.client.post("/api/v1/cart/items", add.clone()).await.refused(400, "cart.waiting");
    boris.client.post(ORDERS, body(&[(&hoodie, 1)])).await.refused(400, "orders.waiting");
    anna.client.post("/api/v1/cart/items", add).await.expect(201);
    let order = anna.client.post(ORDERS, json!({"from_cart": true})).await.expect(201).json();
    assert_eq!(parts(&order), [(1, 1)]);
    assert_eq!((shown(&app, &hoodie).await.0, counts(&app, &hoodie).await), (OrderType::Waiting, vec![1]));
    shop::close(app).await;
}

#[tokio::test]
async fn the_doctor_counts_seats_of_orders() {
    use sea_orm::ConnectionTrait;
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let hoodie = preorder(&app.ctx, 1, 5).await;
    let order = bought(&anna, &[(&hoodie, 2)]).await;
    let check = app.checks.iter().find(|check| check.name == "orders: preorder seats").copied().expect("check");
    assert!((check.run)(&app.ctx).await.expect("runs").is_empty());
    let sql = async |sql: &str| app.ctx.db_handle().write.execute_unprepared(sql).await.expect("planted");
    sql("UPDATE preorder_seats SET quantity = 3").await;
    let found = (check.run)(&app.ctx).await.expect("runs");
    assert!(found.len() == 1 && found[0].contains(&format!("order {}", id_of(&order))), "{found:?}");
    sql("UPDATE preorder_seats SET quantity = 2").await;
    let all = OrderItem::find().filter(order_item::Column::IsPreorder.eq(true)).count(app.ctx.db_fresh()).await;
    assert_eq!(all.expect("count"), 1);
    shop::close(app).await;
}
