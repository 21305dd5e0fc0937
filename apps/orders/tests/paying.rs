use catalog::factories::product;
use chrono::TimeDelta;
use kernel::Event;
use kernel::events::event_row;
use orders::events::OrderPaid;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use testkit::TestApp;

use crate::shop::{self, ORDERS, bought, customer, id_of, pay, payment_of, press_pay, read, reasons, row, stock};

async fn paid_events(app: &TestApp) -> u64 {
    event_row::Entity::find()
        .filter(event_row::Column::Name.eq(OrderPaid::NAME))
        .count(app.ctx.db_fresh())
        .await
        .expect("count")
}

#[tokio::test]
async fn a_paid_order_says_so_everywhere() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).price(100).stock(5).create().await;
    let order = bought(&anna, &[(&chair, 2)]).await;
    app.advance(TimeDelta::minutes(5));
    pay(&app, &order).await;
    let paid = read(&anna, &order).await;
    assert_eq!((&paid["status"], &paid["payment_status"]), (&json!("paid"), &json!("succeeded")));
    assert_eq!(
        (&paid["paid_at"], &paid["payment_url"], &paid["expires_at"]),
        (&json!("2026-03-02T09:05:00Z"), &json!(null), &json!(null))
    );
    assert_eq!(reasons(&paid), ["placed", "payment_received"]);
    assert_eq!(paid["history"][1]["actor"], "system");
    assert_eq!(
        (&paid["history"][1]["from_status"], &paid["history"][1]["to_status"]),
        (&json!("pending"), &json!("paid"))
    );
    assert_eq!(stock(&app, &chair).await, (5, 2, 3));
    assert_eq!(paid_events(&app).await, 1);
    anna.post(&format!("/api/v1/payment/create/{}", id_of(&order)), json!({}))
        .await
        .refused(400, "orders.already_paid");
    // Срок неоплаты оплаченного не касается.
    app.advance(TimeDelta::hours(20));
    app.run_jobs().await;
    assert_eq!(read(&anna, &order).await["status"], "paid");
    shop::close(app).await;
}

/// Дважды, сто раз разом, не по порядку, никогда: заказ оплачен один раз.
#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_gateway_pays_an_order_exactly_once() {
    for fault in ["twice", "hundred", "out_of_order", "never"] {
        let app = shop::open().await;
        let anna = customer(&app).await.client;
        let chair = product(&app.ctx).create().await;
        let order = bought(&anna, &[(&chair, 1)]).await;
        app.run_jobs().await;
        press_pay(&app, &order, &[fault]).await.expect(200);
        app.run_jobs().await;
        // Потерянное уведомление находит сверка.
        app.advance(TimeDelta::minutes(10));
        app.run_jobs().await;
        let paid = read(&anna, &order).await;
        assert_eq!((&paid["status"], &paid["payment_status"]), (&json!("paid"), &json!("succeeded")), "{fault}");
        assert_eq!(reasons(&paid), ["placed", "payment_received"], "{fault}");
        assert_eq!(paid_events(&app).await, 1, "{fault}");
        let letters = notifications::mailbox(&app.ctx);
        assert_eq!(letters.iter().filter(|letter| letter.subject.ends_with("оплачен")).count(), 1, "{fault}");
        shop::close(app).await;
    }
}

#[tokio::test]
async fn money_that_does_not_match_waits_for_a_person() {
    for fault in ["wrong_amount", "wrong_currency", "other_reference"] {
        let app = shop::open().await;
        let anna = customer(&app).await.client;
        let chair = product(&app.ctx).stock(5).create().await;
        let order = bought(&anna, &[(&chair, 1)]).await;
        let other = bought(&anna, &[(&chair, 1)]).await;
        press_pay(&app, &order, &[fault]).await.expect(200);
        app.run_jobs().await;
        let flagged = read(&anna, &order).await;
        assert_eq!(
            (&flagged["status"], &flagged["payment_status"]),
            (&json!("pending"), &json!("attention")),
            "{fault}"
        );
        assert_eq!(reasons(&flagged), ["placed", "payment_attention"], "{fault}");
        assert_eq!(flagged["paid_at"], json!(null));
        assert_eq!(read(&anna, &other).await["payment_status"], "pending", "{fault}: the other order");
        assert_eq!(paid_events(&app).await, 0, "{fault}");
        // Деньги где-то есть: сам такой заказ не отменится.
        app.advance(TimeDelta::hours(5));
        app.run_jobs().await;
        assert_eq!(read(&anna, &order).await["status"], "pending", "{fault}");
        assert_eq!(read(&anna, &other).await["status"], "cancelled", "{fault}");
        let staff = shop::manager(&app).await;
        let found = staff.get("/api/v1/orders/admin/all?payment_status=attention").await.expect(200).json();
        assert_eq!((&found["total"], &found["orders"][0]["id"]), (&json!(1), &order["id"]), "{fault}");
        shop::close(app).await;
    }
}

