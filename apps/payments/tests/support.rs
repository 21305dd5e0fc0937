//! Общее для тестов: магазин с эмулятором и вопросы к нему.

use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use kernel::events::event_row;
use kernel::{Actor, Result, Work};
use payments::emulator::{CallFault, Fault, emulator_payment, plan_fault};
use payments::models::{Kind, Status, payment};
use payments::services::NewPayment;
use payments::{emulator, models, queries, services};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use sha2::Sha256;
use testkit::{Answer, TestApp};

pub const ACTOR: Actor = Actor::System("test");
pub const SUCCEEDED: &str = "payments.payment_succeeded";
pub const CANCELLED: &str = "payments.payment_cancelled";
pub const REFUNDED: &str = "payments.payment_refunded";
pub const ATTENTION: &str = "payments.payment_needs_attention";

const EMULATOR: &str = "[payments]\nprovider = \"emulator\"\n[payments.emulator]\nfaults = true\n";

/// Магазин, который платит эмулятором и слушается просьб о неисправностях.
pub async fn shop() -> TestApp {
    with(EMULATOR).await
}

pub async fn with(settings: &str) -> TestApp {
    TestApp::with_settings(vec![notifications::app(), accounts::app(), payments::app()], settings).await
}

/// Платёж, каков он сейчас.
pub async fn load(app: &TestApp, id: i64) -> payment::Model {
    models::Payment::find_by_id(id).one(&app.ctx.db_handle().write).await.expect("read").expect("payment")
}

/// Платёж глазами эмулятора: по нашему ключу от повторов.
pub async fn gateway(app: &TestApp, payment: &payment::Model) -> Vec<emulator_payment::Model> {
    let key = emulator_payment::Column::IdempotenceKey.eq(payment.idempotence_key.as_str());
    emulator_payment::Entity::find().filter(key).all(&app.ctx.db_handle().write).await.expect("read")
}

/// Новости об этом платеже.
pub async fn events(app: &TestApp, name: &str, payment_id: i64) -> Vec<Value> {
    let rows = event_row::Entity::find()
        .filter(event_row::Column::Name.eq(name))
        .filter(event_row::Column::SubjectId.eq(payment_id.to_string()))
        .order_by_asc(event_row::Column::Id)
        .all(&app.ctx.db_handle().write);
    rows.await.expect("events").iter().map(|row| serde_json::from_str(&row.payload).expect("payload")).collect()
}

/// Виды строк истории по порядку.
pub async fn history(app: &TestApp, payment_id: i64) -> Vec<Kind> {
    let rows = queries::history_of(&app.ctx.db_handle().write, payment_id).await.expect("history");
    rows.into_iter().map(|row| row.kind).collect()
}

/// Оплачен ровно один раз: состояние, сумма, одна новость, одна строка истории.
pub async fn assert_paid_once(app: &TestApp, id: i64) {
    let row = load(app, id).await;
    assert_eq!((row.status, row.captured), (Status::Succeeded, row.amount), "{row:?}");
    let news = events(app, SUCCEEDED, id).await;
    assert_eq!(news.len(), 1, "{news:?}");
    assert_eq!(news[0]["subject"]["id"], row.subject_id);
    assert_eq!(history(app, id).await.iter().filter(|kind| **kind == Kind::Captured).count(), 1);
}

pub async fn create(app: &TestApp, new: NewPayment) -> Result<payment::Model> {
    app.ctx.atomic(&ACTOR, async move |work: &mut Work| services::create(work, &new).await).await
}

/// Отменить всё, что открыто у предмета этого платежа.
pub async fn cancel_for(app: &TestApp, payment: &payment::Model) {
    let subject = payment.subject();
    let cancel = async move |work: &mut Work| services::cancel_for(work, &subject).await;
    app.ctx.atomic(&ACTOR, cancel).await.expect("cancel");
}

pub async fn break_calls(app: &TestApp, fault: CallFault, times: i32) {
    app.ctx.atomic(&ACTOR, async move |work: &mut Work| plan_fault(work, fault, times).await).await.expect("fault");
}

/// Покупатель платит; задачи ещё не выполнены.
pub async fn pay(app: &TestApp, payment: &payment::Model, faults: &[Fault]) {
    emulator::pay(&app.ctx, payment.public_id, faults).await.expect("pay in the emulator");
}

/// Проходит столько минут, и каждую минуту выполняются задачи.
pub async fn live(app: &TestApp, minutes: usize) {
    for _ in 0..minutes {
        app.advance(TimeDelta::minutes(1));
        app.run_jobs().await;
    }
}

/// Тело уведомления о платеже.
pub fn notification(gateway_id: &str, status: &str, value: &str) -> Value {
    json!({
        "type": "notification",
        "event": format!("payment.{status}"),
        "object": {"id": gateway_id, "status": status, "amount": {"value": value, "currency": "RUB"}},
    })
}

/// Шлёт тело с верной подписью эмулятора.
pub async fn signed(app: &TestApp, body: &Value) -> Answer {
    let mut mac = Hmac::<Sha256>::new_from_slice(&app.ctx.secret("payments.emulator")).expect("key");
    mac.update(body.to_string().as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    app.anon().header("x-emulator-signature", &signature).post("/api/v1/payment/webhook", body.clone()).await
}

/// Сколько уведомлений принято.
pub async fn inbox(app: &TestApp) -> usize {
    models::Notification::find().all(&app.ctx.db_handle().write).await.expect("inbox").len()
}

/// Портит строку эмулятора, как если бы с платежом что-то сделали в его кабинете.
pub async fn refund_in_cabinet(app: &TestApp, payment: &payment::Model, kopecks: i64) {
    emulator_payment::Entity::update_many()
        .col_expr(emulator_payment::Column::Refunded, Expr::value(kopecks))
        .filter(emulator_payment::Column::IdempotenceKey.eq(payment.idempotence_key.as_str()))
        .exec(&app.ctx.db_handle().write)
        .await
        .expect("cabinet");
}
