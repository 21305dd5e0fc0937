//! Каждая неисправность эмулятора — и чем она должна кончиться.

use chrono::TimeDelta;
use payments::emulator::{CallFault, Fault, GatewayStatus};
use payments::models::{Kind, Status, payment};
use payments::{emulator, factories};
use testkit::TestApp;

use crate::support::*;

async fn paid_with(faults: &[Fault]) -> (TestApp, payment::Model) {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    app.run_jobs().await;
    pay(&app, &payment, faults).await;
    app.run_jobs().await;
    (app, payment)
}

#[tokio::test]
async fn a_buyer_pays_and_one_event_says_so() {
    let (app, payment) = paid_with(&[]).await;
    assert_paid_once(&app, payment.id).await;
    assert_eq!(history(&app, payment.id).await, [Kind::Created, Kind::Registered, Kind::Captured]);
    let paid = load(&app, payment.id).await;
    assert_eq!((paid.open_subject, paid.next_check_at), (None, None));
    let said = events(&app, SUCCEEDED, payment.id).await;
    assert_eq!((&said[0]["amount"], &said[0]["currency"]), (&1000.into(), &"RUB".into()));
    app.close().await;
}

#[tokio::test]
async fn repeated_and_stale_notifications_pay_once() {
    for faults in [&[Fault::Twice][..], &[Fault::Hundred], &[Fault::OutOfOrder], &[Fault::Hundred, Fault::OutOfOrder]] {
        let (app, payment) = paid_with(faults).await;
        assert_paid_once(&app, payment.id).await;
        let stale = usize::from(faults.contains(&Fault::OutOfOrder));
        assert_eq!(inbox(&app).await, 1 + stale, "{faults:?}");
        app.close().await;
    }
}

#[tokio::test]
async fn a_lost_notification_is_found_within_fifteen_minutes() {
    let (app, payment) = paid_with(&[Fault::Never]).await;
    assert_eq!(load(&app, payment.id).await.status, Status::Pending);
    live(&app, 15).await;
    assert_paid_once(&app, payment.id).await;
    assert_eq!(inbox(&app).await, 0);
    app.close().await;
}

#[tokio::test]
async fn a_late_notification_finds_the_work_done() {
    let (app, payment) = paid_with(&[Fault::Late]).await;
    live(&app, 15).await;
    assert_paid_once(&app, payment.id).await;
    app.advance(TimeDelta::minutes(110));
    app.run_jobs().await;
    assert_eq!(inbox(&app).await, 1, "the late one did come");
    assert_paid_once(&app, payment.id).await;
    app.close().await;
}

/// Случай 10: сумма, валюта или заказ не те — не оплачено, зовём человека ровно один раз.
#[tokio::test]
async fn a_payment_that_differs_needs_attention() {
    let cases = [
        (Fault::WrongAmount, "wrong_amount"),
        (Fault::WrongCurrency, "wrong_currency"),
        (Fault::OtherReference, "wrong_reference"),
    ];
    for (fault, reason) in cases {
        let (app, payment) = paid_with(&[fault, Fault::Twice]).await;
        let row = load(&app, payment.id).await;
        assert_eq!((row.status, row.reason.as_deref(), row.captured.to_minor()), (Status::Attention, Some(reason), 0));
        live(&app, 30).await;
        payments::services::sync(&app.ctx, payment.id).await.expect("sync again");
        let calls = events(&app, ATTENTION, payment.id).await;
        assert_eq!(calls.len(), 1, "{calls:?}");
        assert_eq!(calls[0]["reason"], reason);
        assert!(events(&app, SUCCEEDED, payment.id).await.is_empty());
        app.close().await;
    }
}

#[tokio::test]
async fn attention_blocks_a_second_payment_until_a_person_closes_it() {
    let app = shop().await;
    let terms = factories::payment(&app.ctx).terms();
    let payment = create(&app, terms.clone()).await.expect("create");
    pay(&app, &payment, &[Fault::WrongAmount]).await;
    app.run_jobs().await;
    let more = payments::services::NewPayment { amount: kernel::Money::rub(7), ..terms.clone() };
    assert_eq!(create(&app, more).await.expect_err("blocked").code, "payments.needs_attention");
    cancel_for(&app, &payment).await;
    assert_eq!(load(&app, payment.id).await.status, Status::Attention, "a cancelled order does not hide it");

    let admin = accounts::factories::admin(&app.ctx).await;
    let path = format!("/api/v1/payments/{}/cancel", payment.id);
    app.anon().bearer(&admin.token).post(&path, serde_json::json!({})).await.expect(200);
    assert_eq!(load(&app, payment.id).await.status, Status::Cancelled);
    assert_ne!(create(&app, terms).await.expect("free again").id, payment.id);
    app.run_jobs().await;
    app.close().await;
}

