use kernel::Work;
use payments::emulator::{CallFault, GatewayStatus};
use payments::models::{Kind, Status, payment};
use payments::{factories, services};
use testkit::TestApp;

use crate::support::*;

const TWO_STAGE: &str = "[payments]\nprovider = \"emulator\"\ntwo_stage = true\n[payments.emulator]\nfaults = true\n";

async fn held() -> (TestApp, payment::Model) {
    let app = with(TWO_STAGE).await;
    let payment = factories::payment(&app.ctx).create().await;
    pay(&app, &payment, &[]).await;
    app.run_jobs().await;
    assert_eq!(load(&app, payment.id).await.status, Status::WaitingForCapture);
    (app, payment)
}

async fn capture(app: &TestApp, id: i64) -> kernel::Result<()> {
    app.ctx.atomic(&ACTOR, async move |work: &mut Work| services::capture(work, id).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_parallel_captures_take_the_money_once() {
    let (app, payment) = held().await;
    assert_eq!(events(&app, "payments.payment_authorized", payment.id).await.len(), 1);
    break_calls(&app, CallFault::LostAnswer, 1).await;
    let calls = futures::future::join_all((0..20).map(|_| capture(&app, payment.id))).await;
    assert!(calls.iter().all(Result::is_ok), "{calls:?}");
    live(&app, 12).await;
    assert_paid_once(&app, payment.id).await;
    let asked = history(&app, payment.id).await.iter().filter(|kind| **kind == Kind::CaptureRequested).count();
    assert_eq!(asked, 1);
    capture(&app, payment.id).await.expect("a repeat is harmless");
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn held_money_is_given_back_when_the_subject_is_cancelled() {
    let (app, payment) = held().await;
    cancel_for(&app, &payment).await;
    app.run_jobs().await;
    assert_eq!(gateway(&app, &payment).await[0].status, GatewayStatus::Canceled);
    assert_eq!(load(&app, payment.id).await.status, Status::Cancelled);
    assert_eq!(capture(&app, payment.id).await.expect_err("too late").code, "payments.nothing_to_capture");
    app.close().await;
}

#[tokio::test]
async fn a_pending_payment_has_nothing_to_capture() {
    let app = with(TWO_STAGE).await;
    let payment = factories::payment(&app.ctx).create().await;
    app.run_jobs().await;
    assert_eq!(capture(&app, payment.id).await.expect_err("not held").code, "payments.nothing_to_capture");
    assert_eq!(capture(&app, 777).await.expect_err("unknown").code, "payments.nothing_to_capture");
    app.close().await;
}
