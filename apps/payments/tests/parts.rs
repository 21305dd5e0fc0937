//! Один платёж за два предмета: возврат одного не трогает денег другого.

use kernel::{Money, Result, Subject, Work};
use payments::factories::new_refund;
use payments::models::{payment, payment_part};
use payments::services::{self, NewPayment, NewRefund};
use payments::{factories, queries};
use testkit::TestApp;

use crate::support::*;

fn chair() -> Subject {
    Subject::new("tests.order", 1)
}

fn hoodie() -> Subject {
    Subject::new("tests.order", 2)
}

fn terms(app: &TestApp) -> NewPayment {
    let parts = vec![(chair(), Money::rub(600)), (hoodie(), Money::rub(400))];
    NewPayment { parts, ..factories::payment(&app.ctx).subject(Subject::new("tests.cart", "a")).terms() }
}

/// Оплаченный платёж: 600 ₽ за стул, 400 ₽ за худи.
async fn paid() -> (TestApp, payment::Model) {
    let app = shop().await;
    let payment = create(&app, terms(&app)).await.expect("created");
    pay(&app, &payment, &[]).await;
    app.run_jobs().await;
    (app, payment)
}

async fn give(app: &TestApp, id: i64, new: NewRefund) -> Result<()> {
    app.ctx.atomic(&ACTOR, async move |work: &mut Work| services::refund(work, id, &new).await.map(|_| ())).await
}

async fn give_from(app: &TestApp, id: i64, part: Subject, roubles: i64, key: &str) -> Result<()> {
    give(app, id, NewRefund { part: Some(part), ..new_refund(Money::rub(roubles), key) }).await
}

async fn refunded(app: &TestApp, id: i64) -> Vec<i64> {
    let parts = queries::parts_of(app.ctx.db_fresh(), id).await.expect("parts");
    parts.iter().map(|part: &payment_part::Model| part.refunded.to_minor() / 100).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_refunds_of_a_part_never_exceed_it() {
    let (app, payment) = paid().await;
    let calls = (0..40).map(|n| {
        let (app, id) = (&app, payment.id);
        async move { give_from(app, id, if n % 2 == 0 { chair() } else { hoodie() }, 100, &format!("k{n}")).await }
    });
    let calls = futures::future::join_all(calls).await;
    assert!(calls.iter().flat_map(|call| call.as_ref().err()).all(|error| error.code == "payments.refund_too_big"));
    assert_eq!(calls.iter().filter(|call| call.is_ok()).count(), 10);
    assert_eq!(refunded(&app, payment.id).await, [600, 400]);
    app.run_jobs().await;
    let said = events(&app, REFUNDED, payment.id).await;
    let of = |subject: Subject| said.iter().filter(|event| event["part"]["id"] == subject.id.as_str()).count();
    assert_eq!((of(chair()), of(hoodie())), (6, 4));
    app.close().await;
}

#[tokio::test]
async fn a_refund_names_its_part() {
    let (app, payment) = paid().await;
    let nameless = give(&app, payment.id, new_refund(Money::rub(1), "r")).await.expect_err("whose money?");
    assert_eq!(nameless.code, "payments.refund_needs_part");
    let stranger = give_from(&app, payment.id, Subject::new("tests.order", 3), 1, "s").await.expect_err("nobody's");
    assert_eq!(stranger.code, "payments.refund_too_big");
    assert_eq!(refunded(&app, payment.id).await, [0, 0]);
    app.close().await;
}

/// Вернули в кабинете системы: чьё — она не знает, поэтому поровну по оставшемуся. Отказанный возврат места в доле не занимает.
#[tokio::test]
async fn outside_and_refused_refunds_keep_the_parts_right() {
    let (app, payment) = paid().await;
    refund_in_cabinet(&app, &payment, 50_000).await;
    services::sync(&app.ctx, payment.id).await.expect("sync");
    assert_eq!(refunded(&app, payment.id).await, [300, 200]);
    // В кабинете успели вернуть остальное, а мы обещаем своё: система откажет.
    refund_in_cabinet(&app, &payment, 100_000).await;
    give_from(&app, payment.id, chair(), 300, "late").await.expect("promised");
    assert_eq!(refunded(&app, payment.id).await, [600, 200]);
    app.run_jobs().await;
    assert_eq!(refunded(&app, payment.id).await, [300, 200]);
    services::sync(&app.ctx, payment.id).await.expect("sync");
    assert_eq!(refunded(&app, payment.id).await, [600, 400]);
    app.close().await;
}

#[tokio::test]
async fn the_same_deal_is_the_same_payment_and_parts_are_the_whole() {
    let app = shop().await;
    let first = create(&app, terms(&app)).await.expect("created");
    assert_eq!(create(&app, terms(&app)).await.expect("again").id, first.id);
    let other = vec![(chair(), Money::rub(500)), (hoodie(), Money::rub(500))];
    let replaced = create(&app, NewPayment { parts: other, ..terms(&app) }).await.expect("other parts");
    assert_ne!(replaced.id, first.id);
    let short = vec![(chair(), Money::rub(999))];
    assert!(create(&app, NewPayment { parts: short, ..terms(&app) }).await.is_err());
    app.run_jobs().await;
    app.close().await;
}
