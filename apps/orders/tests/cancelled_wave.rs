//! Волна не состоялась: деньги за её места возвращаются всем, каждому один раз.

use catalog::factories::{Made, product};
use chrono::TimeDelta;
use kernel::{Actor, Money, Work};
use preorders::factories::{add_wave, preorder, wave_in, waves};
use preorders::models::{Status as WaveStatus, Told};
use preorders::schemas::WaveIn;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use crate::fake::FakeYooKassa;
use crate::preorders::{WAVES, counts, letters, staff};
use crate::shop::{self, ORDERS, bought, customer, id_of, pay, read, reasons};

pub async fn cancel_wave(app: &TestApp, staff: &Client, wave: i64) {
    let body = json!({"status": "cancelled", "message": "Ткань не приехала.", "refund": true});
    staff.post(&format!("{WAVES}{wave}/status"), body).await.expect(200);
    app.run_jobs().await;
}

fn money(order: &Value) -> (&Value, &Value, &Value) {
    (&order["status"], &order["payment_status"], &order["refunded_amount"])
}

#[tokio::test]
async fn everybody_gets_the_money_of_a_cancelled_wave_back() {
    let app = shop::open().await;
    let (staff, chair) = (staff(&app).await, product(&app.ctx).price(500).stock(5).create().await);
    let hoodie = preorder(&app.ctx, 2, 4).await;
    let (anna, boris, clara) = (customer(&app).await, customer(&app).await, customer(&app).await);
    let whole = bought(&anna.client, &[(&hoodie, 3)]).await;
    // Одно место в первой волне, одно во второй, и стул со склада.
    let mixed = bought(&boris.client, &[(&hoodie, 2), (&chair, 1)]).await;
    let unpaid = bought(&clara.client, &[(&hoodie, 1)]).await;
    for order in [&whole, &mixed] {
        pay(&app, order).await;
    }
    let all = waves(&app.ctx, hoodie.product.id).await;
    // Без согласия вернуть деньги занятую волну не отменить.
    let refused = staff.post(&format!("{WAVES}{}/status", all[0].id), json!({"status": "cancelled"})).await;
    assert_eq!(refused.refused(400, "preorders.wave_is_taken")["errors"][0]["field"], "refund");
    cancel_wave(&app, &staff, all[0].id).await;

    let now = read(&anna.client, &whole).await;
    assert_eq!(money(&now), (&json!("cancelled"), &json!("refunded"), &json!(3000)));
    assert_eq!(now["cancel_reason"], "Ткань не приехала.");
    let now = read(&boris.client, &mixed).await;
    assert_eq!(money(&now), (&json!("paid"), &json!("succeeded"), &json!(1000)));
    let gone: Vec<bool> =
        now["items"].as_array().expect("items").iter().map(|item| item["cancelled_at"].is_string()).collect();
    assert_eq!(gone, [true, false, false]);
    assert_eq!(read(&clara.client, &unpaid).await["status"], "pending", "she is in the second wave");
    assert_eq!(counts(&app, &hoodie).await, [0, 2]);
    assert_eq!(letters(&app, &anna.login.email, "отменён"), 1);
    assert_eq!(letters(&app, &boris.login.email, "не состоялась"), 1);

    // Потом не состоялась и вторая: от заказа остался стул.
    cancel_wave(&app, &staff, all[1].id).await;
    let now = read(&boris.client, &mixed).await;
    assert_eq!(money(&now), (&json!("paid"), &json!("succeeded"), &json!(2000)));
    assert_eq!(money(&read(&clara.client, &unpaid).await).0, "cancelled");
    assert_eq!((counts(&app, &hoodie).await, shop::stock(&app, &chair).await), (vec![0, 0], (5, 1, 4)));
    // Отменённое не возвращают второй раз: отмена остального отдаёт только остальное.
    staff.post(&format!("{ORDERS}{}/cancel", id_of(&mixed)), json!({})).await.expect(200);
    app.run_jobs().await;
    assert_eq!(money(&read(&boris.client, &mixed).await), (&json!("cancelled"), &json!("refunded"), &json!(2500)));
    shop::close(app).await;
}

