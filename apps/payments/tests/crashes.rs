//! Процесс «убивают» в каждом месте, где он чего-то ждёт, а потом поднимают: итог всегда тот же, что без смерти.

use std::pin::Pin;
use std::task::{Context, Poll};

use chrono::TimeDelta;
use kernel::{Money, Work};
use payments::models::payment;
use payments::{factories, services};
use testkit::TestApp;

use crate::support::*;

/// Будущее, которое бросают на полпути после стольких пробуждений.
struct Killed<F> {
    inner: Option<Pin<Box<F>>>,
    wakes_left: usize,
}

impl<F: Future> Future for Killed<F> {
    /// `true` — успело закончиться само.
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        if self.wakes_left == 0 {
            self.inner = None;
            return Poll::Ready(false);
        }
        self.wakes_left -= 1;
        let done = self.inner.as_mut().is_some_and(|inner| inner.as_mut().poll(cx).is_ready());
        if done { Poll::Ready(true) } else { Poll::Pending }
    }
}

/// Исполнитель задач умирает после стольких пробуждений; `true` — успел всё.
async fn work_and_die(app: &TestApp, wakes: usize) -> bool {
    let worker = kernel::jobs::run_due(&app.ctx);
    Killed { inner: Some(Box::pin(worker)), wakes_left: wakes }.await
}

/// Новый процесс: срок задач мёртвого вышел.
async fn restart(app: &TestApp) {
    app.advance(TimeDelta::minutes(2));
    app.run_jobs().await;
    let left = kernel::jobs::list(&app.ctx, 10).await.expect("jobs");
    assert!(left.is_empty(), "jobs are stuck: {left:#?}");
}

/// Шаг между точками смерти: каждая точка — отдельный платёж.
const STEP: usize = 2;

#[tokio::test]
async fn registration_survives_death_at_every_point() {
    let app = shop().await;
    let mut wakes = 1;
    loop {
        let payment = factories::payment(&app.ctx).create().await;
        let finished = work_and_die(&app, wakes).await;
        restart(&app).await;
        let there = gateway(&app, &payment).await;
        assert_eq!(there.len(), 1, "died after {wakes} wakes");
        let row = load(&app, payment.id).await;
        assert_eq!(row.provider_payment_id.as_deref(), Some(there[0].gateway_id.as_str()), "{wakes}");
        pay(&app, &payment, &[]).await;
        app.run_jobs().await;
        assert_paid_once(&app, payment.id).await;
        if finished {
            break;
        }
        wakes += STEP;
    }
    assert!(wakes > 10, "the worker was killed at many points, not {wakes}");
    app.close().await;
}

#[tokio::test]
async fn a_payment_survives_death_at_every_point_of_its_notification() {
    let app = shop().await;
    let mut wakes = 1;
    loop {
        let payment = factories::payment(&app.ctx).create().await;
        app.run_jobs().await;
        pay(&app, &payment, &[]).await;
        let finished = work_and_die(&app, wakes).await;
        restart(&app).await;
        assert_paid_once(&app, payment.id).await;
        if finished {
            break;
        }
        wakes += STEP;
    }
    assert!(wakes > 10, "{wakes}");
    app.close().await;
}

#[tokio::test]
async fn a_refund_survives_death_at_every_point() {
    let app = shop().await;
    let mut wakes = 1;
    loop {
        let payment = factories::payment(&app.ctx).create().await;
        pay(&app, &payment, &[]).await;
        app.run_jobs().await;
        refund(&app, &payment).await;
        let finished = work_and_die(&app, wakes).await;
        restart(&app).await;
        let there = gateway(&app, &payment).await.remove(0);
        assert_eq!(there.refunded, Money::rub(400), "died after {wakes} wakes");
        assert_eq!(events(&app, REFUNDED, payment.id).await.len(), 1, "{wakes}");
        assert_eq!(load(&app, payment.id).await.refunded, Money::rub(400));
        if finished {
            break;
        }
        wakes += STEP;
    }
    assert!(wakes > 6, "{wakes}");
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
