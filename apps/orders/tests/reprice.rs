//! Волна не состоялась, а заказ ещё не оплачен: её строки уходят, остальное стоит, сколько обещано.

use catalog::factories::{Made, product};
use kernel::Money;
use orders::models::{Order, order};
use preorders::factories::{add_wave, preorder, wave_in, waves};
use preorders::schemas::WaveIn;
use promos::factories::promo;
use promos::schemas::PromoCodeIn;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use crate::cancelled_wave::cancel_wave;
use crate::discounts::{fixed, make, used, with_code};
use crate::preorders::{WAVES, counts, letters, staff};
use crate::shop::{self, ORDERS, bought, customer, id_of, pay, payment_of, press_pay, read, reasons};

async fn first_wave(app: &TestApp, made: &Made) -> i64 {
    waves(&app.ctx, made.product.id).await[0].id
}

/// Товары, доставка, скидка, к оплате.
fn sums(order: &Value) -> [i64; 4] {
    ["items_amount", "delivery_amount", "discount_amount", "final_amount"]
        .map(|name| order[name].as_i64().expect("money"))
}

/// Ушедшие строки.
fn dropped(order: &Value) -> Vec<bool> {
    order["items"].as_array().expect("items").iter().map(|item| item["is_dropped"] == true).collect()
}

async fn delivery(app: &TestApp) {
    let boss = app.anon().bearer(&accounts::factories::admin(&app.ctx).await.token);
    let method = json!({"code": "courier", "title": "Курьер", "kind": "courier", "price": 300, "free_from": 2000});
    boss.post("/api/v1/delivery/methods", method).await.expect(201);
}

/// Порог кода и бесплатной доставки без ушедшего не набран, но набрать его помешал магазин: оставшееся не дорожает.
#[tokio::test]
async fn what_is_left_costs_what_was_promised() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, staff(&app).await);
    delivery(&app).await;
    let (hoodie, chair) = (preorder(&app.ctx, 1, 5).await, product(&app.ctx).price(500).stock(5).create().await);
    make(&app, PromoCodeIn { min_sum: Some(Money::rub(2000)), ..promo("TEN") }).await;
    let mut wanted = with_code(&[(&hoodie, 2), (&chair, 1)], "TEN");
    wanted["delivery"] = json!({"method": "courier", "city": "Москва", "address": "Тверская, 1"});
    let order = anna.client.post(ORDERS, wanted).await.expect(201).json();
    assert_eq!(sums(&order), [2500, 0, 250, 2250]);
    app.advance(chrono::TimeDelta::minutes(50));
    cancel_wave(&app, &staff, first_wave(&app, &hoodie).await).await;

    let now = read(&anna.client, &order).await;
    assert_eq!((&now["status"], sums(&now), dropped(&now)), (&json!("pending"), [500, 0, 50, 450], vec![true, false]));
    assert_ne!(payment_of(&now), payment_of(&order), "the former link asks for the former sum");
    assert_eq!((counts(&app, &hoodie).await, shop::stock(&app, &chair).await), (vec![0], (5, 1, 4)));
    assert_eq!(used(&app, "TEN").await, 1);
    let mail = notifications::mailbox(&app.ctx);
    let told: Vec<_> = mail.iter().filter(|letter| letter.to == anna.login.email).collect();
    assert_eq!(told.len(), 2, "placed and one letter about the wave: {told:#?}");
    let body = &told[1].body;
    let link = now["payment_url"].as_str().expect("link");
    for words in ["450", "2\u{a0}250", link, "Ткань не приехала."] {
        assert!(body.contains(words), "{words}: {body}");
    }
    // Условия сменил магазин, поэтому срок оплаты начался заново.
    app.advance(chrono::TimeDelta::minutes(30));
    app.run_jobs().await;
    assert_eq!(read(&anna.client, &order).await["status"], "pending");
    press_pay(&app, &order, &[]).await.expect(400);
    pay(&app, &now).await;
    let paid = read(&anna.client, &order).await;
    assert_eq!(
        (&paid["status"], &paid["paid_amount"], &paid["refunded_amount"]),
        (&json!("paid"), &json!(450), &json!(0))
    );
    shop::close(app).await;
}

/// Скидка была только на ушедшем: использование кода возвращается покупателю.
#[tokio::test]
async fn a_code_that_gives_nothing_any_more_is_given_back() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, staff(&app).await);
    let (hoodie, chair) = (preorder(&app.ctx, 1, 5).await, product(&app.ctx).price(500).stock(5).create().await);
    make(&app, PromoCodeIn { product_ids: vec![hoodie.product.id], ..promo("HOOD") }).await;
    let order = anna.client.post(ORDERS, with_code(&[(&hoodie, 1), (&chair, 1)], "HOOD")).await.expect(201).json();
    assert_eq!(used(&app, "HOOD").await, 1);
    cancel_wave(&app, &staff, first_wave(&app, &hoodie).await).await;
    let now = read(&anna.client, &order).await;
    assert_eq!((sums(&now), &now["promo_code"]), ([500, 0, 0, 500], &Value::Null));
    assert_eq!(used(&app, "HOOD").await, 0);
    pay(&app, &now).await;
    shop::close(app).await;
}

