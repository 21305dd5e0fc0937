use kernel::{Money, Work};
use payments::emulator::{CallFault, emulator_refund};
use payments::models::{Kind, RefundStatus, payment, refund};
use payments::{factories, queries, services};
use sea_orm::EntityTrait;
use testkit::TestApp;

use crate::support::*;

/// Оплаченный эмулятором платёж на 1 000 ₽.
async fn paid() -> (TestApp, payment::Model) {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    pay(&app, &payment, &[]).await;
    app.run_jobs().await;
    (app, payment)
}

async fn refund(app: &TestApp, id: i64, roubles: i64, key: &str) -> kernel::Result<refund::Model> {
    let key = key.to_owned();
    let give = async move |work: &mut Work| {
        services::refund(work, id, &factories::new_refund(Money::rub(roubles), &key)).await
    };
    app.ctx.atomic(&ACTOR, give).await
}

/// Сколько возвращено: у нас, у системы, по новостям.
async fn totals(app: &TestApp, payment: &payment::Model) -> (i64, i64, i64) {
    let said = events(app, REFUNDED, payment.id).await;
    let said: f64 = said.iter().map(|event| event["amount"].as_f64().expect("amount")).sum();
    let there = gateway(app, payment).await[0].refunded.to_minor() / 100;
    (load(app, payment.id).await.refunded.to_minor() / 100, there, said as i64)
}

/// Случай 17: параллельные возвраты никогда не больше полученного.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_parallel_refunds_never_exceed_the_payment() {
    for (roubles, expected) in [(600, 1), (100, 10), (70, 14)] {
        let (app, payment) = paid().await;
        let keys: Vec<String> = (0..50).map(|n| format!("k{n}")).collect();
        let calls = futures::future::join_all(keys.iter().map(|key| refund(&app, payment.id, roubles, key))).await;
        let (good, bad): (Vec<_>, Vec<_>) = calls.into_iter().partition(Result::is_ok);
        assert_eq!(good.len(), expected, "{roubles}");
        assert!(bad.iter().all(|call| call.as_ref().is_err_and(|e| e.code == "payments.refund_too_big")));
        app.run_jobs().await;
        let total = roubles * expected as i64;
        assert_eq!(totals(&app, &payment).await, (total, total, total));
        app.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_one_refund() {
    let (app, payment) = paid().await;
    let calls = futures::future::join_all((0..20).map(|_| refund(&app, payment.id, 400, "return-1"))).await;
    let ids: std::collections::BTreeSet<i64> = calls.into_iter().map(|call| call.expect("refund").id).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(
        refund(&app, payment.id, 300, "return-1").await.expect_err("other sum").code,
        "payments.refund_key_reused"
    );
    app.run_jobs().await;
    assert_eq!(totals(&app, &payment).await, (400, 400, 400));
    assert_eq!(events(&app, REFUNDED, payment.id).await.len(), 1);
    app.close().await;
}

#[tokio::test]
async fn a_lost_answer_does_not_refund_twice() {
    let (app, payment) = paid().await;
    break_calls(&app, CallFault::LostAnswer, 2).await;
    refund(&app, payment.id, 250, "r").await.expect("refund");
    app.run_jobs().await;
    assert_eq!(totals(&app, &payment).await, (250, 250, 0), "done there, not known here");
    live(&app, 3).await;
    assert_eq!(totals(&app, &payment).await, (250, 250, 250));
    let there = emulator_refund::Entity::find().all(app.ctx.db_fresh()).await.expect("refunds");
    assert_eq!(there.len(), 1);
    app.close().await;
}

/// Деньги вернули в кабинете системы: узнаём, записываем и второй раз не возвращаем.
#[tokio::test]
async fn a_refund_made_at_the_gateway_is_adopted() {
    let (app, payment) = paid().await;
    refund(&app, payment.id, 200, "ours").await.expect("ours");
    app.run_jobs().await;
    refund_in_cabinet(&app, &payment, 70_000).await;
    for _ in 0..2 {
        services::sync(&app.ctx, payment.id).await.expect("sync");
    }
    assert_eq!(totals(&app, &payment).await, (700, 700, 700));
    assert_eq!(refund(&app, payment.id, 301, "more").await.expect_err("too big").code, "payments.refund_too_big");
    app.close().await;
}

/// Система отказала: обещание снято, человек позван, платёж остался оплаченным.
#[tokio::test]
async fn a_refused_refund_frees_its_place_and_calls_a_person() {
    let (app, payment) = paid().await;
    refund_in_cabinet(&app, &payment, 100_000).await;
    refund(&app, payment.id, 600, "r").await.expect("promised");
    app.run_jobs().await;
    assert_eq!(load(&app, payment.id).await.refunded, Money::ZERO);
    let row = queries::refunds_of(app.ctx.db_fresh(), payment.id).await.expect("refunds").remove(0);
    assert_eq!(row.status, RefundStatus::Failed);
    assert!(events(&app, REFUNDED, payment.id).await.is_empty());
    assert_eq!(events(&app, ATTENTION, payment.id).await[0]["reason"], "refund_failed");
    assert!(history(&app, payment.id).await.ends_with(&[Kind::RefundRequested, Kind::RefundFailed, Kind::Attention]));
    assert_paid_once(&app, payment.id).await;
    app.close().await;
}

#[tokio::test]
async fn only_received_money_is_refunded() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).create().await;
    assert_eq!(refund(&app, payment.id, 1, "r").await.expect_err("not paid").code, "payments.refund_too_big");
    assert_eq!(refund(&app, payment.id, 0, "r").await.expect_err("nothing").code, "payments.bad_amount");
    assert_eq!(refund(&app, payment.id, -5, "r").await.expect_err("negative").code, "payments.bad_amount");
    assert_eq!(refund(&app, 777, 1, "r").await.expect_err("unknown").code, "payments.not_found");
    app.run_jobs().await;
    assert!(queries::refunds_of(app.ctx.db_fresh(), payment.id).await.expect("refunds").is_empty());
    app.close().await;
}
