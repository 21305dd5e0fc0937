//! ЮKassa: наш провайдер против поддельного сервера, который говорит по её протоколу.

mod crashes;
pub mod fake;
mod keys;
mod notifications;
mod paying;
mod receipts;
mod recheck;
mod refunds;
mod stories;
mod troubles;

use kernel::{Money, Subject, Work};
use payments::factories::new_refund;
use payments::models::payment;
use payments::receipts::{PaymentMode, PaymentSubject, Receipt, ReceiptLine};
use payments::services::{NewPayment, NewRefund};
use payments::{factories, services};
use serde_json::Value;
use testkit::{Answer, TestApp};

use crate::support::{ACTOR, create, load, with};
use fake::FakeYooKassa;

pub const WEBHOOK: &str = "/api/v1/payment/webhook";

/// Магазин и его ЮKassa.
pub async fn shop() -> (TestApp, FakeYooKassa) {
    shop_with("").await
}

pub async fn shop_with(toml: &str) -> (TestApp, FakeYooKassa) {
    let fake = FakeYooKassa::start().await;
    let app = with(&format!("{}{toml}", fake.settings())).await;
    (app, fake)
}

/// Стол и доставка на 1 000 ₽.
pub fn receipt() -> Receipt {
    let table = ReceiptLine {
        item: None,
        vat_rate: Some(22),
        ..ReceiptLine::new("Стол «Дуб»", 2, Money::rub(800), PaymentSubject::Goods)
    };
    let delivery = ReceiptLine::new("Доставка", 1, Money::rub(200), PaymentSubject::Service);
    Receipt { email: Some("anna@example.ru".into()), phone: Some("+79000000000".into()), lines: vec![table, delivery] }
}

/// То же, но стол отдадут потом.
pub fn prepaid() -> Receipt {
    let mut receipt = receipt();
    receipt.lines[0].mode = PaymentMode::FullPrepayment;
    receipt
}

pub fn terms(app: &TestApp, receipt: Receipt) -> NewPayment {
    let number = app.ctx.random().below(1_000_000_000);
    let terms = factories::payment(&app.ctx).subject(Subject::new("orders.order", number)).receipt(receipt).terms();
    NewPayment { subject_number: Some(format!("MS-{number}")), ..terms }
}

/// Заведённый у неё платёж на 1 000 ₽ и его имя там.
pub async fn started(app: &TestApp) -> (payment::Model, String) {
    started_with(app, receipt()).await
}

pub async fn started_with(app: &TestApp, receipt: Receipt) -> (payment::Model, String) {
    let payment = create(app, terms(app, receipt)).await.expect("create");
    app.run_jobs().await;
    let payment = load(app, payment.id).await;
    let id = payment.provider_payment_id.clone().expect("registered");
    (payment, id)
}

/// Оплаченный и известный нам.
pub async fn paid(app: &TestApp, fake: &FakeYooKassa) -> (payment::Model, String) {
    paid_with(app, fake, receipt()).await
}

pub async fn paid_with(app: &TestApp, fake: &FakeYooKassa, receipt: Receipt) -> (payment::Model, String) {
    let (payment, id) = started_with(app, receipt).await;
    assert!(fake.pay(&id));
    notify(app, &fake.notification(&id)).await.expect(200);
    app.run_jobs().await;
    (load(app, payment.id).await, id)
}

/// Уведомление из её сети.
pub async fn notify(app: &TestApp, body: &Value) -> Answer {
    app.anon().from_ip([185, 71, 76, 5]).post(WEBHOOK, body.clone()).await
}

pub async fn refund(
    app: &TestApp,
    id: i64,
    kopecks: i64,
    key: &str,
) -> kernel::Result<payments::models::refund::Model> {
    let key = key.to_owned();
    let give = async move |work: &mut Work| {
        services::refund(
            work,
            id,
            &NewRefund {
                reason: "скол на столешнице".into(), ..new_refund(Money::minor(kopecks), &key)
            },
        )
        .await
    };
    app.ctx.atomic(&ACTOR, give).await
}
