//! Одновременные покупатели: код не раздают больше предела и не возвращают дважды.

use catalog::factories::{Made, product};
use chrono::TimeDelta;
use kernel::{Actor, Money, Work};
use orders::models::Order;
use promos::factories::promo;
use promos::schemas::PromoCodeIn;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use super::{buy, limited, make, orders_count, used};
use crate::shop::{self, ORDERS, body, customer, id_of, manager, stock};

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
