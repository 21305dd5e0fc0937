use chrono::TimeDelta;
use payments::emulator::{CallFault, Fault, GatewayStatus};
use payments::factories;
use payments::models::Status;

use crate::support::*;

/// Случай 14: часть уведомлений потеряна, часть опоздает на два часа — через четверть часа всё верно.
#[tokio::test]
async fn lost_and_late_notifications_are_made_good_within_fifteen_minutes() {
    let app = shop().await;
    let mut all = Vec::new();
    for n in 0..40 {
        let payment = factories::payment(&app.ctx).create().await;
        let fault = match n % 4 {
            0 => Fault::Never,
            1 => Fault::Late,
            2 => Fault::Hundred,
            _ => Fault::Twice,
        };
        // Платят в разные минуты, и сверка застаёт платежи в разном возрасте.
        app.run_jobs().await;
        live(&app, usize::from(n % 3 == 0)).await;
        pay(&app, &payment, &[fault]).await;
        all.push(payment.id);
    }
    live(&app, 15).await;
    for id in all {
        assert_paid_once(&app, id).await;
    }
    app.close().await;
}

#[tokio::test]
async fn a_silent_gateway_is_asked_until_it_answers() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    app.run_jobs().await;
    pay(&app, &payment, &[Fault::Never]).await;
    break_calls(&app, CallFault::ServerError, 1000).await;
    live(&app, 40).await;
    assert_eq!(load(&app, payment.id).await.status, Status::Pending);
    break_calls(&app, CallFault::ServerError, 0).await;
    live(&app, 11).await;
    assert_paid_once(&app, payment.id).await;
    app.close().await;
}

/// Оплачено, уведомления нет, система молчит дольше срока оплаты: не отменяем наугад.
#[tokio::test]
async fn an_unknown_outcome_is_not_taken_for_expiry() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    app.run_jobs().await;
    pay(&app, &payment, &[Fault::Never]).await;
    break_calls(&app, CallFault::ServerError, 1000).await;
    live(&app, 90).await;
    assert_eq!(load(&app, payment.id).await.status, Status::Pending);
    break_calls(&app, CallFault::ServerError, 0).await;
    live(&app, 15).await;
    assert_paid_once(&app, payment.id).await;
    app.close().await;
}

#[tokio::test]
async fn an_unpaid_payment_expires_on_both_sides() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    live(&app, 59).await;
    assert_eq!(load(&app, payment.id).await.status, Status::Pending);
    live(&app, 12).await;
    let row = load(&app, payment.id).await;
    assert_eq!((row.status, row.next_check_at), (Status::Cancelled, None));
    assert_eq!(gateway(&app, &payment).await[0].status, GatewayStatus::Canceled);
    assert_eq!(events(&app, CANCELLED, payment.id).await.len(), 1);
    app.close().await;
}

/// Система не отвечала всё время оплаты: платёж отменён и потом не оживёт.
#[tokio::test]
async fn a_payment_the_gateway_never_heard_of_expires() {
    let app = shop().await;
    break_calls(&app, CallFault::ServerError, 1000).await;
    let payment = factories::payment(&app.ctx).create().await;
    live(&app, 72).await;
    let row = load(&app, payment.id).await;
    assert_eq!((row.status, row.reason.as_deref()), (Status::Cancelled, Some("expired")));
    break_calls(&app, CallFault::ServerError, 0).await;
    live(&app, 30).await;
    assert!(gateway(&app, &payment).await.iter().all(|row| row.status == GatewayStatus::Canceled));
    assert_eq!(events(&app, CANCELLED, payment.id).await.len(), 1);
    assert_eq!(load(&app, payment.id).await.next_check_at, None);
    app.close().await;
}

#[tokio::test]
async fn a_waiting_payment_is_not_asked_about_more_often_than_needed() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    live(&app, 50).await;
    let checks = load(&app, payment.id).await.checks;
    assert!((6..=9).contains(&checks), "{checks} readings in 50 minutes");
    app.advance(TimeDelta::hours(3));
    app.run_jobs().await;
    app.close().await;
}
