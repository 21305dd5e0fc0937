//! Магазин подняли из старой копии: провайдер ушёл вперёд.

use kernel::Money;
use payments::models::{Payment, PaymentEvent, Status, payment_event};
use payments::services;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::fake::Trouble;
use super::{paid, shop, started};
use crate::support::*;

#[tokio::test]
async fn what_happened_after_the_copy_is_learnt_and_named() {
    let (app, fake) = shop().await;
    let (waiting, id) = started(&app).await;
    let (refunded, refunded_id) = paid(&app, &fake).await;
    let (same, _) = paid(&app, &fake).await;
    // Всё это случилось после копии: о третьем платеже восстановленная база не знает вовсе.
    assert!(fake.pay(&id));
    fake.refund_in_cabinet(&refunded_id, "300.00");
    let (lost, lost_id) = started(&app).await;
    let db = &app.ctx.db_handle().write;
    PaymentEvent::delete_many().filter(payment_event::Column::PaymentId.eq(lost.id)).exec(db).await.expect("forgotten");
    Payment::delete_by_id(lost.id).exec(db).await.expect("forgotten");

    let seen = services::recheck(&app.ctx).await.expect("checked");
    assert_eq!(seen.checked, 3);
    let mut changed: Vec<i64> = seen.changed.iter().map(|payment| payment.id).collect();
    changed.sort_unstable();
    assert_eq!(changed, [waiting.id, refunded.id]);
    assert_eq!(load(&app, waiting.id).await.status, Status::Succeeded);
    assert_eq!(load(&app, refunded.id).await.refunded, Money::rub(300));
    assert_eq!(load(&app, same.id).await.refunded, Money::ZERO);
    let unknown: Vec<&str> = seen.unknown.iter().map(|remote| remote.id.as_str()).collect();
    assert_eq!(unknown, [lost_id.as_str()]);

    let again = services::recheck(&app.ctx).await.expect("checked");
    assert_eq!((again.checked, again.changed.len()), (3, 0));
    app.run_jobs().await;
    app.close().await;
}

/// Провайдер молчит — это не «всё по-прежнему».
#[tokio::test]
async fn silence_is_not_an_answer() {
    let (app, fake) = shop().await;
    started(&app).await;
    fake.trouble((0..9).map(|_| Trouble::ServerError));
    services::recheck(&app.ctx).await.expect_err("the provider is silent");
    fake.no_trouble();
    app.close().await;
}
