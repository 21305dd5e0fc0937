//! Деньги пришли за отменённый заказ.

use catalog::factories::product;
use chrono::TimeDelta;
use serde_json::json;

use crate::shop::{self, bought, customer, press_pay, read, reasons, row, stock};

#[tokio::test]
async fn a_late_payment_revives_the_order_while_the_goods_are_here() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).stock(5).create().await;
    let order = bought(&anna, &[(&chair, 2)]).await;
    app.run_jobs().await;
    app.advance(TimeDelta::minutes(30));
    press_pay(&app, &order, &["late"]).await.expect(200);
    // Уведомление в пути, сверка молчит: сервер платежей «упал» до самого срока.
    expire_unseen(&app, &order).await;
    assert_eq!(row(&app, shop::id_of(&order)).await.status, orders::models::Status::Cancelled);
    assert_eq!(stock(&app, &chair).await, (5, 0, 5));
    app.advance(TimeDelta::hours(3));
    app.run_jobs().await;
    let revived = read(&anna, &order).await;
    assert_eq!((&revived["status"], &revived["payment_status"]), (&json!("paid"), &json!("succeeded")));
    assert_eq!(reasons(&revived), ["placed", "expired", "late_payment", "late_payment_restored"]);
    assert_eq!((&revived["cancelled_at"], &revived["cancel_reason"]), (&json!(null), &json!(null)));
    assert_eq!(stock(&app, &chair).await, (5, 2, 3));
    shop::close(app).await;
}

#[tokio::test]
async fn a_late_payment_goes_back_when_the_goods_are_gone() {
    let app = shop::open().await;
    let (anna, boris) = (customer(&app).await, customer(&app).await);
    let rare = product(&app.ctx).stock(1).create().await;
    let order = bought(&anna.client, &[(&rare, 1)]).await;
    app.run_jobs().await;
    press_pay(&app, &order, &["late"]).await.expect(200);
    expire_unseen(&app, &order).await;
    let bought_by_boris = bought(&boris.client, &[(&rare, 1)]).await;
    shop::pay(&app, &bought_by_boris).await;
    app.advance(TimeDelta::hours(3));
    app.run_jobs().await;

    let lost = read(&anna.client, &order).await;
    assert_eq!(lost["status"], "cancelled");
    assert_eq!(
        reasons(&lost),
        ["placed", "expired", "late_payment", "late_payment_refunded", "other_payment_refunded"]
    );
    let payment =
        &payments::queries::of_subject(app.ctx.db_fresh(), &orders::models::order::subject_of(shop::id_of(&order)))
            .await
            .expect("payments")[0];
    assert_eq!((payment.captured, payment.refunded), (kernel::Money::rub(1000), kernel::Money::rub(1000)));
    assert_eq!(read(&boris.client, &bought_by_boris).await["status"], "paid");
    assert_eq!(stock(&app, &rare).await, (1, 1, 0));
    let letters = notifications::mailbox(&app.ctx);
    let refund = letters
        .iter()
        .filter(|letter| letter.to == anna.login.email && letter.subject.starts_with("Возвращаем деньги"))
        .count();
    assert_eq!(refund, 1);
    shop::close(app).await;
}

/// Срок вышел, а об оплате мы не узнали: отменяем одной службой, без сверки платежей.
async fn expire_unseen(app: &testkit::TestApp, order: &serde_json::Value) {
    let id = shop::id_of(order);
    let now = app.ctx.now();
    app.ctx.clock().freeze(now + TimeDelta::minutes(61));
    let expire = app.ctx.atomic(&kernel::Actor::System("expire"), async move |work: &mut kernel::Work| {
        orders::services::expire_order(work, id).await
    });
    assert!(expire.await.expect("expired"));
    app.ctx.clock().freeze(now);
}

#[tokio::test]
async fn an_order_paid_twice_keeps_one_payment() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await.client, shop::manager(&app).await);
    let chair = product(&app.ctx).create().await;
    let order = bought(&anna, &[(&chair, 1)]).await;
    app.run_jobs().await;
    // Покупатель заплатил в интернете, а сотрудник, не зная об этом, взял деньги в кассе.
    press_pay(&app, &order, &["never"]).await.expect(200);
    shop::move_to(&staff, shop::id_of(&order), "paid").await.expect(200);
    app.run_jobs().await;
    app.advance(TimeDelta::minutes(20));
    app.run_jobs().await;
    let paid = read(&anna, &order).await;
    assert_eq!(
        (&paid["status"], &paid["payment_provider"], &paid["refunded_amount"]),
        (&json!("paid"), &json!("cash"), &json!(0))
    );
    assert!(reasons(&paid).contains(&"duplicate_payment".to_owned()), "{:?}", reasons(&paid));
    let all =
        payments::queries::of_subject(app.ctx.db_fresh(), &orders::models::order::subject_of(shop::id_of(&order)))
            .await
            .expect("payments");
    let kept: Vec<_> = all.iter().map(|payment| (payment.provider.as_str(), payment.refundable())).collect();
    assert_eq!(kept, [("cash", kernel::Money::rub(1000)), ("emulator", kernel::Money::ZERO)]);
    shop::close(app).await;
}