/// Осталось только то, что скидка покрыла: платить нечего, заказ оплачен.
#[tokio::test]
async fn nothing_left_to_pay_is_paid() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, staff(&app).await);
    let (hoodie, chair) = (preorder(&app.ctx, 1, 5).await, product(&app.ctx).price(500).stock(5).create().await);
    make(&app, PromoCodeIn { product_ids: vec![chair.product.id], ..fixed("GIFT", Money::rub(500)) }).await;
    let order = anna.client.post(ORDERS, with_code(&[(&hoodie, 1), (&chair, 1)], "GIFT")).await.expect(201).json();
    assert_eq!(sums(&order), [1500, 0, 500, 1000]);
    cancel_wave(&app, &staff, first_wave(&app, &hoodie).await).await;
    let now = read(&anna.client, &order).await;
    assert_eq!(
        (&now["status"], &now["payment_status"], sums(&now)),
        (&json!("paid"), &json!("succeeded"), [500, 0, 500, 0])
    );
    assert_eq!((&now["payment_url"], used(&app, "GIFT").await), (&Value::Null, 1));
    app.advance(chrono::TimeDelta::hours(3));
    app.run_jobs().await;
    assert_eq!(read(&anna.client, &order).await["status"], "paid");
    shop::close(app).await;
}

/// Задаток и остаток считаются заново по оставшимся строкам.
#[tokio::test]
async fn the_deposit_follows_the_lines() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, staff(&app).await);
    let (hoodie, chair) = (preorder(&app.ctx, 0, 0).await, product(&app.ctx).price(500).stock(5).create().await);
    for _ in 0..2 {
        add_wave(&app.ctx, WaveIn { deposit_percent: Some(20), ..wave_in(hoodie.product.id, 2) }).await;
    }
    let order = bought(&anna.client, &[(&hoodie, 4), (&chair, 1)]).await;
    let due = |order: &Value| ["final_amount", "deposit_amount", "balance_amount"].map(|name| order[name].clone());
    assert_eq!(due(&order), [json!(4500), json!(1300), json!(3200)]);
    let both = waves(&app.ctx, hoodie.product.id).await;
    cancel_wave(&app, &staff, both[1].id).await;
    let now = read(&anna.client, &order).await;
    assert_eq!(due(&now), [json!(2500), json!(900), json!(1600)]);
    cancel_wave(&app, &staff, both[0].id).await;
    let now = read(&anna.client, &order).await;
    assert_eq!(due(&now), [json!(500), Value::Null, json!(0)]);
    pay(&app, &now).await;
    assert_eq!(read(&anna.client, &order).await["paid_amount"], 500);
    shop::close(app).await;
}

/// Корзину оплачивают вместе: общий платёж просит новую сумму, и обе части оплачены им.
#[tokio::test]
async fn a_joint_payment_asks_for_the_rest_of_both_orders() {
    let app = shop::with("[orders]\nmixed = \"split\"\n").await;
    let (anna, staff) = (customer(&app).await, staff(&app).await);
    let (hoodie, chair) = (preorder(&app.ctx, 2, 2).await, product(&app.ctx).price(500).stock(5).create().await);
    let list = anna.client.post(ORDERS, shop::body(&[(&hoodie, 4), (&chair, 1)])).await.expect(201).json();
    cancel_wave(&app, &staff, first_wave(&app, &hoodie).await).await;
    let now = [read(&anna.client, &list[0]).await, read(&anna.client, &list[1]).await];
    assert_eq!([sums(&now[0])[3], sums(&now[1])[3]], [500, 2000]);
    assert_eq!(payment_of(&now[0]), payment_of(&now[1]));
    pay(&app, &now[0]).await;
    for order in &now {
        assert_eq!(read(&anna.client, order).await["status"], "paid");
    }
    shop::close(app).await;
}

/// Деньги ушли по старой ссылке, пока магазин отменял волну: заказ оплачен, за ушедшее деньги возвращаются. Волн бывает и две.
#[tokio::test]
async fn money_sent_by_the_old_link_pays_for_what_is_left() {
    for (paid_after, refunded) in [(0, 2700), (1, 900)] {
        let app = shop::open().await;
        let (anna, staff) = (customer(&app).await, staff(&app).await);
        let (hoodie, chair) = (preorder(&app.ctx, 2, 2).await, product(&app.ctx).price(500).stock(5).create().await);
        let third = add_wave(&app.ctx, wave_in(hoodie.product.id, 2)).await;
        make(&app, promo("TEN")).await;
        let order = anna.client.post(ORDERS, with_code(&[(&hoodie, 5), (&chair, 1)], "TEN")).await.expect(201).json();
        let all = waves(&app.ctx, hoodie.product.id).await;
        assert_eq!(all[2].id, third.id);
        let mut now = order;
        for (step, wave) in [(0, all[0].id), (1, all[2].id)] {
            if step == paid_after {
                press_pay(&app, &now, &["late"]).await.expect(200);
            }
            let body = json!({"status": "cancelled", "refund": true});
            staff.post(&format!("{WAVES}{wave}/status"), body).await.expect(200);
            // Только рассказать заказам: о деньгах программа ещё не знает.
            kernel::jobs::run_due(&app.ctx).await.expect("jobs");
            now = read(&anna.client, &now).await;
            app.advance(chrono::TimeDelta::seconds(1));
        }
        app.advance(chrono::TimeDelta::hours(3));
        app.run_jobs().await;
        let done = read(&anna.client, &now).await;
        let seen = (&done["status"], &done["payment_status"], &done["refunded_amount"]);
        assert_eq!(seen, (&json!("paid"), &json!("succeeded"), &json!(refunded)), "{:?}", reasons(&done));
        let kept = done["paid_amount"].as_i64().expect("money") - refunded;
        assert_eq!(kept, 2250, "two hoodies of the second wave and the chair, ten per cent off");
        assert_eq!((counts(&app, &hoodie).await, done["payment_url"].is_null()), (vec![0, 2, 0], true));
        shop::close(app).await;
    }
}

