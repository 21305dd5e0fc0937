use chrono::TimeDelta;
use kernel::{Money, Work};
use payments::models::{Kind, Status};
use payments::permissions::VIEW_PAYMENT;
use payments::services;
use serde_json::json;

use super::fake::{FakeYooKassa, Trouble};
use super::{notify, paid, receipt, shop, shop_with, started, terms};
use crate::support::*;

/// Тело запроса — как в её описании: сумма строкой, стадия названа, ссылка назад, метаданные, чек до копейки.
#[tokio::test]
async fn a_payment_is_created_as_the_protocol_wants() {
    let (app, fake) = shop().await;
    let (payment, id) = started(&app).await;
    let there = fake.payment(&id);
    assert_eq!(there["amount"], json!({"value": "1000.00", "currency": "RUB"}));
    assert_eq!((&there["capture"], &there["description"]), (&json!(true), &json!("Заказ")));
    assert_eq!(there["confirmation"]["return_url"], "http://localhost:8000/thanks");
    let metadata = json!({
        "payment": payment.public_id,
        "order_id": payment.subject_id,
        "order_number": format!("MS-{}", payment.subject_id),
    });
    assert_eq!(there["metadata"], metadata);
    let item = |name: &str, quantity: i64, price: &str, vat: i64, subject: &str| {
        json!({"description": name, "quantity": quantity, "measure": "piece", "vat_code": vat, "payment_mode": "full_payment",
            "payment_subject": subject, "amount": {"value": price, "currency": "RUB"}})
    };
    let items = json!([item("Стол «Дуб»", 2, "400.00", 11, "commodity"), item("Доставка", 1, "200.00", 1, "service")]);
    assert_eq!(there["receipt"]["items"], items);
    assert_eq!(there["receipt"]["customer"], json!({"email": "anna@example.ru", "phone": "79000000000"}));
    assert_eq!(there["receipt"].get("tax_system_code"), None);
    assert_eq!(payment.confirmation_url.as_deref(), there["confirmation"]["confirmation_url"].as_str());
    assert_eq!(history(&app, payment.id).await, [Kind::Created, Kind::Registered]);
    app.assert_no_drift().await;
    app.close().await;
}

/// Ссылка на оплату ведёт на её страницу, пока платить можно, и обратно в магазин, когда уже нечего.
#[tokio::test]
async fn the_pay_link_leads_to_the_gateway_and_back() {
    let (app, fake) = shop().await;
    let payment = create(&app, terms(&app, receipt())).await.expect("create");
    assert_eq!(payment.pay_url(&app.ctx), Some(format!("http://localhost:8000/pay/{}", payment.public_id)));
    let link = format!("/api/v1/payment/pay/{}", payment.public_id);
    // Покупатель быстрее задачи: платёж заводится здесь же.
    let away = app.anon().get(&link).await.expect(303);
    let id = load(&app, payment.id).await.provider_payment_id.expect("registered by the buyer");
    assert_eq!(away.header("location"), fake.payment(&id)["confirmation"]["confirmation_url"].as_str());
    app.run_jobs().await;
    assert_eq!(fake.payments().len(), 1);

    fake.pay(&id);
    let back = app.anon().get(&link).await.expect(303);
    assert_eq!(back.header("location"), Some("http://localhost:8000/thanks"));
    assert_paid_once(&app, payment.id).await;
    app.anon().get("/api/v1/payment/pay/nothing").await.refused(404, "payments.not_found");
    app.run_jobs().await;
    app.close().await;
}

/// Адреса и ответы договора (contracts §2.7) с ЮKassa те же, что с эмулятором.
#[tokio::test]
async fn documented_answers_hold() {
    let (app, fake) = shop().await;
    let (payment, id) = started(&app).await;
    let status = format!("/api/v1/payment/status/{}", payment.public_id);
    let open = app.anon().get(&status).await.expect(200).json();
    assert_eq!(
        (&open["status"], &open["paid"], &open["captured_at"]),
        (&json!("pending"), &json!(false), &json!(null))
    );
    let metadata = json!({"order_id": payment.subject_id, "order_number": format!("MS-{}", payment.subject_id)});
    assert_eq!((&open["amount"], &open["currency"], &open["metadata"]), (&json!(1000), &json!("RUB"), &metadata));

    fake.pay(&id);
    app.advance(TimeDelta::seconds(3));
    let paid = app.anon().get(&status).await.expect(200).json();
    assert_eq!((&paid["status"], &paid["paid"]), (&json!("succeeded"), &json!(true)), "known before the notification");
    assert_eq!(paid["captured_at"], "2026-03-02T09:00:03Z");
    assert_eq!(notify(&app, &fake.notification(&id)).await.expect(200).json(), json!({"status": "ok"}));
    let cancel = format!("/api/v1/payment/cancel/{}", payment.public_id);
    app.anon().post(&cancel, json!({})).await.refused(400, "payments.already_paid");

    let (other, _) = started(&app).await;
    let cancel = format!("/api/v1/payment/cancel/{}", other.public_id);
    assert_eq!(app.anon().post(&cancel, json!({})).await.expect(200).json(), json!({"status": "cancelled"}));
    app.run_jobs().await;
    assert_paid_once(&app, payment.id).await;
    app.close().await;
}

