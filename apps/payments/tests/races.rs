use kernel::Work;
use payments::emulator::GatewayStatus;
use payments::models::{Status, payment};
use payments::{emulator, factories, services};
use testkit::TestApp;

use crate::support::*;

/// Покупатель платит в тот же миг, когда магазин отменяет: кто выиграл, решает платёжная система, и мы с ней согласны.
#[tokio::test(flavor = "multi_thread")]
async fn paying_while_cancelling_ends_as_the_gateway_says() {
    let app = shop().await;
    let mut paid = 0;
    for turn in 0..12 {
        let payment = factories::payment(&app.ctx).create().await;
        if turn % 2 == 0 {
            app.run_jobs().await;
        }
        race(&app, &payment).await;
        app.run_jobs().await;
        paid += usize::from(settled(&app, payment.id).await);
    }
    eprintln!("{paid} of 12 buyers were faster");
    app.close().await;
}

async fn race(app: &TestApp, payment: &payment::Model) {
    let (ctx, public_id) = (app.ctx.clone(), payment.public_id);
    let buyer = tokio::spawn(async move { emulator::pay(&ctx, public_id, &[]).await.map(|_| ()) });
    let (ctx, subject) = (app.ctx.clone(), payment.subject());
    let shop = tokio::spawn(async move {
        ctx.atomic(&ACTOR, async move |work: &mut Work| services::cancel_for(work, &subject).await).await?;
        kernel::jobs::run_due(&ctx).await
    });
    let _maybe_refused = buyer.await.expect("buyer");
    shop.await.expect("shop").expect("cancel");
}

/// Обе стороны согласны, новостей столько, сколько надо; `true` — оплачено.
async fn settled(app: &TestApp, id: i64) -> bool {
    let row = load(app, id).await;
    let there = gateway(app, &row).await;
    let is_paid = there.first().is_some_and(|row| row.status == GatewayStatus::Succeeded);
    let live = there.iter().filter(|row| row.status == GatewayStatus::Pending).count();
    assert_eq!(live, 0, "nothing payable is left at the gateway: {row:?}");
    let successes = events(app, SUCCEEDED, id).await.len();
    if is_paid {
        assert_paid_once(app, id).await;
    } else {
        assert_eq!((row.status, successes), (Status::Cancelled, 0));
    }
    assert!(events(app, CANCELLED, id).await.len() <= 1);
    is_paid
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_parallel_rereadings_make_one_success() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    pay(&app, &payment, &[emulator::Fault::Never]).await;
    let calls = (0..100).map(|_| {
        let (ctx, id) = (app.ctx.clone(), payment.id);
        tokio::spawn(async move { services::sync(&ctx, id).await })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.expect("task").expect("sync").status, Status::Succeeded);
    }
    assert_paid_once(&app, payment.id).await;
    app.run_jobs().await;
    app.close().await;
}

/// Случай 12: деньги пришли после отмены предмета — они не пропадают.
#[tokio::test]
async fn money_after_cancellation_is_reported_not_lost() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    app.run_jobs().await;
    pay(&app, &payment, &[emulator::Fault::Never]).await;
    cancel_for(&app, &payment).await;
    assert_eq!(load(&app, payment.id).await.status, Status::Cancelled);
    app.run_jobs().await;
    assert_paid_once(&app, payment.id).await;
    assert_eq!(events(&app, CANCELLED, payment.id).await.len(), 1);
    app.close().await;
}

/// Случай 19: оплата за секунду до срока проходит, в срок и позже — нет.
#[tokio::test]
async fn the_deadline_is_one_for_both_sides() {
    for (seconds, is_paid) in [(3599, true), (3600, false), (3601, false)] {
        let app = shop().await;
        let payment = factories::payment(&app.ctx).create().await;
        app.run_jobs().await;
        app.advance(chrono::TimeDelta::seconds(seconds));
        let paid = emulator::pay(&app.ctx, payment.public_id, &[emulator::Fault::Never]).await;
        assert_eq!(paid.is_ok(), is_paid, "{seconds}");
        live(&app, 15).await;
        if is_paid {
            assert_paid_once(&app, payment.id).await;
        } else {
            assert_eq!(load(&app, payment.id).await.status, Status::Cancelled);
            assert_eq!(events(&app, CANCELLED, payment.id).await.len(), 1);
        }
        app.close().await;
    }
}

#[tokio::test]
async fn cancelling_twice_says_it_once() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    cancel_for(&app, &payment).await;
    cancel_for(&app, &payment).await;
    app.run_jobs().await;
    assert_eq!(events(&app, CANCELLED, payment.id).await.len(), 1);
    assert!(gateway(&app, &payment).await.is_empty(), "the gateway never needed to know");
    assert_eq!(load(&app, payment.id).await.next_check_at, None);
    app.close().await;
}
