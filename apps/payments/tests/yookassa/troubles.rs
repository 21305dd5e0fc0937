//! Обрывы, пятисотые, перегрузка, медленные ответы: повтор с тем же ключом, ничего дважды.

use std::time::Duration;

use chrono::TimeDelta;
use payments::models::{Kind, Payment, Status, payment};
use payments::services;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::fake::Trouble;
use super::{notify, receipt, refund, shop, started, terms};
use crate::support::*;

const SLOW: Trouble = Trouble::Slow(Duration::from_millis(1500));

/// Итог неизвестен, как бы ни пропал ответ: платёж один, и платят за него один раз.
#[tokio::test]
async fn a_lost_answer_does_not_make_a_second_payment() {
    for trouble in [Trouble::LostAnswer, Trouble::DoneBut500, SLOW] {
        let (app, fake) = shop().await;
        fake.trouble([trouble]);
        let payment = create(&app, terms(&app, receipt())).await.expect("create");
        app.run_jobs().await;
        assert_eq!((fake.payments().len(), load(&app, payment.id).await.provider_payment_id), (1, None), "{trouble:?}");
        live(&app, 3).await;
        assert_eq!(fake.payments().len(), 1, "{trouble:?}");
        let id = load(&app, payment.id).await.provider_payment_id.expect("found by its key");
        fake.pay(&id);
        notify(&app, &fake.notification(&id)).await.expect(200);
        app.run_jobs().await;
        assert_paid_once(&app, payment.id).await;
        app.close().await;
    }
}

#[tokio::test]
async fn a_failing_gateway_is_asked_again() {
    let (app, fake) = shop().await;
    fake.trouble([Trouble::ServerError, Trouble::TooManyRequests, Trouble::Garbage]);
    let payment = create(&app, terms(&app, receipt())).await.expect("create");
    app.run_jobs().await;
    assert!(fake.payments().is_empty());
    live(&app, 5).await;
    assert_eq!((fake.payments().len(), load(&app, payment.id).await.status), (1, Status::Pending));
    assert_eq!(history(&app, payment.id).await, [Kind::Created, Kind::Registered]);
    app.close().await;
}

/// Покупатель ждёт ссылку, а система молчит: 503 сразу, а не вечное ожидание; потом — та же ссылка.
#[tokio::test]
async fn the_buyer_is_told_and_may_try_again() {
    let (app, fake) = shop().await;
    let payment = create(&app, terms(&app, receipt())).await.expect("create");
    let link = format!("/api/v1/payment/pay/{}", payment.public_id);
    for trouble in [Trouble::ServerError, SLOW, Trouble::LostAnswer] {
        fake.trouble([trouble]);
        app.anon().get(&link).await.refused(503, "payments.provider_unavailable");
    }
    app.anon().get(&link).await.expect(303);
    assert_eq!(fake.payments().len(), 1);
    app.run_jobs().await;
    app.close().await;
}

/// Отказ окончателен: платёж не принят, причина сказана по-русски и записана.
#[tokio::test]
async fn a_refusal_is_final_and_explained() {
    let (app, fake) = shop().await;
    fake.want_receipts();
    let mut bare = terms(&app, receipt());
    bare.receipt = None;
    let payment = create(&app, bare).await.expect("intent");
    let refused = services::open(&app.ctx, payment.id).await.expect_err("refused");
    assert_eq!(refused.code, "payments.provider_refused");
    let link = format!("/api/v1/payment/pay/{}", payment.public_id);
    app.run_jobs().await;
    let row = load(&app, payment.id).await;
    assert_eq!((row.status, row.reason.as_deref()), (Status::Failed, Some("invalid_request")));
    let said = app.anon().get(&link).await.refused(400, "payments.provider_refused");
    let words = "Платёжная система не приняла платёж. В запросе что-то не так: сообщите администратору магазина. \
                 Выберите другой способ или повторите позже.";
    assert_eq!(said["detail"], words);
    let rows = payments::queries::history_of(app.ctx.db_fresh(), payment.id).await.expect("history");
    assert_eq!(rows.last().map(|row| row.note.as_str()), Some("Receipt is missing or illegal (receipt)"));
    assert_eq!(fake.calls("POST /v3/payments"), 1);
    app.close().await;
}

