use kernel::{Money, Subject};
use payments::factories;
use payments::models::Status;
use payments::permissions::{REFUND_PAYMENT, VIEW_PAYMENT};
use serde_json::json;

use crate::support::*;

/// Страница, оплата, состояние, отмена — как их зовут старые клиенты.
#[tokio::test]
async fn a_guest_pays_through_the_documented_addresses() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).subject(Subject::new("orders.order", 42)).create().await;
    let page = format!("/api/v1/payment/emulator/{}", payment.public_id);
    let state = app.anon().get(&format!("{page}/state")).await.expect(200).json();
    assert_eq!(
        (&state["status"], &state["is_open"], &state["amount"]),
        (&json!("pending"), &json!(true), &json!(1000))
    );
    app.anon().send(http::Method::POST, &format!("{page}/pay"), None).await.expect(200);
    app.anon().post(&format!("{page}/pay"), json!({"faults": []})).await.expect(200);

    let status = app.anon().get(&format!("/api/v1/payment/status/{}", payment.public_id)).await.expect(200).json();
    assert_eq!(status["id"], payment.public_id.to_string());
    assert_eq!(
        (&status["status"], &status["paid"]),
        (&json!("succeeded"), &json!(true)),
        "known before the notification"
    );
    assert_eq!((&status["amount"], &status["currency"]), (&json!(1000), &json!("RUB")));
    assert_eq!(
        (&status["metadata"], &status["created_at"]),
        (&json!({"order_id": "42"}), &json!("2026-03-02T09:00:00Z"))
    );
    assert_eq!(status["captured_at"], "2026-03-02T09:00:00Z");

    let cancel = format!("/api/v1/payment/cancel/{}", payment.public_id);
    app.anon().send(http::Method::POST, &cancel, None).await.refused(400, "payments.already_paid");
    app.run_jobs().await;
    assert_paid_once(&app, payment.id).await;
    assert_eq!(
        app.anon().get("/api/v1/payment/callback?orderId=1").await.expect(200).json(),
        json!({"status": "success"})
    );
    app.close().await;
}

#[tokio::test]
async fn an_unpaid_payment_is_cancelled_by_its_owner() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    let cancel = format!("/api/payment/cancel/{}/", payment.public_id);
    for body in [json!({}), json!({"reason": "old clients send more"})] {
        assert_eq!(app.anon().post(&cancel, body).await.expect(200).json(), json!({"status": "cancelled"}));
    }
    app.run_jobs().await;
    assert_eq!(events(&app, CANCELLED, payment.id).await.len(), 1);
    let refused = app.anon().post(&format!("/api/v1/payment/emulator/{}/pay", payment.public_id), json!({})).await;
    refused.refused(400, "payments.emulator_closed");
    app.close().await;
}

/// Оплачено за миг до нажатия «отменить»: отмена видит оплату.
#[tokio::test]
async fn cancelling_asks_the_gateway_first() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    pay(&app, &payment, &[payments::emulator::Fault::Never]).await;
    let cancel = format!("/api/v1/payment/cancel/{}", payment.public_id);
    app.anon().send(http::Method::POST, &cancel, None).await.refused(400, "payments.already_paid");
    assert_paid_once(&app, payment.id).await;
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn staff_finds_payments_and_reads_their_history() {
    let app = shop().await;
    let manager = accounts::factories::staff(&app.ctx, &[VIEW_PAYMENT]).await;
    let client = app.anon().bearer(&manager.token);
    let paid = factories::payment(&app.ctx).subject(Subject::new("orders.order", 7)).paid().await;
    factories::payment(&app.ctx).create().await;
    app.run_jobs().await;
    for (query, total) in [
        ("", 2),
        ("?status=succeeded", 1),
        ("?status=attention", 0),
        ("?subject_kind=orders.order&subject_id=7", 1),
        ("?subject_kind=orders.order&subject_id=8", 0),
        ("?provider=emulator&page_size=1", 1),
    ] {
        let list = client.get(&format!("/api/v1/payments/{query}")).await.expect(200).json();
        assert_eq!(list["total"], total, "{query}: {list}");
    }
    client.get("/api/v1/payments/?status=lost").await.invalid("status");
    client.get("/api/v1/payments/?statuss=pending").await.invalid("statuss");
    let one = client.get(&format!("/api/v1/payments/{}", paid.id)).await.expect(200).json();
    assert_eq!((&one["status"], &one["subject"]["id"]), (&json!("succeeded"), &json!("7")));
    let kinds: Vec<_> = one["events"].as_array().expect("events").iter().map(|row| row["kind"].clone()).collect();
    assert_eq!(kinds, [json!("created"), json!("captured")]);
    client.get("/api/v1/payments/777").await.refused(404, "payments.not_found");
    app.close().await;
}

