use payments::factories;
use payments::models::Status;
use serde_json::json;

use crate::support::*;

const WEBHOOK: &str = "/api/v1/payment/webhook";

/// Случай 11: что бы ни прислали чужие, у нас не меняется ничего.
#[tokio::test]
async fn forged_unknown_and_unreadable_notifications_change_nothing() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    app.run_jobs().await;
    let before = load(&app, payment.id).await;
    let id = before.provider_payment_id.clone().expect("registered");
    let genuine = notification(&id, "succeeded", "1000.00");

    app.anon().post(WEBHOOK, genuine.clone()).await.refused(401, "payments.forged_notification");
    for signature in ["", "00", "не подпись", &"ab".repeat(32)] {
        let Ok(_) = http::HeaderValue::from_str(signature) else { continue };
        let client = app.anon().header("x-emulator-signature", signature);
        client.post(WEBHOOK, genuine.clone()).await.refused(401, "payments.forged_notification");
    }
    let unknown = notification("emu_of_another_shop", "succeeded", "1000.00");
    assert_eq!(signed(&app, &unknown).await.expect(200).json(), json!({"status": "ok"}));
    assert_eq!(app.anon().post(WEBHOOK, unknown).await.expect(200).json(), json!({"status": "ok"}));
    for broken in [
        json!([]),
        json!({"event": 1}),
        json!({"object": {}}),
        notification("a\u{0}b", "succeeded", "1"),
        notification("", "x", "1"),
    ] {
        assert_eq!(signed(&app, &broken).await.expect(200).json()["status"], "error", "{broken}");
    }
    let twins = r#"{"event":"payment.succeeded","object":{"id":"a","id":"b","status":"succeeded"}}"#;
    let json_kind = http::HeaderValue::from_static("application/json");
    let answer = app.anon().raw(http::Method::POST, WEBHOOK, Some(json_kind), twins.into()).await;
    assert_eq!(answer.expect(200).json()["status"], "error", "duplicate keys");

    assert_eq!((inbox(&app).await, app.run_jobs().await), (0, 0));
    assert_eq!(load(&app, payment.id).await, before);
    app.close().await;
}

/// Подпись верна, но правда — только то, что перечитано у системы.
#[tokio::test]
async fn a_signed_lie_is_checked_at_the_gateway() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    app.run_jobs().await;
    let id = load(&app, payment.id).await.provider_payment_id.expect("registered");
    assert_eq!(
        signed(&app, &notification(&id, "succeeded", "1000.00")).await.expect(200).json(),
        json!({"status": "ok"})
    );
    app.run_jobs().await;
    assert_eq!(inbox(&app).await, 1);
    assert_eq!(load(&app, payment.id).await.status, Status::Pending, "nobody has paid");
    assert!(events(&app, SUCCEEDED, payment.id).await.is_empty());

    pay(&app, &payment, &[payments::emulator::Fault::Never]).await;
    signed(&app, &notification(&id, "canceled", "0.01")).await.expect(200);
    app.run_jobs().await;
    assert_paid_once(&app, payment.id).await;
    app.close().await;
}

/// Уведомление об одном заказе не платит за другой.
#[tokio::test]
async fn a_notification_of_another_order_pays_nothing() {
    let app = shop().await;
    let paid = factories::payment(&app.ctx).create().await;
    let other = factories::payment(&app.ctx).create().await;
    pay(&app, &paid, &[payments::emulator::Fault::Never]).await;
    app.run_jobs().await;
    let id = load(&app, other.id).await.provider_payment_id.expect("registered");
    signed(&app, &notification(&id, "succeeded", "1000.00")).await.expect(200);
    app.run_jobs().await;
    assert_eq!(load(&app, other.id).await.status, Status::Pending);
    live(&app, 15).await;
    assert_paid_once(&app, paid.id).await;
    cancel_for(&app, &other).await;
    app.run_jobs().await;
    app.close().await;
}

/// Случай 9: одно настоящее уведомление сто раз разом, потом ещё много раз.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_parallel_notifications_make_one_success() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    pay(&app, &payment, &[payments::emulator::Fault::Never]).await;
    let id = load(&app, payment.id).await.provider_payment_id.expect("registered");
    let body = notification(&id, "succeeded", "1000.00");
    let answers = futures::future::join_all((0..100).map(|_| signed(&app, &body))).await;
    assert!(
        answers.iter().all(|answer| answer.status == 200),
        "{:?}",
        answers.iter().map(|a| a.status).collect::<Vec<_>>()
    );
    assert_eq!(inbox(&app).await, 1);
    app.run_jobs().await;
    assert_paid_once(&app, payment.id).await;
    for _ in 0..20 {
        signed(&app, &body).await.expect(200);
    }
    assert_eq!((app.run_jobs().await, inbox(&app).await), (0, 1));
    app.close().await;
}

#[tokio::test]
async fn old_notifications_are_forgotten() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    pay(&app, &payment, &[]).await;
    app.run_jobs().await;
    app.advance(chrono::TimeDelta::days(29));
    app.run_jobs().await;
    assert_eq!(inbox(&app).await, 1);
    app.advance(chrono::TimeDelta::days(2));
    app.run_jobs().await;
    assert_eq!(inbox(&app).await, 0);
    app.close().await;
}
