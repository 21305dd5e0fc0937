use catalog::factories::product;
use catalog::models::stock_movement::{self, MovementKind};
use chrono::TimeDelta;
use kernel::{Actor, Work};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use testkit::TestApp;

use crate::shop::{self, ORDERS, bought, customer, id_of, manager, pay, press_pay, read, reasons, row, stock};

async fn releases(app: &TestApp) -> u64 {
    let moves = stock_movement::Entity::find().filter(stock_movement::Column::Kind.eq(MovementKind::Release));
    moves.count(app.ctx.db_fresh()).await.expect("count")
}

#[tokio::test]
async fn the_owner_cancels_an_unpaid_order() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).stock(5).create().await;
    let order = bought(&anna, &[(&chair, 2)]).await;
    let path = format!("{ORDERS}{}/cancel", id_of(&order));
    let cancelled = anna.post(&path, json!({"reason": "передумала"})).await.expect(200).json();
    assert_eq!((&cancelled["status"], &cancelled["payment_status"]), (&json!("cancelled"), &json!("cancelled")));
    assert_eq!(
        (&cancelled["cancel_reason"], &cancelled["can_cancel"], &cancelled["payment_url"]),
        (&json!("передумала"), &json!(false), &json!(null))
    );
    let last = &cancelled["history"][1];
    assert_eq!(
        (&last["reason"], &last["note"], &last["actor"]),
        (&json!("cancelled_by_customer"), &json!("передумала"), &json!("customer"))
    );
    assert_eq!(stock(&app, &chair).await, (5, 0, 5));
    app.run_jobs().await;
    press_pay(&app, &order, &[]).await.refused(400, "payments.emulator_closed");
    anna.send(http::Method::POST, &path, None).await.refused(400, "orders.illegal_transition");
    assert_eq!(releases(&app).await, 1);
    shop::close(app).await;
}

#[tokio::test]
async fn cancelling_a_paid_order_returns_the_money() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).price(100).stock(5).create().await;
    let order = bought(&anna, &[(&chair, 2)]).await;
    pay(&app, &order).await;
    anna.send(http::Method::POST, &format!("{ORDERS}{}/cancel", id_of(&order)), None).await.expect(200);
    app.run_jobs().await;
    let cancelled = read(&anna, &order).await;
    assert_eq!(
        (&cancelled["status"], &cancelled["payment_status"], &cancelled["refunded_amount"]),
        (&json!("cancelled"), &json!("refunded"), &json!(200))
    );
    assert_eq!(
        reasons(&cancelled),
        ["placed", "payment_received", "refund_requested", "cancelled_by_customer", "refunded"]
    );
    assert_eq!(stock(&app, &chair).await, (5, 0, 5));
    assert_eq!(releases(&app).await, 1);
    shop::close(app).await;
}

#[tokio::test]
async fn once_in_work_only_the_shop_cancels_and_once_sent_nobody() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await.client, manager(&app).await);
    let chair = product(&app.ctx).stock(5).create().await;
    let (first, second) = (bought(&anna, &[(&chair, 1)]).await, bought(&anna, &[(&chair, 1)]).await);
    for order in [&first, &second] {
        pay(&app, order).await;
        shop::move_to(&staff, id_of(order), "processing").await.expect(200);
    }
    let path = |order| format!("{ORDERS}{}/cancel", id_of(order));
    anna.post(&path(&first), json!({})).await.refused(400, "orders.too_late_to_cancel");
    let cancelled = staff.post(&path(&first), json!({"reason": "брак"})).await.expect(200).json();
    assert_eq!((&cancelled["status"], &cancelled["history"][4]["actor"]), (&json!("cancelled"), &json!("staff")));
    shop::move_to(&staff, id_of(&second), "shipped").await.expect(200);
    staff.post(&path(&second), json!({})).await.refused(400, "orders.illegal_transition");
    anna.post(&path(&second), json!({})).await.refused(400, "orders.illegal_transition");
    shop::close(app).await;
}

#[tokio::test]
async fn unpaid_orders_expire_together_and_once() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let chair = product(&app.ctx).stock(10).create().await;
    let orders = [bought(&anna.client, &[(&chair, 1)]).await, bought(&anna.client, &[(&chair, 2)]).await];
    app.run_jobs().await;
    app.advance(TimeDelta::minutes(59));
    app.run_jobs().await;
    assert_eq!(stock(&app, &chair).await, (10, 3, 7));
    app.advance(TimeDelta::minutes(2));
    app.run_jobs().await;
    for order in &orders {
        let gone = read(&anna.client, order).await;
        assert_eq!((&gone["status"], &gone["payment_status"]), (&json!("cancelled"), &json!("cancelled")));
        assert_eq!(reasons(&gone), ["placed", "expired"]);
    }
    assert_eq!(stock(&app, &chair).await, (10, 0, 10));
    app.advance(TimeDelta::hours(5));
    app.run_jobs().await;
    assert_eq!(releases(&app).await, 2);
    let letters = notifications::mailbox(&app.ctx);
    assert_eq!(letters.iter().filter(|letter| letter.subject.ends_with("отменён")).count(), 2);
    shop::close(app).await;
}