/// Ответ на создание потерян: повтор с тем же ключом находит тот же платёж.
#[tokio::test]
async fn a_lost_answer_does_not_make_a_second_payment() {
    let app = shop().await;
    break_calls(&app, CallFault::LostAnswer, 3).await;
    let payment = factories::payment(&app.ctx).create().await;
    app.run_jobs().await;
    let there = gateway(&app, &payment).await;
    assert_eq!((there.len(), load(&app, payment.id).await.provider_payment_id), (1, None));
    live(&app, 5).await;
    let again = gateway(&app, &payment).await;
    assert_eq!(again.len(), 1);
    assert_eq!(load(&app, payment.id).await.provider_payment_id.as_deref(), Some(there[0].gateway_id.as_str()));
    pay(&app, &payment, &[]).await;
    app.run_jobs().await;
    assert_paid_once(&app, payment.id).await;
    app.close().await;
}

#[tokio::test]
async fn a_gateway_that_fails_is_asked_again() {
    let app = shop().await;
    break_calls(&app, CallFault::ServerError, 3).await;
    let payment = factories::payment(&app.ctx).create().await;
    app.run_jobs().await;
    assert!(gateway(&app, &payment).await.is_empty());
    live(&app, 5).await;
    assert_eq!(gateway(&app, &payment).await.len(), 1);
    assert_eq!(load(&app, payment.id).await.status, Status::Pending);
    cancel_for(&app, &payment).await;
    app.run_jobs().await;
    app.close().await;
}

/// Ответ потерян, а предмет отменили: платёж, который система успела завести, тоже закрывается.
#[tokio::test]
async fn a_payment_known_only_to_the_gateway_is_cancelled_there() {
    let app = shop().await;
    break_calls(&app, CallFault::LostAnswer, 1).await;
    let payment = factories::payment(&app.ctx).create().await;
    app.run_jobs().await;
    cancel_for(&app, &payment).await;
    live(&app, 3).await;
    assert_eq!(gateway(&app, &payment).await[0].status, GatewayStatus::Canceled);
    let row = load(&app, payment.id).await;
    assert_eq!((row.status, row.next_check_at), (Status::Cancelled, None));
    assert_eq!(events(&app, CANCELLED, payment.id).await.len(), 1);
    app.close().await;
}

#[tokio::test]
async fn a_refused_card_cancels_the_payment() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    let page = emulator::refuse(&app.ctx, payment.public_id).await.expect("refuse");
    assert!(!page.is_open);
    app.run_jobs().await;
    let row = load(&app, payment.id).await;
    assert_eq!((row.status, row.reason.as_deref()), (Status::Cancelled, Some("general_decline")));
    let said = events(&app, CANCELLED, payment.id).await;
    assert_eq!((said.len(), &said[0]["reason"]), (1, &"general_decline".into()));
    let refused = emulator::pay(&app.ctx, payment.public_id, &[]).await.expect_err("closed");
    assert_eq!(refused.code, "payments.emulator_closed");
    app.close().await;
}

#[tokio::test]
async fn faults_are_obeyed_only_where_allowed() {
    let app = with("[payments]\nprovider = \"emulator\"\n").await;
    let payment = factories::payment(&app.ctx).create().await;
    let refused = emulator::pay(&app.ctx, payment.public_id, &[Fault::Never]).await.expect_err("faults are off");
    assert_eq!(refused.code, "payments.faults_off");
    app.run_jobs().await;
    assert_eq!(load(&app, payment.id).await.status, Status::Pending);
    emulator::pay(&app.ctx, payment.public_id, &[]).await.expect("pay");
    app.run_jobs().await;
    assert_paid_once(&app, payment.id).await;
    app.close().await;
}
