//! Процесс «убивают» в каждом месте, где он чего-то ждёт, — и посреди разговора с ЮKassa: итог всегда тот же, что без смерти.

use kernel::{Money, Work};
use payments::models::{Kind, ReceiptStatus, Status, payment};
use payments::providers::RawNotification;
use payments::{queries, services};
use serde_json::Value;
use testkit::TestApp;

use super::fake::FakeYooKassa;
use super::{notify, paid, paid_with, prepaid, receipt, refund, shop, shop_with, started, terms};
use crate::death::{Deaths, die_after, restart, work_and_die};
use crate::support::*;

/// Платежи, которые она завела по этому намерению.
fn there(fake: &FakeYooKassa, payment: &payment::Model) -> Vec<Value> {
    let name = payment.public_id.to_string();
    fake.payments().into_iter().filter(|seen| seen["metadata"]["payment"] == name.as_str()).collect()
}

/// То, что она хранит об этом платеже: возвраты или чеки.
fn of_payment(all: Vec<Value>, id: &str) -> Vec<Value> {
    all.into_iter().filter(|row| row["payment_id"] == id).collect()
}

async fn atomic(app: &TestApp, work: impl AsyncFn(&mut Work) -> kernel::Result<()>) {
    app.ctx.atomic(&ACTOR, work).await.expect("atomic");
}

#[tokio::test]
async fn registration_survives_death_at_every_point() {
    let (app, fake) = shop().await;
    let mut deaths = Deaths::every(2);
    loop {
        let payment = create(&app, terms(&app, receipt())).await.expect("create");
        let finished = work_and_die(&app, deaths.wakes).await;
        restart(&app).await;
        let seen = there(&fake, &payment);
        assert_eq!(seen.len(), 1, "died after {} wakes", deaths.wakes);
        let id = seen[0]["id"].as_str().expect("id");
        assert_eq!(load(&app, payment.id).await.provider_payment_id.as_deref(), Some(id), "{}", deaths.wakes);
        assert!(fake.pay(id));
        notify(&app, &fake.notification(id)).await.expect(200);
        app.run_jobs().await;
        assert_paid_once(&app, payment.id).await;
        if deaths.are_over(finished) {
            break;
        }
    }
    deaths.assert_many();
    app.close().await;
}

/// Умер, принимая уведомление: ответа 200 не было, и она пришлёт его снова.
#[tokio::test]
async fn a_notification_survives_the_death_of_its_receiver() {
    let (app, fake) = shop().await;
    let mut deaths = Deaths::every(1);
    loop {
        let (payment, id) = started(&app).await;
        assert!(fake.pay(&id));
        let body = fake.notification(&id);
        // Мимо HTTP: там дело доводит до конца задача сервера, и обрыв соединения её не убивает.
        let raw = RawNotification {
            headers: http::HeaderMap::new(),
            client_ip: Some([185, 71, 76, 5].into()),
            body: body.to_string().into(),
        };
        let finished = die_after(deaths.wakes, services::receive_notification(&app.ctx, "yookassa", &raw)).await;
        notify(&app, &body).await.expect(200);
        restart(&app).await;
        assert_paid_once(&app, payment.id).await;
        if deaths.are_over(finished) {
            break;
        }
    }
    deaths.assert_many();
    app.close().await;
}

#[tokio::test]
async fn a_payment_survives_death_at_every_point_of_its_notification() {
    let (app, fake) = shop().await;
    let mut deaths = Deaths::every(2);
    loop {
        let (payment, id) = started(&app).await;
        assert!(fake.pay(&id));
        notify(&app, &fake.notification(&id)).await.expect(200);
        let finished = work_and_die(&app, deaths.wakes).await;
        restart(&app).await;
        assert_paid_once(&app, payment.id).await;
        if deaths.are_over(finished) {
            break;
        }
    }
    deaths.assert_many();
    app.close().await;
}

#[tokio::test]
async fn a_refund_survives_death_at_every_point() {
    let (app, fake) = shop().await;
    let mut deaths = Deaths::every(2);
    loop {
        let (payment, id) = paid(&app, &fake).await;
        refund(&app, payment.id, 40_000, "return").await.expect("refund");
        let finished = work_and_die(&app, deaths.wakes).await;
        restart(&app).await;
        assert_eq!(of_payment(fake.refunds(), &id).len(), 1, "died after {} wakes", deaths.wakes);
        assert_eq!(fake.payment(&id)["refunded_amount"]["value"], "400.00", "{}", deaths.wakes);
        assert_eq!(events(&app, REFUNDED, payment.id).await.len(), 1, "{}", deaths.wakes);
        assert_eq!(load(&app, payment.id).await.refunded, Money::rub(400), "{}", deaths.wakes);
        if deaths.are_over(finished) {
            break;
        }
    }
    deaths.assert_many();
    app.close().await;
}

/// Второй чек предоплаты: выдан ровно один.
#[tokio::test]
async fn a_second_receipt_survives_death_at_every_point() {
    let (app, fake) = shop().await;
    let mut deaths = Deaths::every(2);
    loop {
        let (payment, id) = paid_with(&app, &fake, prepaid()).await;
        let number = payment.id;
        atomic(&app, async move |work: &mut Work| services::settle_prepayment(work, number).await).await;
        let finished = work_and_die(&app, deaths.wakes).await;
        restart(&app).await;
        assert_eq!(of_payment(fake.receipts(), &id).len(), 1, "died after {} wakes", deaths.wakes);
        let row = queries::settlement_of(app.ctx.db_fresh(), payment.id).await.expect("read").expect("receipt");
        assert_eq!(row.status, ReceiptStatus::Succeeded, "{}", deaths.wakes);
        if deaths.are_over(finished) {
            break;
        }
    }
    deaths.assert_many();
    app.close().await;
}

/// Две стадии: удержанное списывается или отпускается, что бы ни случилось с нами.
#[tokio::test]
async fn held_money_survives_death_at_every_point() {
    let (app, fake) = shop_with("[payments]\ntwo_stage = true\n").await;
    for is_taken in [true, false] {
        let mut deaths = Deaths::every(2);
        loop {
            let (payment, id) = paid(&app, &fake).await;
            assert_eq!(payment.status, Status::WaitingForCapture);
            match is_taken {
                true => {
                    let number = payment.id;
                    atomic(&app, async move |work: &mut Work| services::capture(work, number).await).await;
                }
                false => cancel_for(&app, &payment).await,
            }
            let finished = work_and_die(&app, deaths.wakes).await;
            restart(&app).await;
            let word = if is_taken { "succeeded" } else { "canceled" };
            assert_eq!(fake.payment(&id)["status"], word, "died after {} wakes", deaths.wakes);
            match is_taken {
                true => assert_paid_once(&app, payment.id).await,
                false => {
                    assert_eq!(events(&app, CANCELLED, payment.id).await.len(), 1, "{}", deaths.wakes);
                    assert_eq!(events(&app, SUCCEEDED, payment.id).await.len(), 0, "{}", deaths.wakes);
                    assert!(!history(&app, payment.id).await.contains(&Kind::Captured), "{}", deaths.wakes);
                }
            }
            if deaths.are_over(finished) {
                break;
            }
        }
        deaths.assert_many();
    }
    app.close().await;
}
