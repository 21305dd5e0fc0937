//! Уведомления ЮKassa: не подписаны, поэтому принимаются только из её сетей и только зовут перечитать.

use chrono::TimeDelta;
use payments::models::Status;
use serde_json::{Value, json};

use super::fake::{FakeYooKassa, LIVE_SECRET, SHOP};
use super::{WEBHOOK, notify, receipt, shop, shop_with, started, terms};
use crate::support::*;

/// Случай 9: одно настоящее уведомление сто раз разом, потом ещё много раз.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_parallel_notifications_pay_once() {
    let (app, fake) = shop().await;
    let (payment, id) = started(&app).await;
    fake.pay(&id);
    let body = fake.notification(&id);
    let answers = futures::future::join_all((0..100).map(|_| notify(&app, &body))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(inbox(&app).await, 1);
    app.run_jobs().await;
    assert_paid_once(&app, payment.id).await;
    let reads = fake.calls(&format!("GET /v3/payments/{id}"));
    for _ in 0..20 {
        notify(&app, &body).await.expect(200);
    }
    assert_eq!((app.run_jobs().await, inbox(&app).await), (0, 1));
    assert_eq!(fake.calls(&format!("GET /v3/payments/{id}")), reads, "replays ask nothing");
    app.close().await;
}

/// Случай 11: не из её сети — ничего; из её сети, но неправда — тоже ничего: верим только перечитанному.
#[tokio::test]
async fn only_its_networks_are_heard_and_nobody_is_believed() {
    let (app, fake) = shop().await;
    let (payment, id) = started(&app).await;
    let mut lie = fake.notification(&id);
    lie["event"] = "payment.succeeded".into();
    lie["object"]["status"] = "succeeded".into();
    for ip in
        [[127, 0, 0, 1], [185, 71, 76, 32], [185, 71, 75, 255], [77, 75, 153, 128], [77, 75, 156, 12], [10, 0, 0, 1]]
    {
        app.anon().from_ip(ip).post(WEBHOOK, lie.clone()).await.refused(401, "payments.forged_notification");
    }
    let spoofed = app.anon().from_ip([8, 8, 8, 8]).header("x-forwarded-for", "185.71.76.5");
    spoofed.post(WEBHOOK, lie.clone()).await.refused(401, "payments.forged_notification");
    assert_eq!((inbox(&app).await, app.run_jobs().await), (0, 0));

    for (number, ip) in [[185, 71, 76, 31], [185, 71, 77, 0], [77, 75, 153, 127], [77, 75, 154, 128], [77, 75, 156, 35]]
        .into_iter()
        .enumerate()
    {
        lie["object"]["status"] = format!("succeeded{number}").into();
        app.anon().from_ip(ip).post(WEBHOOK, lie.clone()).await.expect(200);
    }
    app.run_jobs().await;
    assert_eq!(inbox(&app).await, 5);
    assert_eq!(load(&app, payment.id).await.status, Status::Pending, "nobody has paid");
    cancel_for(&app, &payment).await;
    app.run_jobs().await;
    app.close().await;
}

/// Магазин за доверенным прокси: адрес отправителя — из заголовка, в том числе IPv6 и IPv4, записанный как IPv6.
#[tokio::test]
async fn the_sender_is_seen_through_a_trusted_proxy() {
    let (app, fake) = shop_with("[server]\ntrusted_proxies = [\"127.0.0.1\"]\n").await;
    let (payment, id) = started(&app).await;
    fake.pay(&id);
    let mut body = fake.notification(&id);
    let via = |hops: &str| app.anon().header("x-forwarded-for", hops);
    for hops in ["", "203.0.113.7", "185.71.76.5, 203.0.113.7", "nonsense"] {
        via(hops).post(WEBHOOK, body.clone()).await.refused(401, "payments.forged_notification");
    }
    for (number, hops) in ["185.71.76.5", "203.0.113.7, ::ffff:185.71.76.5", "2a02:5180::17"].into_iter().enumerate() {
        body["object"]["status"] = format!("succeeded{number}").into();
        via(hops).post(WEBHOOK, body.clone()).await.expect(200);
    }
    assert_eq!(inbox(&app).await, 3);
    app.run_jobs().await;
    assert_paid_once(&app, payment.id).await;
    app.close().await;
}