async fn pays(app: &TestApp, order: &Value) -> u16 {
    press_pay(app, order, &[]).await.status
}

/// Платят и отменяют волну в один миг, с двух исполнителей: кончается всегда одним из двух, и деньги сходятся.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn paying_while_the_wave_is_cancelled_ends_right() {
    let app = shop::open().await;
    let staff: Client = staff(&app).await;
    let chair = product(&app.ctx).price(500).stock(50).create().await;
    for _ in 0..6 {
        let anna = customer(&app).await;
        let hoodie = preorder(&app.ctx, 1, 5).await;
        let order = bought(&anna.client, &[(&hoodie, 1), (&chair, 1)]).await;
        app.run_jobs().await;
        let wave = first_wave(&app, &hoodie).await;
        let cancel = async {
            let body = json!({"status": "cancelled", "refund": true});
            staff.post(&format!("{WAVES}{wave}/status"), body).await.expect(200);
            kernel::jobs::run_due(&app.ctx).await
        };
        let buyer = async {
            let status = pays(&app, &order).await;
            kernel::jobs::run_due(&app.ctx).await.map(|_| status)
        };
        let (told, paid) = tokio::join!(cancel, buyer);
        told.expect("jobs");
        assert!(matches!(paid.expect("jobs"), 200 | 400), "paid or refused");
        app.run_jobs().await;
        app.advance(chrono::TimeDelta::minutes(5));
        app.run_jobs().await;
        let now = read(&anna.client, &order).await;
        match now["status"].as_str() {
            Some("paid") => assert_eq!((&now["paid_amount"], &now["refunded_amount"]), (&json!(1500), &json!(1000))),
            _ => assert_eq!((&now["status"], &now["final_amount"]), (&json!("pending"), &json!(500))),
        }
        // Заплатившему по старой ссылке пишут ещё и о возврате.
        let told = letters(&app, &anna.login.email, "не состоялась");
        assert!((1..=2).contains(&told), "{told} letters, {:?}", reasons(&now));
        // Долгожданную ссылку оплатить можно, а потом заказ ничего не просит.
        if now["status"] == "pending" {
            pay(&app, &now).await;
        }
    }
    let all: Vec<order::Model> = Order::find().all(app.ctx.db_fresh()).await.expect("orders");
    assert!(all.iter().all(|order| order.received() - order.refunded_amount == Money::rub(500)), "{all:#?}");
    shop::close(app).await;
}

/// Начать оплату заново в тот же миг: платёж просит ту сумму, что осталась.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn starting_a_payment_meanwhile_asks_for_the_new_sum() {
    let app = shop::open().await;
    let staff = staff(&app).await;
    let chair = product(&app.ctx).price(500).stock(50).create().await;
    for _ in 0..6 {
        let anna = customer(&app).await;
        let hoodie = preorder(&app.ctx, 1, 5).await;
        let order = bought(&anna.client, &[(&hoodie, 1), (&chair, 1)]).await;
        let wave = first_wave(&app, &hoodie).await;
        let body = json!({"status": "cancelled", "refund": true});
        staff.post(&format!("{WAVES}{wave}/status"), body).await.expect(200);
        let start = format!("/api/v1/payment/create/{}", id_of(&order));
        let (jobs, started) = tokio::join!(kernel::jobs::run_due(&app.ctx), anna.client.post(&start, json!({})));
        jobs.expect("jobs");
        started.expect(200);
        app.run_jobs().await;
        let now = anna.client.post(&start, json!({})).await.expect(200).json();
        assert_eq!(now["amount"], 500);
        let open: Vec<i64> = payments::models::Payment::find()
            .all(app.ctx.db_fresh())
            .await
            .expect("payments")
            .iter()
            .filter(|payment| payment.status.is_open() && payment.subject_id == id_of(&order).to_string())
            .map(|payment| payment.amount.to_minor() / 100)
            .collect();
        assert_eq!(open, [500]);
        pay(&app, &read(&anna.client, &order).await).await;
    }
    shop::close(app).await;
}
