use payments::factories;
use payments::models::{PaymentEvent, Refund, payment_event, refund};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use testkit::TestApp;

use crate::support::*;

async fn found(app: &TestApp) -> Vec<String> {
    let check = app.checks.iter().find(|check| check.name.starts_with("payments")).expect("check");
    assert!(check.money);
    (check.run)(&app.ctx).await.expect("run")
}

async fn plant_event(app: &TestApp, payment_id: i64, kopecks: i64) {
    PaymentEvent::update_many()
        .col_expr(payment_event::Column::Amount, Expr::value(kopecks))
        .filter(payment_event::Column::PaymentId.eq(payment_id))
        .filter(payment_event::Column::Kind.eq(payments::models::Kind::Captured))
        .exec(&app.ctx.db_handle().write)
        .await
        .expect("plant");
}

async fn plant_refund(app: &TestApp, payment_id: i64, kopecks: i64) {
    Refund::update_many()
        .col_expr(refund::Column::Amount, Expr::value(kopecks))
        .filter(refund::Column::PaymentId.eq(payment_id))
        .exec(&app.ctx.db_handle().write)
        .await
        .expect("plant");
}

#[tokio::test]
async fn doctor_names_the_first_payment_that_does_not_add_up() {
    let app = shop().await;
    let good = factories::payment(&app.ctx).paid().await;
    let bad = factories::payment(&app.ctx).paid().await;
    let id = bad.id;
    let give = async move |work: &mut kernel::Work| {
        payments::services::refund(work, id, &payments::factories::new_refund(kernel::Money::rub(10), "r")).await
    };
    app.ctx.atomic(&ACTOR, give).await.expect("refund");
    app.run_jobs().await;
    assert!(found(&app).await.is_empty(), "{:?}", found(&app).await);

    plant_event(&app, bad.id, 99_999).await;
    let said = format!("payment {}: captured is 1000.00, but its rows in payment_events sum up to 999.99", bad.id);
    assert_eq!(found(&app).await, [said]);
    plant_event(&app, good.id, 1).await;
    assert!(found(&app).await[0].starts_with(&format!("payment {}:", good.id)), "the first one is named");
    plant_event(&app, good.id, 100_000).await;
    plant_event(&app, bad.id, 100_000).await;

    plant_refund(&app, bad.id, 900).await;
    let said = format!("payment {}: refunded is 10.00, but its rows in refunds sum up to 9.00", bad.id);
    assert_eq!(found(&app).await, [said]);
    plant_refund(&app, bad.id, 1000).await;
    app.close().await;
}
