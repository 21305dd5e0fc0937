//! Задаток сейчас, остаток потом: суммы, чеки, отмена, опоздавшее и лишнее.

use catalog::factories::{Made, product};
use kernel::Money;
use orders::calculations::deposit_of;
use preorders::factories::{add_wave, preorder, wave_in, waves};
use preorders::schemas::WaveIn;
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use crate::fake::FakeYooKassa;
use crate::preorders::{move_wave, staff};
use crate::shop::{self, ORDERS, bought, customer, id_of, manager, move_to, pay, press_pay, read, reasons, row};

/// Худи за 1 000 ₽ с задатком 30 % и две волны по пять мест.
async fn hoodie(app: &TestApp) -> Made {
    let made = preorder(&app.ctx, 0, 0).await;
    for _ in 0..2 {
        add_wave(&app.ctx, WaveIn { deposit_percent: Some(30), ..wave_in(made.product.id, 5) }).await;
    }
    made
}

/// Волна идёт дальше, письма разошлись.
async fn wave_comes(app: &TestApp, staff: &Client, wave: i64, statuses: &[&str]) {
    for status in statuses {
        move_wave(staff, wave, status).await;
        app.run_jobs().await;
    }
}

fn sums(order: &Value) -> [i64; 5] {
    ["final_amount", "deposit_amount", "balance_amount", "paid_amount", "refunded_amount"]
        .map(|name| order[name].as_i64().unwrap_or(-1))
}

#[tokio::test]
async fn a_deposit_is_paid_now_and_the_balance_when_the_goods_are_ready() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, staff(&app).await);
    let (hoodie, chair) = (hoodie(&app).await, product(&app.ctx).price(500).stock(5).create().await);
    let wanted = [(&hoodie, 2), (&chair, 1)];
    let quote = anna.client.post(&format!("{ORDERS}quote"), shop::body(&wanted)).await.expect(200).json();
    assert_eq!((&quote["final_amount"], &quote["balance_amount"]), (&json!(2500), &json!(1400)));
    let order = bought(&anna.client, &wanted).await;
    assert_eq!(sums(&order), [2500, 1100, 1400, 0, 0]);
    assert_eq!((&order["items"][0]["balance_amount"], &order["items"][1]["balance_amount"]), (&json!(1400), &json!(0)));
    pay(&app, &order).await;
    let paid = read(&anna.client, &order).await;
    assert_eq!((&paid["status"], sums(&paid)), (&json!("paid"), [2500, 1100, 1400, 1100, 0]));

    // Пока остаток не просили, он и не в письмах; отправить заказ без него нельзя.
    let wave = waves(&app.ctx, hoodie.product.id).await[0].id;
    wave_comes(&app, &staff, wave, &["production"]).await;
    let refused = move_to(&staff, id_of(&order), "shipped").await.refused(400, "orders.balance_unpaid");
    assert!(refused["detail"].as_str().expect("words").contains("1400"), "{refused}");
    assert_eq!(read(&anna.client, &order).await["balance_asked_at"], Value::Null);
    wave_comes(&app, &staff, wave, &["tracking"]).await;
    let asked = read(&anna.client, &order).await;
    assert!(asked["balance_asked_at"].is_string() && asked["payment_url"].is_string(), "{asked}");
    let mail = notifications::mailbox(&app.ctx);
    let mail: Vec<_> = mail.iter().filter(|letter| letter.to == anna.login.email).collect();
    let last = mail.last().expect("a letter");
    let link = asked["payment_url"].as_str().expect("link");
    assert!(last.body.contains("Осталось доплатить 1\u{a0}400") && last.body.contains(link), "{}", last.body);

    pay(&app, &asked).await;
    let done = read(&anna.client, &order).await;
    assert_eq!(sums(&done), [2500, 1100, 1400, 2500, 0]);
    assert!(done["balance_paid_at"].is_string() && done["payment_url"].is_null(), "{done}");
    assert!(reasons(&done).ends_with(&["balance_asked".into(), "balance_received".into()]), "{:?}", reasons(&done));
    move_to(&staff, id_of(&order), "shipped").await.expect(200);
    shop::close(app).await;
}

#[tokio::test]
async fn the_balance_waits_for_the_last_wave_of_the_order_and_is_asked_once() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, staff(&app).await);
    let hoodie = hoodie(&app).await;
    let order = bought(&anna.client, &[(&hoodie, 7)]).await;
    pay(&app, &order).await;
    let both = waves(&app.ctx, hoodie.product.id).await;
    wave_comes(&app, &staff, both[0].id, &["production", "tracking", "shipping"]).await;
    assert_eq!(read(&anna.client, &order).await["balance_asked_at"], Value::Null);
    wave_comes(&app, &staff, both[1].id, &["production", "tracking"]).await;
    let asked = read(&anna.client, &order).await;
    wave_comes(&app, &staff, both[1].id, &["shipping"]).await;
    assert_eq!(reasons(&read(&anna.client, &order).await).iter().filter(|code| *code == "balance_asked").count(), 1);
    // Срок платежа вышел — заказ живёт, и остаток начинают платить снова, хоть и до просьбы.
    app.advance(chrono::TimeDelta::hours(3));
    app.run_jobs().await;
    let alive = read(&anna.client, &order).await;
    assert_eq!((&alive["status"], &alive["payment_url"]), (&json!("processing"), &Value::Null));
    let start = format!("/api/v1/payment/create/{}", id_of(&order));
    let started = anna.client.post(&start, json!({})).await.expect(200).json();
    assert_eq!(started["amount"], json!(4900));
    assert_ne!(started["confirmation_url"], asked["payment_url"]);
    pay(&app, &read(&anna.client, &order).await).await;
    assert_eq!(sums(&read(&anna.client, &order).await), [7000, 2100, 4900, 7000, 0]);
    anna.client.post(&start, json!({})).await.refused(400, "orders.already_paid");
    shop::close(app).await;
}

