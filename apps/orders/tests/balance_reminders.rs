//! Остаток просили, а его всё нет: напоминают столько раз и в такие часы, как велит магазин.

use catalog::factories::Made;
use chrono::TimeDelta;
use payments::models::{Payment, payment};
use preorders::factories::{add_wave, preorder, wave_in, waves};
use preorders::schemas::WaveIn;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};
use testkit::TestApp;

use crate::preorders::{letters, move_wave, staff};
use crate::shop::{self, ORDERS, Person, bought, customer, id_of, manager, pay, read, reasons};

const WORDS: &str = "ждёт остатка";

/// Заказ с задатком, у которого только что попросили остаток. Часы магазина стоят на 12:00 понедельника.
async fn asked(app: &TestApp, anna: &Person) -> Value {
    let staff = staff(app).await;
    let hoodie: Made = preorder(&app.ctx, 0, 0).await;
    add_wave(&app.ctx, WaveIn { deposit_percent: Some(30), ..wave_in(hoodie.product.id, 5) }).await;
    let order = bought(&anna.client, &[(&hoodie, 2)]).await;
    pay(app, &order).await;
    let wave = waves(&app.ctx, hoodie.product.id).await[0].id;
    for status in ["production", "tracking"] {
        move_wave(&staff, wave, status).await;
        app.run_jobs().await;
    }
    read(&anna.client, &order).await
}

async fn pass(app: &TestApp, time: TimeDelta) {
    app.advance(time);
    app.run_jobs().await;
}

#[tokio::test]
async fn an_unpaid_balance_is_reminded_of_and_then_left_alone() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let order = asked(&app, &anna).await;
    let told = || letters(&app, &anna.login.email, WORDS);
    pass(&app, TimeDelta::days(2)).await;
    assert_eq!(told(), 0);
    pass(&app, TimeDelta::days(1)).await;
    assert_eq!(told(), 1);
    pass(&app, TimeDelta::hours(2)).await;
    assert_eq!(told(), 1, "once per step");
    let mail = notifications::mailbox(&app.ctx);
    let last = mail.iter().rfind(|letter| letter.subject.contains(WORDS)).expect("a letter");
    let newest = Payment::find().order_by_desc(payment::Column::Id).one(app.ctx.db_fresh()).await.expect("read");
    let link = newest.expect("a payment of the balance").public_id.to_string();
    assert!(
        last.body.contains("1\u{a0}400") && last.body.contains(&link) && last.body.contains("02.03.2026"),
        "{}",
        last.body
    );
    pass(&app, TimeDelta::days(3)).await;
    assert_eq!(told(), 2);
    pass(&app, TimeDelta::days(20)).await;
    assert_eq!(told(), 2);
    // Вход покупателя за эти дни истёк: заказ читает сотрудник.
    let now = read(&manager(&app).await, &order).await;
    assert_eq!(reasons(&now).iter().filter(|code| *code == "balance_reminded").count(), 2);
    shop::close(app).await;
}

/// Заплатили или отменили — напоминать не о чем; не просит магазин — тоже.
#[tokio::test]
async fn a_paid_or_cancelled_order_is_not_reminded() {
    for (settings, deed, expected) in
        [("", "pay", 0), ("", "cancel", 0), ("[orders]\nbalance_reminders = 0\n", "", 0), ("", "", 1)]
    {
        let app = shop::with(settings).await;
        let anna = customer(&app).await;
        let order = asked(&app, &anna).await;
        match deed {
            "pay" => pay(&app, &order).await,
            "cancel" => {
                let path = format!("{ORDERS}{}/cancel", id_of(&order));
                manager(&app).await.post(&path, json!({})).await.expect(200);
                app.run_jobs().await;
            }
            _ => {}
        }
        pass(&app, TimeDelta::days(3)).await;
        assert_eq!(letters(&app, &anna.login.email, WORDS), expected, "{settings} {deed}");
        shop::close(app).await;
    }
}

/// Программа стояла две недели: пропущенное не рассылается разом.
#[tokio::test]
async fn missed_steps_make_one_letter() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    asked(&app, &anna).await;
    pass(&app, TimeDelta::days(14)).await;
    pass(&app, TimeDelta::days(1)).await;
    assert_eq!(letters(&app, &anna.login.email, WORDS), 1);
    shop::close(app).await;
}

/// Ночью покупателя не будят: письмо ждёт утра.
#[tokio::test]
async fn reminders_wait_for_the_morning() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    asked(&app, &anna).await;
    pass(&app, TimeDelta::days(3) - TimeDelta::hours(1)).await;
    // 12:00 → 22:00 третьего дня: срок пришёл днём, но программа стояла до ночи.
    pass(&app, TimeDelta::hours(11)).await;
    assert_eq!(letters(&app, &anna.login.email, WORDS), 0);
    pass(&app, TimeDelta::hours(9)).await;
    assert_eq!(letters(&app, &anna.login.email, WORDS), 0, "07:00 is still night");
    pass(&app, TimeDelta::hours(3)).await;
    assert_eq!(letters(&app, &anna.login.email, WORDS), 1);
    shop::close(app).await;
}

/// Двое исполнителей дошли до одного заказа разом: письмо одно.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_remind_once() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let order = asked(&app, &anna).await;
    app.advance(TimeDelta::days(3));
    let id = id_of(&order);
    let remind = async || {
        let work = async move |work: &mut kernel::Work| orders::services::remind_balance(work, id).await;
        app.ctx.atomic(&kernel::Actor::System("reminders"), work).await
    };
    let done = futures::future::join_all((0..8).map(|_| remind())).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    app.run_jobs().await;
    assert_eq!(letters(&app, &anna.login.email, WORDS), 1);
    shop::close(app).await;
}