/// Оплата при получении, и за заказ уже взялись: при выдаче спросят только за оставшееся.
#[tokio::test]
async fn an_order_paid_at_the_door_asks_for_what_is_left() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, staff(&app).await);
    let (hoodie, chair) = (preorder(&app.ctx, 1, 4).await, product(&app.ctx).price(500).stock(5).create().await);
    let mut wanted = shop::body(&[(&hoodie, 1), (&chair, 1)]);
    wanted["payment_provider"] = json!("cash");
    let order = anna.client.post(ORDERS, wanted).await.expect(201).json();
    shop::move_to(&staff, id_of(&order), "processing").await.expect(200);
    let wave = waves(&app.ctx, hoodie.product.id).await[0].id;
    cancel_wave(&app, &staff, wave).await;
    let now = read(&anna.client, &order).await;
    assert_eq!((&now["status"], &now["final_amount"]), (&json!("processing"), &json!(500)));
    assert_eq!((counts(&app, &hoodie).await, shop::stock(&app, &chair).await), (vec![0], (5, 1, 4)));
    assert_eq!(letters(&app, &anna.login.email, "не состоялась"), 1);
    shop::close(app).await;
}

#[tokio::test]
async fn a_line_with_a_deposit_leaves_the_order_with_its_balance() {
    for balance_is_paid in [false, true] {
        let app = shop::open().await;
        let (anna, staff) = (customer(&app).await, staff(&app).await);
        let hoodie = preorder(&app.ctx, 0, 0).await;
        for _ in 0..2 {
            add_wave(&app.ctx, WaveIn { deposit_percent: Some(20), ..wave_in(hoodie.product.id, 2) }).await;
        }
        let order = bought(&anna.client, &[(&hoodie, 4)]).await;
        pay(&app, &order).await;
        anna.client.post(&format!("/api/v1/payment/create/{}", id_of(&order)), json!({})).await.expect(200);
        if balance_is_paid {
            pay(&app, &read(&anna.client, &order).await).await;
        }
        let second = waves(&app.ctx, hoodie.product.id).await[1].id;
        cancel_wave(&app, &staff, second).await;
        let now = read(&anna.client, &order).await;
        let (balance, refunded) = if balance_is_paid { (3200, 2000) } else { (1600, 400) };
        assert_eq!((&now["balance_amount"], &now["refunded_amount"]), (&json!(balance), &json!(refunded)));
        // Открытый платёж просил старый остаток: его больше нет, новый просит новый.
        if !balance_is_paid {
            assert_eq!(now["payment_url"], Value::Null);
            anna.client.post(&format!("/api/v1/payment/create/{}", id_of(&order)), json!({})).await.expect(200);
            pay(&app, &read(&anna.client, &order).await).await;
            let now = read(&anna.client, &order).await;
            assert_eq!((&now["paid_amount"], &now["refunded_amount"]), (&json!(2400), &json!(400)));
        }
        shop::close(app).await;
    }
}

/// Чек возврата — ровно отменённая строка.
#[tokio::test]
async fn the_refund_receipt_names_the_cancelled_line() {
    let fake = FakeYooKassa::start().await;
    let app = shop::with(&fake.settings()).await;
    let (anna, staff) = (customer(&app).await, staff(&app).await);
    let chair = product(&app.ctx).price(777).stock(5).with(|new| new.name = "Стул".into()).create().await;
    let hoodie = preorder(&app.ctx, 1, 5).await;
    let order = bought(&anna.client, &[(&chair, 1), (&hoodie, 2)]).await;
    anna.client.post(&format!("/api/v1/payment/create/{}", id_of(&order)), json!({})).await.expect(200);
    let id = fake.payments()[0]["id"].as_str().expect("id").to_owned();
    assert!(fake.pay(&id));
    let sender = app.anon().from_ip([185, 71, 76, 5]);
    sender.post("/api/v1/payment/webhook", fake.notification(&id)).await.expect(200);
    app.run_jobs().await;
    let wave = waves(&app.ctx, hoodie.product.id).await[0].id;
    cancel_wave(&app, &staff, wave).await;
    app.run_jobs().await;
    let refund = fake.refunds().remove(0);
    let items = refund["receipt"]["items"].as_array().expect("items");
    assert_eq!((items.len(), &items[0]["quantity"], &refund["amount"]["value"]), (1, &json!(2), &json!("2000.00")));
    assert!(!items[0]["description"].as_str().expect("name").contains("Стул"));
    shop::close(app).await;
}