/// Нечем проверить отправителя — не верим никому.
#[tokio::test]
async fn no_networks_means_nobody() {
    let (app, fake) = shop_with("[payments.yookassa]\ntrusted_networks = []\n").await;
    let (payment, id) = started(&app).await;
    fake.pay(&id);
    notify(&app, &fake.notification(&id)).await.refused(401, "payments.forged_notification");
    live(&app, 15).await;
    assert_paid_once(&app, payment.id).await;
    app.close().await;
}

/// Настоящие тела других магазинов и мусор: 200, и ничего не записано.
#[tokio::test]
async fn unknown_and_unreadable_bodies_change_nothing() {
    let (app, _fake) = shop().await;
    let (payment, id) = started(&app).await;
    let before = load(&app, payment.id).await;
    let foreign = [
        include_str!("samples/notification.payment.succeeded.json"),
        include_str!("samples/notification.payment.waiting_for_capture.json"),
    ];
    for body in foreign {
        let body: Value = serde_json::from_str(body).expect("sample");
        assert_eq!(notify(&app, &body).await.expect(200).json(), json!({"status": "ok"}));
    }
    let card = json!({"type": "notification", "event": "payment_method.active", "object": {"id": "22e12f66"}});
    assert_eq!(notify(&app, &card).await.expect(200).json(), json!({"status": "ok"}));
    for broken in [json!([]), json!({"event": "payment.succeeded"}), json!({"event": 1, "object": {"id": id}})] {
        let said = notify(&app, &broken).await.expect(200).json();
        assert_eq!(said["status"], "error", "{broken}");
    }
    let twins = format!(r#"{{"event":"payment.succeeded","object":{{"id":"{id}","id":"x","status":"succeeded"}}}}"#);
    let kind = http::HeaderValue::from_static("application/json");
    let client = app.anon().from_ip([185, 71, 76, 5]);
    let said = client.raw(http::Method::POST, WEBHOOK, Some(kind), twins.into()).await.expect(200).json();
    assert_eq!(said["status"], "error", "duplicate keys");
    assert_eq!((inbox(&app).await, app.run_jobs().await, load(&app, payment.id).await), (0, 0, before));
    cancel_for(&app, &payment).await;
    app.run_jobs().await;
    app.close().await;
}

/// Случай 10: на копейку меньше или больше, другая валюта, чужой магазин, игрушечные деньги, чужой заказ — не оплачено, зовём человека
/// ровно один раз.
#[tokio::test]
async fn a_payment_that_differs_waits_for_a_person() {
    let cases: [(&str, Value, &str); 8] = [
        ("/amount/value", json!("999.99"), "wrong_amount"),
        ("/amount/value", json!("1000.01"), "wrong_amount"),
        ("/amount/currency", json!("USD"), "wrong_currency"),
        ("/recipient/account_id", json!("100501"), "wrong_shop"),
        ("/metadata/payment", json!("0197f000-0000-7000-8000-000000000000"), "wrong_reference"),
        ("/metadata", json!({}), "wrong_reference"),
        ("/id", json!("another"), "wrong_payment"),
        ("/status", json!("frozen"), "unknown_status"),
    ];
    for (field, value, reason) in cases {
        let (app, fake) = shop().await;
        let (payment, id) = started(&app).await;
        fake.pay(&id);
        let body = fake.notification(&id);
        fake.edit(&id, |payment| *payment.pointer_mut(field).expect("field") = value);
        notify(&app, &body).await.expect(200);
        app.run_jobs().await;
        let row = load(&app, payment.id).await;
        assert_eq!((row.status, row.reason.as_deref(), row.captured.to_minor()), (Status::Attention, Some(reason), 0));
        live(&app, 30).await;
        payments::services::sync(&app.ctx, payment.id).await.expect("sync again");
        let calls = events(&app, ATTENTION, payment.id).await;
        assert_eq!((calls.len(), &calls[0]["reason"]), (1, &json!(reason)));
        assert!(events(&app, SUCCEEDED, payment.id).await.is_empty());
        app.close().await;
    }
}

/// Проверочный платёж в настоящем магазине денег не принёс.
#[tokio::test]
async fn a_test_payment_does_not_pay_a_live_shop() {
    let fake = FakeYooKassa::start().await;
    let app = with(&fake.settings_with(SHOP, LIVE_SECRET)).await;
    let payment = create(&app, terms(&app, receipt())).await.expect("create");
    app.run_jobs().await;
    let row = load(&app, payment.id).await;
    assert_eq!((row.status, row.reason.as_deref()), (Status::Attention, Some("test_payment")));
    app.close().await;
}

/// Уведомление об одном заказе не платит за другой.
#[tokio::test]
async fn a_notification_of_another_order_pays_nothing() {
    let (app, fake) = shop().await;
    let (first, paid) = started(&app).await;
    let (second, open) = started(&app).await;
    fake.pay(&paid);
    let mut body = fake.notification(&paid);
    body["object"]["id"] = open.clone().into();
    notify(&app, &body).await.expect(200);
    app.run_jobs().await;
    assert_eq!(load(&app, second.id).await.status, Status::Pending);
    live(&app, 15).await;
    assert_paid_once(&app, first.id).await;
    fake.decline(&open, "expired_on_confirmation");
    live(&app, 15).await;
    app.close().await;
}

/// Случай 12: не по порядку — возврат раньше оплаты, отмена после, оплата отменённого; итог всегда её.
#[tokio::test]
async fn order_of_news_does_not_matter() {
    let (app, fake) = shop().await;
    let (payment, id) = started(&app).await;
    fake.pay(&id);
    fake.refund_in_cabinet(&id, "300.00");
    let refund = json!({"type": "notification", "event": "refund.succeeded",
        "object": {"id": "r-1", "payment_id": id, "status": "succeeded", "amount": {"value": "300.00", "currency": "RUB"}}});
    let mut late_cancel = fake.notification(&id);
    late_cancel["event"] = "payment.canceled".into();
    late_cancel["object"]["status"] = "canceled".into();
    for body in [&refund, &late_cancel, &fake.notification(&id), &refund] {
        notify(&app, body).await.expect(200);
        app.run_jobs().await;
    }
    assert_paid_once(&app, payment.id).await;
    assert_eq!(load(&app, payment.id).await.refunded, kernel::Money::rub(300));
    assert_eq!(events(&app, REFUNDED, payment.id).await.len(), 1);

    let (payment, id) = started(&app).await;
    cancel_for(&app, &payment).await;
    fake.pay(&id);
    notify(&app, &fake.notification(&id)).await.expect(200);
    app.run_jobs().await;
    assert_paid_once(&app, payment.id).await;
    assert_eq!(events(&app, CANCELLED, payment.id).await.len(), 1);
    app.close().await;
}

/// Случай 14: часть уведомлений потеряна, часть опоздает на два часа — через четверть часа всё верно.
#[tokio::test]
async fn lost_and_late_notifications_are_made_good_within_fifteen_minutes() {
    let (app, fake) = shop().await;
    let (mut all, mut late) = (Vec::new(), Vec::new());
    for n in 0..30 {
        let (payment, id) = started(&app).await;
        live(&app, usize::from(n % 3 == 0)).await;
        fake.pay(&id);
        match n % 4 {
            0 => {}
            1 => late.push(fake.notification(&id)),
            _ => drop(notify(&app, &fake.notification(&id)).await.expect(200)),
        }
        all.push(payment.id);
    }
    live(&app, 15).await;
    for id in &all {
        assert_paid_once(&app, *id).await;
    }
    app.advance(TimeDelta::hours(2));
    for body in &late {
        notify(&app, body).await.expect(200);
    }
    app.run_jobs().await;
    for id in all {
        assert_paid_once(&app, id).await;
    }
    app.close().await;
}
