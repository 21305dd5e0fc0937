use kernel::Money;
use payments::models::{RefundStatus, payment};
use payments::queries;
use serde_json::{Value, json};
use testkit::TestApp;

use super::fake::FakeYooKassa;
use super::{paid, paid_with, prepaid, refund, shop};
use crate::support::*;

/// Сколько возвращено: у нас, у неё, по новостям — копейки.
async fn totals(app: &TestApp, fake: &FakeYooKassa, payment: &payment::Model) -> (i64, i64, i64) {
    let said = events(app, REFUNDED, payment.id).await;
    let said: f64 = said.iter().map(|event| event["amount"].as_f64().expect("amount")).sum();
    let there = fake.payment(payment.provider_payment_id.as_deref().expect("id"));
    let there: Money = there["refunded_amount"]["value"].as_str().expect("value").parse().expect("money");
    (load(app, payment.id).await.refunded.to_minor(), there.to_minor(), (said * 100.0).round() as i64)
}

/// Строки чека возврата: имя, количество, цена, способ расчёта.
fn lines(refund: &Value) -> Vec<(String, i64, String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let line = |item: &Value| {
        (
            text(&item["description"]),
            item["quantity"].as_i64().expect("quantity"),
            text(&item["amount"]["value"]),
            text(&item["payment_mode"]),
        )
    };
    refund["receipt"]["items"].as_array().expect("items").iter().map(line).collect()
}

fn line(name: &str, quantity: i64, price: &str) -> (String, i64, String, String) {
    (name.to_owned(), quantity, price.to_owned(), "full_payment".to_owned())
}

/// Случай 17: пятьдесят разом — не больше полученного ни у нас, ни у неё.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_parallel_refunds_never_exceed_the_captured_sum() {
    for (kopecks, expected) in [(60_000, 1), (7_000, 14), (3_333, 30)] {
        let (app, fake) = shop().await;
        let (payment, _) = paid(&app, &fake).await;
        let keys: Vec<String> = (0..50).map(|n| format!("k{n}")).collect();
        let calls = futures::future::join_all(keys.iter().map(|key| refund(&app, payment.id, kopecks, key))).await;
        let (good, bad): (Vec<_>, Vec<_>) = calls.into_iter().partition(Result::is_ok);
        assert_eq!(good.len(), expected, "{kopecks}");
        assert!(bad.iter().all(|call| call.as_ref().is_err_and(|error| error.code == "payments.refund_too_big")));
        app.run_jobs().await;
        let total = kopecks * expected as i64;
        assert_eq!(totals(&app, &fake, &payment).await, (total, total, total));
        assert_eq!(fake.refunds().len(), expected);
        app.close().await;
    }
}

/// Чек возврата: целиком — те же строки; частью — доля каждой строки; все части вместе — весь платёж.
#[tokio::test]
async fn refund_receipts_add_up_line_by_line() {
    let (app, fake) = shop().await;
    let (payment, _) = paid(&app, &fake).await;
    refund(&app, payment.id, 100_000, "all").await.expect("all");
    app.run_jobs().await;
    assert_eq!(lines(&fake.refunds()[0]), [line("Стол «Дуб»", 2, "400.00"), line("Доставка", 1, "200.00")]);
    assert_eq!(fake.refunds()[0]["description"], "Возврат № 1. скол на столешнице");
    app.close().await;

    let (app, fake) = shop().await;
    let (payment, _) = paid(&app, &fake).await;
    for (kopecks, key) in [(50_000, "half"), (33_333, "third"), (16_667, "rest")] {
        refund(&app, payment.id, kopecks, key).await.expect(key);
        app.run_jobs().await;
    }
    let refunds = fake.refunds();
    assert_eq!(lines(&refunds[0]), [line("Стол «Дуб»", 1, "400.00"), line("Доставка", 1, "100.00")]);
    assert_eq!(lines(&refunds[1]), [line("Стол «Дуб»", 1, "266.66"), line("Доставка", 1, "66.67")]);
    assert_eq!(lines(&refunds[2]), [line("Стол «Дуб»", 1, "133.34"), line("Доставка", 1, "33.33")]);
    assert_eq!(totals(&app, &fake, &payment).await, (100_000, 100_000, 100_000));
    app.close().await;
}

/// Предоплату возвращают предоплатой, а отданное — полным расчётом.
#[tokio::test]
async fn a_refund_repeats_how_the_line_was_paid() {
    let (app, fake) = shop().await;
    let (payment, _) = paid_with(&app, &fake, prepaid()).await;
    refund(&app, payment.id, 10_000, "before").await.expect("before");
    app.run_jobs().await;
    super::receipts::hand_over(&app, payment.id).await;
    refund(&app, payment.id, 10_000, "after").await.expect("after");
    app.run_jobs().await;
    let modes: Vec<String> = fake.refunds().iter().flat_map(lines).map(|(.., mode)| mode).collect();
    assert_eq!(modes, ["full_prepayment", "full_payment", "full_payment", "full_payment"]);
    app.close().await;
}