/// Срок вышел, «шьём от» не набралось: магазин узнаёт, а по настройке волна сама возвращает деньги.
#[tokio::test]
async fn a_wave_below_its_minimum_tells_the_shop_or_refunds() {
    for refunds in [false, true] {
        let settings = format!("[preorders]\nstaff_email = \"boss@example.com\"\nrefund_below_minimum = {refunds}\n");
        let app = shop::with(&settings).await;
        let (anna, staff) = (customer(&app).await, staff(&app).await);
        let hoodie = preorder(&app.ctx, 0, 0).await;
        let until = app.ctx.now() + TimeDelta::hours(2);
        let input = WaveIn { min_count: Some(3), closes_at: Some(until), ..wave_in(hoodie.product.id, 5) };
        let wave = add_wave(&app.ctx, input).await;
        let order = bought(&anna.client, &[(&hoodie, 2)]).await;
        pay(&app, &order).await;
        app.advance(TimeDelta::hours(3));
        app.run_jobs().await;
        assert_eq!(letters(&app, "boss@example.com", "не набралась"), 1);
        let now = waves(&app.ctx, hoodie.product.id).await.remove(0);
        let seen = read(&anna.client, &order).await;
        match refunds {
            true => assert_eq!((now.status, &seen["refunded_amount"]), (WaveStatus::Cancelled, &json!(2000))),
            false => {
                assert_eq!((now.status, &seen["refunded_amount"]), (WaveStatus::Collecting, &json!(0)));
                staff
                    .post(&format!("{WAVES}{}/status", wave.id), json!({"status": "production"}))
                    .await
                    .refused(400, "preorders.below_minimum");
                cancel_wave(&app, &staff, wave.id).await;
                assert_eq!(read(&anna.client, &order).await["refunded_amount"], 2000);
            }
        }
        shop::close(app).await;
    }
}

/// Возврат оборвали на третьем заказе, потом его доделывают двое сразу: каждому вернули один раз и написали одно письмо.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_interrupted_refund_goes_on_and_repeats_nobody() {
    let app = shop::open().await;
    let staff = staff(&app).await;
    let hoodie: Made = preorder(&app.ctx, 1, 20).await;
    let mut buyers = Vec::new();
    for _ in 0..6 {
        let buyer = customer(&app).await;
        let order = bought(&buyer.client, &[(&hoodie, 1)]).await;
        pay(&app, &order).await;
        buyers.push((buyer, order));
    }
    let wave = waves(&app.ctx, hoodie.product.id).await.remove(0);
    let body = json!({"status": "cancelled", "refund": true});
    staff.post(&format!("{WAVES}{}/status", wave.id), body).await.expect(200);
    let moved = preorders::events::WaveMoved {
        wave_id: wave.id,
        product_id: wave.product_id,
        wave_number: 1,
        from: WaveStatus::Collecting,
        to: WaveStatus::Cancelled,
        message: String::new(),
    };
    let first = id_of(&buyers[2].1);
    let done_before = app.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
        orders::services::tell_order(work, first, &moved).await
    });
    done_before.await.expect("one order before the crash");
    let (one, other) = tokio::join!(kernel::jobs::run_due(&app.ctx), kernel::jobs::run_due(&app.ctx));
    one.and(other).expect("jobs");
    app.run_jobs().await;
    for (buyer, order) in &buyers {
        let now = read(&buyer.client, order).await;
        assert_eq!(money(&now), (&json!("cancelled"), &json!("refunded"), &json!(1000)));
        assert_eq!(reasons(&now).iter().filter(|code| *code == "refund_requested").count(), 1);
        assert_eq!(letters(&app, &buyer.login.email, "отменён"), 1);
    }
    let refunded: Money = payments::emulator::emulator_payment::Entity::find()
        .all(app.ctx.db_fresh())
        .await
        .expect("gateway")
        .iter()
        .map(|payment| payment.refunded)
        .sum();
    assert_eq!(refunded, Money::rub(6000));
    assert_eq!(Told::find().count(app.ctx.db_fresh()).await.expect("count"), 6);
    assert_eq!(counts(&app, &hoodie).await, [0]);
    shop::close(app).await;
}
