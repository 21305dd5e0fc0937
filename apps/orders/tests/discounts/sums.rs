//! Скидка по строкам: что покрыто, до копейки, на всю сумму.

use catalog::factories::product;
use catalog::models::product::OrderType;
use chrono::TimeDelta;
use kernel::{Event, Money};
use orders::events::OrderPaid;
use promos::factories::promo;
use promos::schemas::PromoCodeIn;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use super::{buy, fixed, limited, make, shares, used, with_code};
use crate::shop::{self, ORDERS, customer, id_of, manager, pay, read, reasons, row, stock};

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
    // Наименьшую сумму набирают товарами, а не доставкой.
    make(&app, PromoCodeIn { min_sum: Some(Money::rub(1001)), ..promo("MIN") }).await;
    let mut short = wanted.clone();
    short["promo_code"] = json!("MIN");
    anna.post(ORDERS, short).await.refused(400, "promos.sum_too_small");
    let order = anna.post(ORDERS, wanted).await.expect(201).json();
    assert_eq!(
        (&order["discount_amount"], &order["final_amount"], &order["status"]),
        (&json!(1000), &json!(300), &json!("pending"))
    );
    pay(&app, &order).await;
    assert_eq!(read(&anna, &order).await["status"], "paid");
    shop::close(app).await;
}