#[tokio::test]
async fn refusing_to_pay_cancels_and_gives_everything_back() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).stock(5).create().await;
    let order = bought(&anna, &[(&chair, 2)]).await;
    app.anon().post(&format!("/api/v1/payment/emulator/{}/refuse", payment_of(&order)), json!({})).await.expect(200);
    app.run_jobs().await;
    let cancelled = read(&anna, &order).await;
    assert_eq!((&cancelled["status"], &cancelled["payment_status"]), (&json!("cancelled"), &json!("cancelled")));
    assert_eq!(reasons(&cancelled), ["placed", "payment_cancelled"]);
    assert_eq!(stock(&app, &chair).await, (5, 0, 5));
    shop::close(app).await;
}

#[tokio::test]
async fn a_payment_is_started_again_and_stays_one() {
    let app = shop::open().await;
    let (anna, boris) = (customer(&app).await.client, customer(&app).await.client);
    let chair = product(&app.ctx).create().await;
    let order = bought(&anna, &[(&chair, 1)]).await;
    let path = format!("/api/v1/payment/create/{}", id_of(&order));
    let started = anna.send(http::Method::POST, &path, None).await.expect(200).json();
    assert_eq!(started["payment_id"], payment_of(&order));
    assert_eq!(
        (&started["confirmation_url"], &started["order_number"]),
        (&order["payment_url"], &order["order_number"])
    );
    assert_eq!((&started["status"], &started["amount"]), (&json!("pending"), &json!(1000)));

    // Передумал: заплатит при получении. Старый платёж закрыт, заказ больше не ждёт срока.
    let cash = anna.post(&path, json!({"provider": "cash"})).await.expect(200).json();
    assert_ne!(cash["payment_id"], started["payment_id"]);
    assert_eq!(cash["confirmation_url"], json!(null));
    app.run_jobs().await;
    app.advance(TimeDelta::hours(3));
    app.run_jobs().await;
    let alive = read(&anna, &order).await;
    assert_eq!(
        (&alive["status"], &alive["payment_provider"], &alive["payment_url"]),
        (&json!("pending"), &json!("cash"), &json!(null))
    );
    press_pay(&app, &order, &[]).await.refused(400, "payments.emulator_closed");

    boris.post(&path, json!({})).await.refused(404, "orders.not_found");
    app.anon().post(&path, json!({})).await.refused(401, "auth.unauthorized");
    anna.post(&format!("{ORDERS}{}/cancel", id_of(&order)), json!({})).await.expect(200);
    anna.post(&path, json!({})).await.refused(400, "orders.not_payable");
    shop::close(app).await;
}

#[tokio::test]
async fn a_cash_order_is_worked_on_before_it_is_paid() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await.client, shop::manager(&app).await);
    let chair = product(&app.ctx).stock(5).create().await;
    let mut wanted = shop::body(&[(&chair, 1)]);
    wanted["payment_provider"] = json!("cash");
    let order = anna.post(ORDERS, wanted).await.expect(201).json();
    assert_eq!((&order["payment_url"], &order["expires_at"]), (&json!(null), &json!(null)));
    app.advance(TimeDelta::hours(20));
    app.run_jobs().await;
    let id = id_of(&order);
    for status in ["processing", "shipped", "delivered"] {
        shop::move_to(&staff, id, status).await.expect(200);
    }
    let payment = payments::queries::of_subject(app.ctx.db_fresh(), &orders::models::order::subject_of(id))
        .await
        .expect("payments");
    staff.post(&format!("/api/v1/payments/{}/confirm-cash", payment[0].id), json!({})).await.expect(200);
    app.run_jobs().await;
    let paid = read(&anna, &order).await;
    assert_eq!((&paid["status"], &paid["payment_status"]), (&json!("delivered"), &json!("succeeded")));
    assert_eq!(paid_events(&app).await, 1);
    shop::close(app).await;
}

#[tokio::test]
async fn staff_takes_the_money_instead_of_the_gateway() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await.client, shop::manager(&app).await);
    let chair = product(&app.ctx).create().await;
    let order = bought(&anna, &[(&chair, 1)]).await;
    app.run_jobs().await;
    let no_till = app.anon().bearer(&accounts::factories::staff(&app.ctx, orders::permissions::ALL).await.token);
    shop::move_to(&no_till, id_of(&order), "paid").await.refused(403, "auth.forbidden");
    let paid = shop::move_to(&staff, id_of(&order), "paid").await.expect(200).json();
    assert_eq!((&paid["status"], &paid["payment_provider"]), (&json!("paid"), &json!("cash")));
    app.run_jobs().await;
    assert_eq!(paid_events(&app).await, 1);
    assert_eq!(row(&app, id_of(&order)).await.status, orders::models::Status::Paid);
    shop::close(app).await;
}

#[tokio::test]
async fn held_money_is_taken_when_the_shop_works_in_two_stages() {
    let app = shop::with("[payments]\ntwo_stage = true\n").await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).create().await;
    let order = bought(&anna, &[(&chair, 1)]).await;
    pay(&app, &order).await;
    assert_eq!(read(&anna, &order).await["status"], "paid");
    shop::close(app).await;
}