#[tokio::test]
async fn staff_refunds_up_to_a_limit_and_an_administrator_beyond() {
    let app = with("[payments]\nprovider = \"emulator\"\nstaff_refund_limit = 500\n").await;
    let payment = factories::payment(&app.ctx).paid().await;
    let path = format!("/api/v1/payments/{}/refund", payment.id);
    let manager = app.anon().bearer(&accounts::factories::staff(&app.ctx, &[REFUND_PAYMENT]).await.token);

    let first = manager.clone().header("idempotency-key", "k1");
    let answer = first.post(&path, json!({"amount": "300.00", "reason": "скол на столешнице"})).await.expect(201);
    let replay = first.post(&path, json!({"amount": "300.00", "reason": "скол на столешнице"})).await.expect(201);
    assert_eq!(answer.body, replay.body);
    manager.post(&path, json!({"amount": 201, "reason": "ещё"})).await.refused(400, "payments.refund_over_limit");
    manager.post(&path, json!({"amount": 0, "reason": "ещё"})).await.invalid("amount");
    manager.post(&path, json!({"amount": -1, "reason": "ещё"})).await.invalid("amount");
    manager.post(&path, json!({"amount": 1.001, "reason": "ещё"})).await.invalid("amount");
    manager.post(&path, json!({"amount": 1, "reason": "ещё", "captured": 5})).await.invalid("captured");
    assert_eq!(load(&app, payment.id).await.refunded, Money::rub(300), "refused ones left nothing");

    let admin = app.anon().bearer(&accounts::factories::admin(&app.ctx).await.token);
    assert_eq!(admin.post(&path, json!({"reason": "остаток"})).await.expect(201).json()["amount"], 700);
    admin.post(&path, json!({"reason": "остаток"})).await.refused(400, "payments.refund_too_big");
    app.run_jobs().await;
    assert_eq!(events(&app, REFUNDED, payment.id).await.len(), 2);
    app.close().await;
}

#[tokio::test]
async fn staff_rereads_and_closes() {
    let app = shop().await;
    let admin = app.anon().bearer(&accounts::factories::admin(&app.ctx).await.token);
    let paid = factories::payment(&app.ctx).create().await;
    pay(&app, &paid, &[payments::emulator::Fault::Never]).await;
    let checked =
        admin.send(http::Method::POST, &format!("/api/v1/payments/{}/check", paid.id), None).await.expect(200);
    assert_eq!(checked.json()["status"], "succeeded");
    admin.post(&format!("/api/v1/payments/{}/cancel", paid.id), json!({})).await.refused(400, "payments.already_paid");
    let open = factories::payment(&app.ctx).create().await;
    let closed = admin.post(&format!("/api/v1/payments/{}/cancel", open.id), json!({})).await.expect(200);
    assert_eq!(closed.json()["status"], "cancelled");
    admin.post("/api/v1/payment/emulator/faults", json!({"fault": "server_error", "times": 1})).await.expect(204);
    app.run_jobs().await;
    assert_eq!(load(&app, open.id).await.status, Status::Cancelled);
    app.close().await;
}
