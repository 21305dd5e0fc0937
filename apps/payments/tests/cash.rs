use kernel::Work;
use payments::models::{Kind, Status};
use payments::permissions::CONFIRM_CASH;
use payments::{factories, services};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn staff_takes_cash_once() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).cash().create().await;
    assert_eq!(payment.pay_url(&app.ctx), None);
    assert_eq!(app.run_jobs().await, 0, "there is nobody to talk to");

    let cashier = accounts::factories::staff(&app.ctx, &[CONFIRM_CASH]).await;
    let path = format!("/api/v1/payments/{}/confirm-cash", payment.id);
    let client = app.anon().bearer(&cashier.token);
    let answer = client.post(&path, json!({})).await.expect(200).json();
    assert_eq!((&answer["status"], &answer["captured"]), (&json!("succeeded"), &json!(1000)));
    client.send(http::Method::POST, &path, None).await.expect(200);
    assert_paid_once(&app, payment.id).await;
    let rows = payments::queries::history_of(app.ctx.db_fresh(), payment.id).await.expect("history");
    assert_eq!(rows.last().map(|row| row.actor.clone()), Some(format!("user:{}", cashier.user_id)));
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn cash_is_refunded_from_the_till() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).paid().await;
    let id = payment.id;
    let give = async move |work: &mut Work| {
        services::refund(work, id, &factories::new_refund(kernel::Money::rub(300), "r")).await
    };
    app.ctx.atomic(&ACTOR, give).await.expect("refund");
    app.run_jobs().await;
    assert_eq!(events(&app, REFUNDED, id).await[0]["amount"], 300);
    assert!(history(&app, id).await.ends_with(&[Kind::Captured, Kind::RefundRequested, Kind::Refunded]));
    app.close().await;
}

#[tokio::test]
async fn cash_is_not_taken_where_it_is_not_expected() {
    let app = shop().await;
    let admin = accounts::factories::admin(&app.ctx).await;
    let client = app.anon().bearer(&admin.token);
    let online = factories::payment(&app.ctx).create().await;
    let path = format!("/api/v1/payments/{}/confirm-cash", online.id);
    client.post(&path, json!({})).await.refused(400, "payments.not_cash");
    let gone = factories::payment(&app.ctx).cash().create().await;
    cancel_for(&app, &gone).await;
    let path = format!("/api/v1/payments/{}/confirm-cash", gone.id);
    client.post(&path, json!({})).await.refused(400, "payments.not_pending");
    client.post("/api/v1/payments/777/confirm-cash", json!({})).await.refused(404, "payments.not_found");
    assert_eq!(load(&app, gone.id).await.status, Status::Cancelled);
    app.run_jobs().await;
    app.close().await;
}