/// Ключ помнят сутки. Ответ потерян, а вернулись через двое: сначала ищем своё, второго платежа нет.
#[tokio::test]
async fn after_a_day_the_payment_is_looked_for_first() {
    let (app, fake) = shop().await;
    // Чужих платежей больше, чем помещается на странице списка.
    for _ in 0..120 {
        create(&app, terms(&app, receipt())).await.expect("other");
    }
    app.run_jobs().await;
    fake.trouble([Trouble::LostAnswer]);
    let payment = create(&app, terms(&app, receipt())).await.expect("create");
    app.run_jobs().await;
    cancel_for(&app, &payment).await;
    let known = fake.payments().len();
    fake.trouble(vec![Trouble::ServerError; 400]);
    app.run_jobs().await;
    fake.no_trouble();
    fake.advance(TimeDelta::hours(25));
    app.advance(TimeDelta::hours(25));
    app.run_jobs().await;
    assert_eq!(fake.payments().len(), known);
    assert!(load(&app, payment.id).await.provider_payment_id.is_some());
    app.close().await;
}

/// Программу обновили, и тело запроса стало другим, а ключ прежний: находим заведённое, а не считаем отказом.
#[tokio::test]
async fn a_reused_key_finds_the_payment_it_made() {
    let (app, fake) = shop().await;
    fake.trouble([Trouble::LostAnswer]);
    let payment = create(&app, terms(&app, receipt())).await.expect("create");
    app.run_jobs().await;
    Payment::update_many()
        .col_expr(payment::Column::Description, Expr::value("Заказ, названный иначе"))
        .filter(payment::Column::Id.eq(payment.id))
        .exec(&app.ctx.db_handle().write)
        .await
        .expect("other body");
    live(&app, 2).await;
    let row = load(&app, payment.id).await;
    assert_eq!((row.status, fake.payments().len()), (Status::Pending, 1));
    assert_eq!(row.provider_payment_id.as_deref(), fake.payments()[0]["id"].as_str());
    app.close().await;
}

/// Возврат: ответ потерян сейчас или сутки назад — деньги уходят один раз.
#[tokio::test]
async fn a_lost_answer_does_not_refund_twice() {
    for hours in [0, 25] {
        let (app, fake) = shop().await;
        let (payment, _) = super::paid(&app, &fake).await;
        fake.trouble([Trouble::LostAnswer]);
        refund(&app, payment.id, 25_000, "r").await.expect("promised");
        app.run_jobs().await;
        assert_eq!((fake.refunds().len(), events(&app, REFUNDED, payment.id).await.len()), (1, 0));
        fake.advance(TimeDelta::hours(hours));
        app.advance(TimeDelta::hours(hours));
        live(&app, 2).await;
        assert_eq!((fake.refunds().len(), events(&app, REFUNDED, payment.id).await.len()), (1, 1), "{hours}");
        assert_eq!(load(&app, payment.id).await.refunded, kernel::Money::rub(250));
        app.close().await;
    }
}

/// Магазин перешёл на другие ключи: прежних платежей там нет. Решает человек.
#[tokio::test]
async fn a_payment_the_gateway_does_not_know_needs_a_person() {
    let (app, _fake) = shop().await;
    let (payment, _) = started(&app).await;
    Payment::update_many()
        .col_expr(payment::Column::ProviderPaymentId, Expr::value("of-another-shop"))
        .filter(payment::Column::Id.eq(payment.id))
        .exec(&app.ctx.db_handle().write)
        .await
        .expect("planted");
    live(&app, 4).await;
    let row = load(&app, payment.id).await;
    assert_eq!((row.status, row.reason.as_deref()), (Status::Attention, Some("not_found")));
    assert_eq!(events(&app, ATTENTION, payment.id).await.len(), 1);
    app.close().await;
}

/// Числа вместо строк, незнакомые поля и состояния чека — не повод упасть.
#[tokio::test]
async fn loose_answers_are_read() {
    let (app, fake) = shop().await;
    let (payment, id) = started(&app).await;
    fake.pay(&id);
    fake.edit(&id, |payment| {
        payment["recipient"]["account_id"] = json!(100_500);
        payment["amount"]["value"] = json!(1000);
        payment["refunded_amount"] = json!(null);
        payment["income_amount"] = json!({"value": "965.00", "currency": "RUB"});
        payment["payment_method"] = json!({"type": "telepathy", "id": id, "card": {"first6": 555555}});
        payment["receipt_registration"] = json!("succeeded");
    });
    live(&app, 4).await;
    assert_paid_once(&app, payment.id).await;
    app.close().await;
}
