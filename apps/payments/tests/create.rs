use kernel::{Money, Subject};
use payments::emulator::GatewayStatus;
use payments::models::{Kind, Status};
use payments::{factories, queries};

use crate::support::*;

#[tokio::test]
async fn an_intent_is_recorded_first_and_registered_by_a_job() {
    let app = shop().await;
    let payment = factories::payment(&app.ctx).amount(Money::minor(123_456)).create().await;
    assert_eq!((payment.status, payment.provider.as_str()), (Status::Pending, "emulator"));
    assert_eq!(payment.pay_url(&app.ctx), Some(format!("http://localhost:8000/pay/{}", payment.public_id)));
    assert!(gateway(&app, &payment).await.is_empty(), "no outside call inside the transaction");

    app.run_jobs().await;
    let registered = load(&app, payment.id).await;
    let there = gateway(&app, &payment).await;
    assert_eq!(there.len(), 1);
    assert_eq!(registered.provider_payment_id.as_deref(), Some(there[0].gateway_id.as_str()));
    assert_eq!((there[0].reference, there[0].amount), (payment.public_id, payment.amount));
    assert_eq!(history(&app, payment.id).await, [Kind::Created, Kind::Registered]);
    app.assert_no_drift().await;
    app.close().await;
}

#[tokio::test]
async fn the_same_terms_give_the_same_payment() {
    let app = shop().await;
    let terms = factories::payment(&app.ctx).terms();
    let first = create(&app, terms.clone()).await.expect("first");
    app.run_jobs().await;
    let second = create(&app, terms).await.expect("second");
    assert_eq!(second.id, first.id);
    app.run_jobs().await;
    assert_eq!(history(&app, first.id).await, [Kind::Created, Kind::Registered]);
    app.close().await;
}

/// По старой ссылке нельзя оплатить изменившийся заказ.
#[tokio::test]
async fn other_terms_replace_the_payment_and_close_the_old_link() {
    let app = shop().await;
    let terms = factories::payment(&app.ctx).terms();
    let old = create(&app, terms.clone()).await.expect("old");
    app.run_jobs().await;
    let new = create(&app, payments::services::NewPayment { amount: Money::rub(1500), ..terms }).await.expect("new");
    assert_ne!(new.id, old.id);
    app.run_jobs().await;

    assert_eq!(load(&app, old.id).await.status, Status::Cancelled);
    assert_eq!(gateway(&app, &old).await[0].status, GatewayStatus::Canceled);
    assert!(payments::emulator::pay(&app.ctx, old.public_id, &[]).await.is_err(), "the old link pays nothing");
    assert!(events(&app, CANCELLED, old.id).await.is_empty(), "the subject is alive: nobody needs to hear");
    let all = queries::of_subject(app.ctx.db_fresh(), &new.subject()).await.expect("list");
    assert_eq!(all.iter().map(|row| row.id).collect::<Vec<_>>(), [new.id, old.id]);
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_parallel_intents_make_one_open_payment() {
    let app = shop().await;
    let terms = factories::payment(&app.ctx).terms();
    let calls = (0..20).map(|_| {
        let (ctx, new) = (app.ctx.clone(), terms.clone());
        tokio::spawn(async move {
            ctx.atomic(&ACTOR, async move |work: &mut kernel::Work| payments::services::create(work, &new).await).await
        })
    });
    let mut ids = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        ids.push(call.await.expect("task").expect("create").id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    app.run_jobs().await;
    assert_eq!(queries::of_subject(app.ctx.db_fresh(), &terms.subject).await.expect("list").len(), 1);
    app.close().await;
}

#[tokio::test]
async fn impossible_intents_are_refused() {
    let app = shop().await;
    for minor in [0, -1, Money::MAX.to_minor() + 1, i64::MIN] {
        let terms = factories::payment(&app.ctx).amount(Money::minor(minor)).terms();
        assert_eq!(create(&app, terms).await.expect_err("amount").code, "payments.bad_amount", "{minor}");
    }
    let mut terms = factories::payment(&app.ctx).subject(Subject::new("tests.thing", 1)).terms();
    terms.provider = Some("yoomoney".into());
    assert_eq!(create(&app, terms.clone()).await.expect_err("provider").code, "payments.unknown_provider");
    assert!(queries::of_subject(app.ctx.db_fresh(), &terms.subject).await.expect("list").is_empty());
    app.close().await;
}

/// Эмулятор денег не берёт: в магазине, где его не включили, им не заплатить — даже по старому платежу.
#[tokio::test]
async fn the_emulator_is_off_unless_it_is_chosen() {
    let app = with("").await;
    let mut terms = factories::payment(&app.ctx).terms();
    terms.provider = Some("emulator".into());
    assert_eq!(create(&app, terms).await.expect_err("off").code, "payments.unknown_provider");
    let payment = factories::payment(&app.ctx).create().await;
    assert_eq!((payment.provider.as_str(), payment.pay_url(&app.ctx)), ("cash", None));
    let refused = payments::emulator::pay(&app.ctx, payment.public_id, &[]).await.expect_err("no page");
    assert_eq!(refused.code, "payments.not_found");
    app.close().await;
}
