//! Процесс «убивают» в каждом месте, где он чего-то ждёт, а потом поднимают: итог всегда тот же, что без смерти.

use kernel::{Money, Work};
use payments::models::payment;
use payments::{factories, services};
use testkit::TestApp;

use crate::death::{Deaths, restart, work_and_die};
use crate::support::*;

#[tokio::test]
async fn registration_survives_death_at_every_point() {
    let app = shop().await;
    let mut deaths = Deaths::every(2);
    loop {
        let payment = factories::payment(&app.ctx).create().await;
        let finished = work_and_die(&app, deaths.wakes).await;
        restart(&app).await;
        let there = gateway(&app, &payment).await;
        assert_eq!(there.len(), 1, "died after {} wakes", deaths.wakes);
        let row = load(&app, payment.id).await;
        assert_eq!(row.provider_payment_id.as_deref(), Some(there[0].gateway_id.as_str()), "{}", deaths.wakes);
        pay(&app, &payment, &[]).await;
        app.run_jobs().await;
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
    let app = shop().await;
    let mut deaths = Deaths::every(2);
    loop {
        let payment = factories::payment(&app.ctx).create().await;
        app.run_jobs().await;
        pay(&app, &payment, &[]).await;
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
    let app = shop().await;
    let mut deaths = Deaths::every(2);
    loop {
        let payment = factories::payment(&app.ctx).create().await;
        pay(&app, &payment, &[]).await;
        app.run_jobs().await;
        refund(&app, &payment).await;
        let finished = work_and_die(&app, deaths.wakes).await;
        restart(&app).await;
        let there = gateway(&app, &payment).await.remove(0);
        assert_eq!(there.refunded, Money::rub(400), "died after {} wakes", deaths.wakes);
        assert_eq!(events(&app, REFUNDED, payment.id).await.len(), 1, "{}", deaths.wakes);
        assert_eq!(load(&app, payment.id).await.refunded, Money::rub(400));
        if deaths.are_over(finished) {
            break;
        }
    }
    deaths.assert_many();
    app.close().await;
}

async fn refund(app: &TestApp, payment: &payment::Model) {
    let id = payment.id;
    let give = async move |work: &mut Work| {
        services::refund(work, id, &factories::new_refund(Money::rub(400), "return")).await
    };
    app.ctx.atomic(&ACTOR, give).await.expect("refund");
}

/// Умер до первой задачи: намерение записано, остальное доделает исполнитель или сам покупатель.
#[tokio::test]
async fn an_intent_without_a_worker_is_registered_by_the_buyer() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    let page = payments::emulator::view(&app.ctx, payment.public_id).await.expect("page");
    assert!(page.is_open);
    assert_eq!(gateway(&app, &payment).await.len(), 1);
    app.run_jobs().await;
    assert_eq!(gateway(&app, &payment).await.len(), 1);
    app.close().await;
}