/// Отмена, истечение и оплата в один миг, много раз: остатки отпущены не больше одного раза, деньги не потеряны.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancel_expiry_and_payment_at_the_same_instant() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await.client, manager(&app).await);
    let chair = product(&app.ctx).stock(100).create().await;
    let mut orders = Vec::new();
    for _ in 0..12 {
        orders.push(bought(&anna, &[(&chair, 1)]).await);
    }
    app.run_jobs().await;
    for order in &orders {
        press_pay(&app, order, &["never"]).await.expect(200);
    }
    app.advance(TimeDelta::minutes(61));
    let mut races = Vec::new();
    for order in &orders {
        let id = id_of(order);
        let path = format!("{ORDERS}{id}/cancel");
        for client in [&anna, &staff] {
            let (client, path) = (client.clone(), path.clone());
            races.push(tokio::spawn(async move { client.send(http::Method::POST, &path, None).await.status }));
        }
        let ctx = app.ctx.clone();
        races.push(tokio::spawn(async move {
            ctx.atomic(&Actor::System("expire"), async move |work: &mut Work| {
                orders::services::expire_order(work, id).await
            })
            .await
            .expect("expire");
            200
        }));
        let ctx = app.ctx.clone();
        races.push(tokio::spawn(async move {
            let payment = payments::queries::of_subject(ctx.db_fresh(), &orders::models::order::subject_of(id))
                .await
                .expect("payments");
            payments::services::sync(&ctx, payment[0].id).await.expect("sync");
            200
        }));
    }
    for race in races {
        let status = race.await.expect("task");
        assert!(matches!(status, 200 | 400 | 409), "{status}");
    }
    app.run_jobs().await;
    app.advance(TimeDelta::minutes(30));
    app.run_jobs().await;
    let mut held = 0;
    for order in &orders {
        let row = row(&app, id_of(order)).await;
        let payment = &payments::queries::of_subject(app.ctx.db_fresh(), &row.subject()).await.expect("payments")[0];
        assert_eq!(payment.captured, row.final_amount, "the buyer has paid");
        match row.status {
            orders::models::Status::Paid => {
                held += 1;
                assert_eq!(payment.refundable(), row.final_amount);
            }
            orders::models::Status::Cancelled => {
                assert!(payment.refundable().is_zero(), "money is kept for a cancelled order {row:?}")
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(stock(&app, &chair).await, (100, held, 100 - held));
    shop::close(app).await;
}

#[tokio::test]
async fn a_full_refund_finishes_the_order_and_a_partial_one_does_not() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await.client, manager(&app).await);
    let chair = product(&app.ctx).price(100).stock(5).create().await;
    let (kept, sent) = (bought(&anna, &[(&chair, 1)]).await, bought(&anna, &[(&chair, 1)]).await);
    for order in [&kept, &sent] {
        pay(&app, order).await;
    }
    for status in ["processing", "shipped"] {
        shop::move_to(&staff, id_of(&sent), status).await.expect(200);
    }
    let refund = async |order: &serde_json::Value, amount: i64| {
        let payment = row(&app, id_of(order)).await.payment_id.expect("paid");
        staff
            .post(&format!("/api/v1/payments/{payment}/refund"), json!({"amount": amount, "reason": "скол"}))
            .await
            .expect(201);
        app.run_jobs().await;
        read(&anna, order).await
    };
    let part = refund(&kept, 30).await;
    assert_eq!(
        (&part["status"], &part["payment_status"], &part["refunded_amount"]),
        (&json!("paid"), &json!("succeeded"), &json!(30))
    );
    let whole = refund(&kept, 70).await;
    assert_eq!((&whole["status"], &whole["payment_status"]), (&json!("cancelled"), &json!("refunded")));
    let returned = refund(&sent, 100).await;
    assert_eq!((&returned["status"], &returned["payment_status"]), (&json!("returned"), &json!("refunded")));
    assert_eq!(stock(&app, &chair).await, (4, 0, 4));
    shop::close(app).await;
}
