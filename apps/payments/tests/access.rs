use http::Method;
use payments::factories;
use payments::permissions::{ALL, CHANGE_PAYMENT, CONFIRM_CASH, REFUND_PAYMENT, VIEW_PAYMENT};
use serde_json::json;

use crate::support::*;

/// Каждый адрес сотрудников закрыт для всех, кроме имеющего именно это право; отказ ничего не меняет.
#[tokio::test]
async fn staff_addresses_want_their_own_right() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).paid().await;
    app.run_jobs().await;
    let before = load(&app, payment.id).await;
    let path = |action: &str| format!("/api/v1/payments/{}{action}", payment.id);
    let routes = [
        (Method::GET, "/api/v1/payments/".to_owned(), VIEW_PAYMENT),
        (Method::GET, path(""), VIEW_PAYMENT),
        (Method::POST, path("/refund"), REFUND_PAYMENT),
        (Method::POST, path("/confirm-cash"), CONFIRM_CASH),
        (Method::POST, path("/capture"), CHANGE_PAYMENT),
        (Method::POST, path("/check"), CHANGE_PAYMENT),
        (Method::POST, path("/cancel"), CHANGE_PAYMENT),
    ];
    let customer = accounts::factories::customer(&app.ctx).await;
    for (method, path, right) in routes {
        let others: Vec<_> = ALL.iter().copied().filter(|other| *other != right).collect();
        let stranger = accounts::factories::staff(&app.ctx, &others).await;
        let body = (method == Method::POST).then(|| json!({"amount": 1, "reason": "просто так"}));
        app.anon().send(method.clone(), &path, body.clone()).await.refused(401, "auth.unauthorized");
        for token in [&customer.token, &stranger.token] {
            let client = app.anon().bearer(token);
            client.send(method.clone(), &path, body.clone()).await.refused(403, "auth.forbidden");
        }
    }
    let faults = json!({"fault": "lost_answer", "times": 1});
    let staff = accounts::factories::staff(&app.ctx, ALL).await;
    app.anon().post("/api/v1/payment/emulator/faults", faults.clone()).await.expect(401);
    app.anon().bearer(&staff.token).post("/api/v1/payment/emulator/faults", faults).await.expect(403);
    assert_eq!(load(&app, payment.id).await, before);
    app.run_jobs().await;
    app.close().await;
}

/// Чужого платежа нет — ни прочитать, ни отменить.
#[tokio::test]
async fn a_foreign_payment_does_not_exist() {
    let app = shop().await;
    let anna = accounts::factories::customer(&app.ctx).await;
    let boris = accounts::factories::customer(&app.ctx).await;
    let payment = factories::payment(&app.ctx).user(anna.user_id).create().await;
    app.run_jobs().await;
    let status = format!("/api/v1/payment/status/{}", payment.public_id);
    let cancel = format!("/api/v1/payment/cancel/{}", payment.public_id);
    for client in [app.anon(), app.anon().bearer(&boris.token)] {
        client.get(&status).await.refused(404, "payments.not_found");
        client.send(Method::POST, &cancel, None).await.refused(404, "payments.not_found");
    }
    for bad in ["1", "00000000-0000-0000-0000-000000000000", "..%2f"] {
        app.anon().get(&format!("/api/v1/payment/status/{bad}")).await.expect(404);
        app.anon().get(&format!("/api/v1/payment/emulator/{bad}/state")).await.expect(404);
    }
    assert_eq!(load(&app, payment.id).await.status, payments::models::Status::Pending);
    assert_eq!(app.anon().bearer(&anna.token).get(&status).await.expect(200).json()["status"], "pending");
    app.anon().bearer(&anna.token).send(Method::POST, &cancel, None).await.expect(200);
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn my_payments_are_only_mine() {
    let app = shop().await;
    let anna = accounts::factories::customer(&app.ctx).await;
    let boris = accounts::factories::customer(&app.ctx).await;
    let first = factories::payment(&app.ctx).user(anna.user_id).create().await;
    let second = factories::payment(&app.ctx).user(anna.user_id).cash().paid().await;
    factories::payment(&app.ctx).create().await;
    app.run_jobs().await;
    app.anon().get("/api/v1/payments/my").await.refused(401, "auth.unauthorized");
    assert_eq!(app.anon().bearer(&boris.token).get("/api/v1/payments/my").await.expect(200).json()["total"], 0);
    let mine = app.anon().bearer(&anna.token).get("/api/v1/payments/my").await.expect(200).json();
    let ids: Vec<_> = mine["payments"].as_array().expect("payments").iter().map(|row| row["id"].clone()).collect();
    assert_eq!(ids, [json!(second.public_id), json!(first.public_id)]);
    assert_eq!(mine["payments"][1]["payment_url"], first.pay_url(&app.ctx).expect("url"));
    assert_eq!(mine["payments"][0]["payment_url"], json!(null));
    app.close().await;
}