/// Возврат, который она ещё выполняет, спрашивают, пока не решится; не вышел — место свободно, человек позван.
#[tokio::test]
async fn a_pending_refund_is_polled_to_its_end() {
    let (app, fake) = shop().await;
    fake.slow_refunds();
    let (payment, _) = paid(&app, &fake).await;
    refund(&app, payment.id, 30_000, "a").await.expect("a");
    refund(&app, payment.id, 20_000, "b").await.expect("b");
    live(&app, 12).await;
    assert!(events(&app, REFUNDED, payment.id).await.is_empty());
    let ids: Vec<String> = fake.refunds().iter().map(|refund| refund["id"].as_str().expect("id").to_owned()).collect();
    fake.settle_refund(&ids[0], "succeeded");
    fake.settle_refund(&ids[1], "canceled");
    live(&app, 6).await;
    assert_eq!(totals(&app, &fake, &payment).await, (30_000, 30_000, 30_000));
    let rows = queries::refunds_of(app.ctx.db_fresh(), payment.id).await.expect("refunds");
    assert_eq!(rows.iter().map(|row| row.status).collect::<Vec<_>>(), [RefundStatus::Succeeded, RefundStatus::Failed]);
    assert_eq!(events(&app, ATTENTION, payment.id).await[0]["reason"], "refund_failed");
    assert_eq!(fake.refunds().len(), 2);

    // Снятое с неудачного возврата снова доступно, и строки чека сходятся.
    refund(&app, payment.id, 70_000, "rest").await.expect("rest");
    live(&app, 1).await;
    let rest = fake.refunds().pop().expect("rest");
    assert_eq!(lines(&rest), [line("Стол «Дуб»", 1, "560.00"), line("Доставка", 1, "140.00")]);
    fake.settle_refund(rest["id"].as_str().expect("id"), "succeeded");
    live(&app, 6).await;
    assert_eq!(totals(&app, &fake, &payment).await, (100_000, 100_000, 100_000));
    app.close().await;
}

/// Чек возврата: пока регистрируется — спрашиваем, не вышел (сразу, потом или за три дня) — зовём человека один раз; деньги вернулись в
/// любом случае.
#[tokio::test]
async fn the_receipt_of_a_refund_is_watched() {
    for (born, end, is_called) in [
        ("succeeded", "succeeded", false),
        ("canceled", "canceled", true),
        ("pending", "succeeded", false),
        ("pending", "canceled", true),
        ("pending", "pending", true),
    ] {
        let (app, fake) = shop().await;
        fake.refund_receipts(born);
        let (payment, _) = paid(&app, &fake).await;
        refund(&app, payment.id, 30_000, "a").await.expect("a");
        live(&app, 1).await;
        assert_eq!(totals(&app, &fake, &payment).await, (30_000, 30_000, 30_000));
        let id = fake.refunds()[0]["id"].as_str().expect("id").to_owned();
        fake.register_refund_receipt(&id, end);
        live(&app, 31).await;
        for _ in 0..4 {
            app.advance(chrono::TimeDelta::days(1));
            app.run_jobs().await;
        }
        let called = events(&app, ATTENTION, payment.id).await;
        assert_eq!(called.len(), usize::from(is_called), "{born} -> {end}: {called:?}");
        if let Some(event) = called.first() {
            assert_eq!((&event["reason"], &event["seen"]), (&json!("receipt_failed"), &json!(300)));
        }
        assert_eq!(fake.refunds().len(), 1);
        assert_paid_once(&app, payment.id).await;
        app.close().await;
    }
}

/// Деньги вернули в её кабинете: узнаём, и следующий чек возврата это учитывает.
#[tokio::test]
async fn a_refund_made_in_the_cabinet_is_adopted() {
    let (app, fake) = shop().await;
    let (payment, id) = paid(&app, &fake).await;
    fake.refund_in_cabinet(&id, "500.00");
    payments::services::sync(&app.ctx, payment.id).await.expect("sync");
    assert_eq!(totals(&app, &fake, &payment).await, (50_000, 50_000, 50_000));
    assert_eq!(refund(&app, payment.id, 50_001, "more").await.expect_err("too big").code, "payments.refund_too_big");
    refund(&app, payment.id, 50_000, "rest").await.expect("rest");
    app.run_jobs().await;
    assert_eq!(lines(&fake.refunds()[0]), [line("Стол «Дуб»", 1, "400.00"), line("Доставка", 1, "100.00")]);
    app.close().await;
}

#[tokio::test]
async fn a_refused_refund_frees_its_place_and_calls_a_person() {
    let (app, fake) = shop().await;
    let (payment, id) = paid(&app, &fake).await;
    fake.edit(&id, |payment| payment["status"] = json!("canceled"));
    refund(&app, payment.id, 60_000, "r").await.expect("promised");
    app.run_jobs().await;
    assert_eq!(load(&app, payment.id).await.refunded, Money::ZERO);
    let rows = queries::history_of(app.ctx.db_fresh(), payment.id).await.expect("history");
    let why = "invalid_request: Payment not found or forbidden (payment_id)";
    assert!(rows.iter().any(|row| row.note == why), "{rows:?}");
    assert_eq!(events(&app, ATTENTION, payment.id).await[0]["reason"], "refund_failed");
    app.close().await;
}