#[tokio::test]
async fn cancelling_gives_back_both_payments() {
    for with_balance in [false, true] {
        let app = shop::open().await;
        let (anna, staff) = (customer(&app).await, manager(&app).await);
        let order = bought(&anna.client, &[(&hoodie(&app).await, 2)]).await;
        pay(&app, &order).await;
        let start = format!("/api/v1/payment/create/{}", id_of(&order));
        anna.client.post(&start, json!({})).await.expect(200);
        if with_balance {
            pay(&app, &read(&anna.client, &order).await).await;
        }
        staff.post(&format!("{ORDERS}{}/cancel", id_of(&order)), json!({})).await.expect(200);
        app.run_jobs().await;
        let now = read(&anna.client, &order).await;
        let received = if with_balance { 2000 } else { 600 };
        assert_eq!(sums(&now), [2000, 600, 1400, received, received]);
        assert_eq!((&now["status"], &now["payment_status"]), (&json!("cancelled"), &json!("refunded")));
        shop::close(app).await;
    }
}

/// Покупатель платил остаток, а заказ тем временем отменили: эти деньги возвращаются.
#[tokio::test]
async fn a_balance_paid_after_the_cancellation_goes_back() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let order = bought(&anna.client, &[(&hoodie(&app).await, 2)]).await;
    pay(&app, &order).await;
    anna.client.post(&format!("/api/v1/payment/create/{}", id_of(&order)), json!({})).await.expect(200);
    let open = read(&anna.client, &order).await;
    press_pay(&app, &open, &["late"]).await.expect(200);
    staff.post(&format!("{ORDERS}{}/cancel", id_of(&order)), json!({})).await.expect(200);
    app.advance(chrono::TimeDelta::hours(3));
    app.run_jobs().await;
    let now = read(&anna.client, &order).await;
    assert_eq!((&now["status"], sums(&now)), (&json!("cancelled"), [2000, 600, 1400, 600, 600]));
    assert!(reasons(&now).contains(&"balance_returned".to_owned()), "{:?}", reasons(&now));
    shop::close(app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_balance_is_taken_in_hand_once() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let order = bought(&anna.client, &[(&hoodie(&app).await, 1)]).await;
    let path = format!("{ORDERS}{}/balance", id_of(&order));
    staff.post(&path, json!({})).await.refused(400, "orders.no_balance");
    pay(&app, &order).await;
    let calls = futures::future::join_all((0..8).map(|_| staff.post(&path, json!({})))).await;
    assert_eq!(calls.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(sums(&read(&anna.client, &order).await), [1000, 300, 700, 1000, 0]);
    assert_eq!(row(&app, id_of(&order)).await.payment_provider, "emulator");
    shop::close(app).await;
}

/// Чеки: задаток и остаток — частичная предоплата, при передаче — по второму чеку на каждый; в сумме — ровно цена.
#[tokio::test]
async fn receipts_of_the_deposit_and_the_balance_sum_up_to_the_price() {
    let fake = FakeYooKassa::start().await;
    let app = shop::with(&fake.settings()).await;
    let (anna, staff) = (customer(&app).await, staff(&app).await);
    let order = bought(&anna.client, &[(&hoodie(&app).await, 3)]).await;
    for _ in 0..2 {
        anna.client.post(&format!("/api/v1/payment/create/{}", id_of(&order)), json!({})).await.expect(200);
        let id = fake.payments().last().expect("payment")["id"].as_str().expect("id").to_owned();
        assert!(fake.pay(&id));
        let sender = app.anon().from_ip([185, 71, 76, 5]);
        sender.post("/api/v1/payment/webhook", fake.notification(&id)).await.expect(200);
        app.run_jobs().await;
    }
    assert_eq!(sums(&read(&anna.client, &order).await), [3000, 900, 2100, 3000, 0]);
    let sold: Vec<(Value, Value)> = fake
        .payments()
        .iter()
        .map(|payment| {
            let item = &payment["receipt"]["items"][0];
            (payment["amount"]["value"].clone(), item["payment_mode"].clone())
        })
        .collect();
    assert_eq!(sold, [(json!("900.00"), json!("partial_prepayment")), (json!("2100.00"), json!("partial_prepayment"))]);
    for status in ["processing", "shipped", "delivered"] {
        move_to(&staff, id_of(&order), status).await.expect(200);
    }
    app.run_jobs().await;
    let settled: Vec<Value> =
        fake.receipts().iter().map(|receipt| receipt["settlements"][0]["amount"]["value"].clone()).collect();
    assert_eq!(settled, [json!("900.00"), json!("2100.00")]);
    assert!(fake.receipts().iter().all(|receipt| receipt["items"][0]["payment_mode"] == "full_payment"));
    shop::close(app).await;
}

proptest! {
    #[test]
    fn a_deposit_is_a_part_of_the_price(price in 1i64..10_000_000_000, percent in 1i32..=99) {
        let deposit = deposit_of(Money::minor(price), percent);
        prop_assert!(deposit > Money::ZERO && deposit <= Money::minor(price));
        let exact = price as i128 * percent as i128;
        prop_assert!((0..100).contains(&(deposit.to_minor() as i128 * 100 - exact)));
    }
}