/// Неоплаченное ЮKassa отменить не умеет: не просим, а ждём. Заплатили всё же — деньги не потерялись.
#[tokio::test]
async fn an_unpaid_payment_is_not_cancelled_there_but_its_money_is_not_lost() {
    let (app, fake) = shop().await;
    let (payment, id) = started(&app).await;
    cancel_for(&app, &payment).await;
    app.run_jobs().await;
    assert_eq!(
        (fake.calls(&format!("POST /v3/payments/{id}/cancel")), fake.payment(&id)["status"].clone()),
        (0, json!("pending"))
    );
    fake.pay(&id);
    live(&app, 15).await;
    assert_paid_once(&app, payment.id).await;
    assert_eq!(events(&app, CANCELLED, payment.id).await.len(), 1);

    let (payment, id) = started(&app).await;
    cancel_for(&app, &payment).await;
    fake.decline(&id, "expired_on_confirmation");
    live(&app, 15).await;
    let row = load(&app, payment.id).await;
    assert_eq!((row.status, row.next_check_at), (Status::Cancelled, None));
    app.close().await;
}

#[tokio::test]
async fn a_declined_card_is_explained_to_the_staff() {
    let (app, fake) = shop().await;
    let (payment, id) = started(&app).await;
    fake.decline(&id, "insufficient_funds");
    notify(&app, &fake.notification(&id)).await.expect(200);
    app.run_jobs().await;
    let staff = app.anon().bearer(&accounts::factories::staff(&app.ctx, &[VIEW_PAYMENT]).await.token);
    let seen = staff.get(&format!("/api/v1/payments/{}", payment.id)).await.expect(200).json();
    assert_eq!((&seen["status"], &seen["reason"]), (&json!("cancelled"), &json!("insufficient_funds")));
    assert_eq!(seen["reason_text"], "На карте или счёте не хватает денег.");
    let english = staff.header("accept-language", "en").get(&format!("/api/v1/payments/{}", payment.id)).await;
    assert_eq!(english.expect(200).json()["reason_text"], "Not enough money on the card or account.");
    app.close().await;
}

async fn held(app: &testkit::TestApp, fake: &FakeYooKassa) -> (payments::models::payment::Model, String) {
    let (payment, id) = started(app).await;
    assert_eq!(fake.payment(&id)["capture"], false);
    fake.pay(&id);
    notify(app, &fake.notification(&id)).await.expect(200);
    app.run_jobs().await;
    assert_eq!(load(app, payment.id).await.status, Status::WaitingForCapture);
    (payment, id)
}

/// Двадцать просьб списать — одно списание; удержанное за отменённый предмет отпускается.
#[tokio::test(flavor = "multi_thread")]
async fn held_money_is_captured_once_or_released() {
    let (app, fake) = shop_with("[payments]\ntwo_stage = true\n").await;
    let (payment, id) = held(&app, &fake).await;
    // Сначала чтение, потом списание: обрывается оно.
    fake.trouble([Trouble::Fine, Trouble::LostAnswer]);
    let calls = (0..20).map(|_| {
        let (ctx, id) = (app.ctx.clone(), payment.id);
        async move { ctx.atomic(&ACTOR, async move |work: &mut Work| services::capture(work, id).await).await }
    });
    assert!(futures::future::join_all(calls).await.iter().all(Result::is_ok));
    live(&app, 12).await;
    assert_paid_once(&app, payment.id).await;
    assert_eq!(fake.payment(&id)["status"], "succeeded");

    let (payment, id) = held(&app, &fake).await;
    cancel_for(&app, &payment).await;
    app.run_jobs().await;
    assert_eq!(fake.payment(&id)["cancellation_details"]["reason"], "canceled_by_merchant");
    assert_eq!(load(&app, payment.id).await.status, Status::Cancelled);
    app.close().await;
}

/// Случай 13: по старой ссылке изменившийся заказ не оплатить; если успели — деньги видны, но заказ ими не оплачен.
#[tokio::test]
async fn changed_terms_replace_the_payment() {
    let (app, fake) = shop().await;
    let old_terms = terms(&app, receipt());
    let old = create(&app, old_terms.clone()).await.expect("old");
    app.run_jobs().await;
    assert_eq!(create(&app, old_terms.clone()).await.expect("same").id, old.id);
    // Сумма та же, но в чеке другое: это другие условия.
    let mut other = old_terms.clone();
    other.receipt.as_mut().expect("receipt").lines[0].name = "Стол «Ясень»".into();
    let new = create(&app, other).await.expect("new");
    assert_ne!(new.id, old.id);
    app.run_jobs().await;
    let link = format!("/api/v1/payment/pay/{}", old.public_id);
    assert_eq!(app.anon().get(&link).await.expect(303).header("location"), Some("http://localhost:8000/thanks"));
    assert_eq!(load(&app, old.id).await.status, Status::Cancelled);
    assert_eq!(fake.payments().len(), 2);
    app.close().await;
}

#[tokio::test]
async fn a_receipt_that_does_not_add_up_never_leaves_the_shop() {
    let (app, fake) = shop().await;
    let wrong = services::NewPayment { amount: Money::minor(100_001), ..terms(&app, receipt()) };
    assert_eq!(create(&app, wrong).await.expect_err("sums differ").code, "server.internal");
    assert!(fake.payments().is_empty());
    app.close().await;
}

/// Магазин без чеков их не передаёт и не хранит.
#[tokio::test]
async fn receipts_can_be_switched_off() {
    let (app, fake) = shop_with("[payments.yookassa]\nreceipts = false\n").await;
    let (payment, id) = paid(&app, &fake).await;
    assert_eq!((&fake.payment(&id)["receipt"], payment.receipt_lines), (&json!(null), None));
    assert_eq!((payment.customer_email, payment.customer_phone), (None, None));
    app.close().await;
}
