//! Деньги за строки: сумма со скидкой, задаток и остаток, отказы.

use catalog::factories::product;
use kernel::Money;
use orders::calculations::next_share;
use payments::emulator::emulator_payment;
use preorders::factories::{add_wave, preorder, wave_in, waves};
use preorders::schemas::WaveIn;
use proptest::prelude::*;
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};
use testkit::TestApp;

use crate::fake::FakeYooKassa;
use crate::shop::{self, ORDERS, bought, customer, id_of, manager, move_to, pay, press_pay, read, stock};

fn refund_of(order: &Value) -> String {
    format!("{ORDERS}{}/refund", id_of(order))
}

/// Возвращено и снова у магазина, штук — по строкам.
fn pieces(order: &Value) -> Vec<(i64, i64)> {
    let number = |item: &Value, name: &str| item[name].as_i64().expect("number");
    let items = order["items"].as_array().expect("items").iter();
    items.map(|item| (number(item, "refunded_quantity"), number(item, "restocked_quantity"))).collect()
}

fn line(order: &Value, place: usize, quantity: i64) -> Value {
    json!({"id": order["items"][place]["id"], "quantity": quantity})
}

/// Сколько возвращено у платёжной системы, рублей: будто это сделали в её кабинете.
async fn returned_there(app: &TestApp, roubles: i64) {
    emulator_payment::Entity::update_many()
        .col_expr(emulator_payment::Column::Refunded, Expr::value(Money::rub(roubles)))
        .exec(&app.ctx.db_handle().write)
        .await
        .expect("cabinet");
}

#[tokio::test]
async fn lines_are_paid_back_by_their_quantity() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let chair = product(&app.ctx).price(1000).stock(5).create().await;
    let table = product(&app.ctx).price(333).stock(5).create().await;
    let order = bought(&anna.client, &[(&chair, 3), (&table, 1)]).await;
    let (chairs, tables) = (&order["items"][0]["id"], &order["items"][1]["id"]);
    let why = "царапина";
    staff
        .post(&refund_of(&order), json!({"items": [{"id": chairs, "quantity": 1}], "reason": why}))
        .await
        .refused(400, "orders.nothing_to_refund");
    pay(&app, &order).await;
    for (items, field) in [
        (json!([{"id": chairs, "quantity": 4}]), "items"),
        (json!([{"id": 777, "quantity": 1}]), "items"),
        (json!([{"id": chairs, "quantity": 1}, {"id": chairs, "quantity": 1}]), "items"),
        (json!([{"id": chairs, "quantity": 0}]), "items[0].quantity"),
    ] {
        staff.post(&refund_of(&order), json!({"items": items, "reason": why})).await.invalid(field);
    }
    let both = json!({"items": [{"id": chairs, "quantity": 1}], "amount": 5, "reason": why});
    staff.post(&refund_of(&order), both).await.invalid("amount");
    let wanted = json!({"items": [{"id": chairs, "quantity": 2}, {"id": tables, "quantity": 1}], "reason": why});
    staff.post(&refund_of(&order), wanted.clone()).await.expect(200);
    app.run_jobs().await;
    assert_eq!(read(&anna.client, &order).await["refunded_amount"], 2333);
    // Одну строку не вернуть дважды за счёт другой: денег заказа хватило бы, штук — нет.
    let refused = staff.post(&refund_of(&order), wanted).await.refused(400, "orders.line_refunded");
    assert!(refused["detail"].as_str().expect("words").contains("осталось 1"), "{refused}");
    assert_eq!(pieces(&read(&anna.client, &order).await), [(2, 0), (1, 0)]);
    anna.client.post(&refund_of(&order), json!({"reason": why})).await.expect(403);
    staff.post(&refund_of(&order), json!({"reason": why})).await.expect(200);
    app.run_jobs().await;
    let whole = read(&anna.client, &order).await;
    assert_eq!((&whole["refunded_amount"], pieces(&whole)), (&json!(3333), vec![(3, 0), (1, 0)]));
    shop::close(app).await;
}

#[tokio::test]
async fn a_line_with_a_deposit_is_paid_back_from_both_payments() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let hoodie = preorder(&app.ctx, 0, 0).await;
    add_wave(&app.ctx, WaveIn { deposit_percent: Some(30), ..wave_in(hoodie.product.id, 5) }).await;
    let order = bought(&anna.client, &[(&hoodie, 2)]).await;
    pay(&app, &order).await;
    let one = json!({"items": [{"id": order["items"][0]["id"], "quantity": 1}], "reason": "мала"});
    staff.post(&format!("{ORDERS}{}/balance", id_of(&order)), Value::Null).await.expect(200);
    staff.post(&refund_of(&order), one).await.expect(200);
    app.run_jobs().await;
    let after = read(&anna.client, &order).await;
    assert_eq!((&after["paid_amount"], &after["refunded_amount"]), (&json!(2000), &json!(1000)));
    let rows = payments::models::Payment::find().all(app.ctx.db_fresh()).await.expect("payments");
    let refunded: Vec<i64> = rows.iter().map(|row| row.refunded.to_minor()).filter(|sum| *sum > 0).collect();
    assert_eq!(refunded, [300_00, 700_00], "each payment gives back its own part");
    shop::close(app).await;
}

/// Строку чужого заказа не назвать: ни своего покупателя, ни другого.
#[tokio::test]
async fn a_line_of_another_order_is_unknown() {
    let app = shop::open().await;
    let (anna, boris, staff) = (customer(&app).await, customer(&app).await, manager(&app).await);
    let chair = product(&app.ctx).price(100).stock(5).create().await;
    let order = bought(&anna.client, &[(&chair, 1)]).await;
    pay(&app, &order).await;
    for other in [bought(&anna.client, &[(&chair, 1)]).await, bought(&boris.client, &[(&chair, 1)]).await] {
        pay(&app, &other).await;
        let foreign = json!({"items": [line(&other, 0, 1)], "reason": "ошибка"});
        staff.post(&refund_of(&order), foreign).await.invalid("items");
        assert_eq!(pieces(&read(&anna.client, &order).await), [(0, 0)]);
    }
    shop::close(app).await;
}

/// Пока остаток не получен, за строку с ним ещё спросят: её штуками не возвращают.
#[tokio::test]
async fn a_line_waiting_for_its_balance_is_not_refunded_by_pieces() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let hoodie = preorder(&app.ctx, 0, 0).await;
    add_wave(&app.ctx, WaveIn { deposit_percent: Some(30), ..wave_in(hoodie.product.id, 5) }).await;
    let order = bought(&anna.client, &[(&hoodie, 2)]).await;
    pay(&app, &order).await;
    let one = json!({"items": [line(&order, 0, 1)], "reason": "мала"});
    staff.post(&refund_of(&order), one).await.refused(400, "orders.line_balance_unpaid");
    // Суммой — можно: штук это не занимает.
    staff.post(&refund_of(&order), json!({"amount": 100, "reason": "скидка"})).await.expect(200);
    app.run_jobs().await;
    let after = read(&anna.client, &order).await;
    assert_eq!((&after["refunded_amount"], pieces(&after)), (&json!(100), vec![(0, 0)]));
    shop::close(app).await;
}

/// Двое возвращают разом, строки названы в разном порядке: штук — ровно столько, сколько было, и никто никого не ждёт вечно.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_refunds_of_a_line_never_exceed_its_pieces() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let chair = product(&app.ctx).price(100).stock(5).create().await;
    let table = product(&app.ctx).price(5000).stock(5).create().await;
    let order = bought(&anna.client, &[(&chair, 3), (&table, 1)]).await;
    pay(&app, &order).await;
    let path = refund_of(&order);
    let calls = (0..12).map(|turn| {
        let mut items = vec![line(&order, 0, 1)];
        if turn % 3 == 0 {
            items.insert(0, line(&order, 1, 1));
        }
        staff.post(&path, json!({"items": items, "reason": "царапина"}))
    });
    let answers = futures::future::join_all(calls).await;
    for answer in answers {
        if answer.status != 200 {
            answer.refused(400, "orders.line_refunded");
        }
    }
    app.run_jobs().await;
    let after = read(&anna.client, &order).await;
    let [chairs, tables] = [0, 1].map(|place| pieces(&after)[place].0);
    assert_eq!(chairs, 3);
    assert_eq!(after["refunded_amount"], 300 + 5000 * tables);
    shop::close(app).await;
}

/// Все деньги разом с двух рабочих мест: вернули один раз.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everything_is_refunded_once_however_many_ask() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let chair = product(&app.ctx).price(100).stock(5).create().await;
    let order = bought(&anna.client, &[(&chair, 3)]).await;
    pay(&app, &order).await;
    let path = refund_of(&order);
    let by_lines = json!({"items": [line(&order, 0, 2)], "reason": "брак"});
    let calls = (0..10).map(|turn| {
        let body = if turn % 2 == 0 { json!({"reason": "передумал"}) } else { by_lines.clone() };
        staff.post(&path, body)
    });
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().any(|answer| answer.status == 200));
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 400 | 409)), "{answers:?}");
    app.run_jobs().await;
    let after = read(&anna.client, &order).await;
    let refunded = after["refunded_amount"].as_i64().expect("money");
    assert!(refunded == 300 || (refunded == 200 && after["status"] == "paid"), "{after}");
    let there = emulator_payment::Entity::find().all(app.ctx.db_fresh()).await.expect("gateway");
    assert_eq!(there[0].refunded, Money::rub(refunded));
    shop::close(app).await;
}

/// Возвращают, пока уведомление об этой оплате ещё идёт: либо возвращать нечего, либо вернули всё, что пришло.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refund_meets_the_payment_it_refunds() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let chair = product(&app.ctx).price(100).stock(50).create().await;
    for _ in 0..6 {
        let order = bought(&anna.client, &[(&chair, 2)]).await;
        app.run_jobs().await;
        press_pay(&app, &order, &["twice"]).await.expect(200);
        let path = refund_of(&order);
        let refund = staff.post(&path, json!({"reason": "передумал"}));
        let (jobs, refund) = tokio::join!(kernel::jobs::run_due(&app.ctx), refund);
        jobs.expect("jobs");
        app.run_jobs().await;
        let now = read(&anna.client, &order).await;
        let seen = (&now["status"], &now["refunded_amount"], pieces(&now)[0].0);
        match refund.status {
            200 => assert_eq!(seen, (&json!("cancelled"), &json!(200), 2)),
            _ => {
                refund.refused(400, "orders.nothing_to_refund");
                assert_eq!(seen, (&json!("paid"), &json!(0), 0));
            }
        }
    }
    shop::close(app).await;
}

/// Провайдер отказал: штуки снова можно вернуть, и вышло — возвращены.
#[tokio::test]
async fn pieces_come_back_when_the_provider_refuses() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let chair = product(&app.ctx).price(100).stock(5).create().await;
    let order = bought(&anna.client, &[(&chair, 2)]).await;
    pay(&app, &order).await;
    let wanted = json!({"items": [line(&order, 0, 2)], "reason": "брак"});
    returned_there(&app, 200).await;
    staff.post(&refund_of(&order), wanted.clone()).await.expect(200);
    assert_eq!(pieces(&read(&anna.client, &order).await), [(2, 0)]);
    app.run_jobs().await;
    assert_eq!(pieces(&read(&anna.client, &order).await), [(0, 0)]);
    returned_there(&app, 0).await;
    staff.post(&refund_of(&order), wanted).await.expect(200);
    app.run_jobs().await;
    let done = read(&anna.client, &order).await;
    assert_eq!((&done["status"], pieces(&done)), (&json!("cancelled"), vec![(2, 0)]));
    shop::close(app).await;
}

/// Просьба из двух возвратов держит штуки, пока жив хоть один: иначе вышедший возврат сделали бы второй раз.
#[tokio::test]
async fn pieces_of_two_payments_stay_while_one_refund_lives() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let hoodie = preorder(&app.ctx, 0, 0).await;
    add_wave(&app.ctx, WaveIn { deposit_percent: Some(30), ..wave_in(hoodie.product.id, 5) }).await;
    let order = bought(&anna.client, &[(&hoodie, 2)]).await;
    pay(&app, &order).await;
    // Остаток взяли в кассе: касса вернёт, а платёжная система — нет.
    staff.post(&format!("{ORDERS}{}/balance", id_of(&order)), Value::Null).await.expect(200);
    returned_there(&app, 600).await;
    let one = json!({"items": [line(&order, 0, 1)], "reason": "мала"});
    staff.post(&refund_of(&order), one).await.expect(200);
    app.run_jobs().await;
    assert_eq!(pieces(&read(&anna.client, &order).await), [(1, 0)]);
    returned_there(&app, 0).await;
    shop::close(app).await;
}

/// Отмена заказа и отменённая волна возвращают и штуки; вернувшееся раньше второй раз не возвращается.
#[tokio::test]
async fn cancellations_count_the_pieces_too() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, crate::preorders::staff(&app).await);
    let chair = product(&app.ctx).price(500).stock(5).create().await;
    let hoodie = preorder(&app.ctx, 1, 5).await;
    let order = bought(&anna.client, &[(&hoodie, 3), (&chair, 2)]).await;
    pay(&app, &order).await;
    staff.post(&refund_of(&order), json!({"items": [line(&order, 0, 1)], "reason": "мала"})).await.expect(200);
    app.run_jobs().await;
    let wave = waves(&app.ctx, hoodie.product.id).await[0].id;
    crate::cancelled_wave::cancel_wave(&app, &staff, wave).await;
    let now = read(&anna.client, &order).await;
    assert_eq!((&now["refunded_amount"], pieces(&now)), (&json!(3000), vec![(3, 0), (0, 0)]));
    staff.post(&format!("{ORDERS}{}/cancel", id_of(&order)), json!({})).await.expect(200);
    app.run_jobs().await;
    let now = read(&anna.client, &order).await;
    assert_eq!((&now["refunded_amount"], pieces(&now)), (&json!(4000), vec![(3, 0), (2, 0)]));
    shop::close(app).await;
}

/// Вернули в кабинете провайдера: штук никто не называл, но возвращены все.
#[tokio::test]
async fn a_refund_made_in_the_cabinet_counts_every_piece() {
    let fake = FakeYooKassa::start().await;
    let app = shop::with(&fake.settings()).await;
    let anna = customer(&app).await;
    let chair = product(&app.ctx).price(500).stock(5).create().await;
    let order = bought(&anna.client, &[(&chair, 2)]).await;
    anna.client.post(&format!("/api/v1/payment/create/{}", id_of(&order)), json!({})).await.expect(200);
    let id = fake.payments()[0]["id"].as_str().expect("id").to_owned();
    assert!(fake.pay(&id));
    let sender = app.anon().from_ip([185, 71, 76, 5]);
    sender.post("/api/v1/payment/webhook", fake.notification(&id)).await.expect(200);
    app.run_jobs().await;
    fake.refund_in_cabinet(&id, "1000.00");
    sender.post("/api/v1/payment/webhook", fake.notification(&id)).await.expect(200);
    let payment = payments::models::Payment::find().one(app.ctx.db_fresh()).await.expect("read").expect("payment");
    payments::services::sync(&app.ctx, payment.id).await.expect("sync");
    app.run_jobs().await;
    let now = read(&anna.client, &order).await;
    assert_eq!((&now["payment_status"], pieces(&now)), (&json!("refunded"), vec![(2, 0)]));
    shop::close(app).await;
}

/// «Вернуть на склад»: неотгруженное не поедет, отгруженное снова продаётся, и второй раз на склад не ложится.
#[tokio::test]
async fn refunded_pieces_go_back_to_stock_if_asked() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let chair = product(&app.ctx).price(100).stock(10).create().await;
    let order = bought(&anna.client, &[(&chair, 4)]).await;
    pay(&app, &order).await;
    let refund = |quantity: i64, restock: bool| json!({"items": [line(&order, 0, quantity)], "restock": restock, "reason": "брак"});
    let mut whole = refund(1, true);
    whole["items"] = json!([]);
    staff.post(&refund_of(&order), whole).await.refused(400, "orders.nothing_to_restock");
    // Скидка за царапину: штука всё равно поедет.
    staff.post(&refund_of(&order), refund(1, false)).await.expect(200);
    assert_eq!(stock(&app, &chair).await, (10, 4, 6));
    staff.post(&refund_of(&order), refund(1, true)).await.expect(200);
    assert_eq!(stock(&app, &chair).await, (10, 3, 7));
    for status in ["processing", "shipped"] {
        move_to(&staff, id_of(&order), status).await.expect(200);
    }
    assert_eq!(stock(&app, &chair).await, (7, 0, 7));
    staff.post(&refund_of(&order), refund(1, true)).await.expect(200);
    assert_eq!(stock(&app, &chair).await, (8, 0, 8));
    app.run_jobs().await;
    assert_eq!(pieces(&read(&anna.client, &order).await), [(3, 2)]);
    // Вернули весь заказ: на склад ложится только то, чего там ещё нет.
    let body = json!({"status": "returned", "restock": true});
    staff.post(&format!("{ORDERS}{}/status", id_of(&order)), body).await.expect(200);
    assert_eq!(stock(&app, &chair).await, (10, 0, 10));
    staff.post(&refund_of(&order), refund(1, true)).await.refused(400, "orders.nothing_to_restock");
    shop::close(app).await;
}

/// Возврат штук и возврат заказа целиком в один миг: на склад ложится ровно проданное.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goods_are_put_back_once_however_they_return() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let chair = product(&app.ctx).price(100).stock(50).create().await;
    for _ in 0..4 {
        let order = bought(&anna.client, &[(&chair, 3)]).await;
        pay(&app, &order).await;
        for status in ["processing", "shipped"] {
            move_to(&staff, id_of(&order), status).await.expect(200);
        }
        let lines = json!({"items": [line(&order, 0, 2)], "restock": true, "reason": "брак"});
        let whole = json!({"status": "returned", "restock": true});
        let (refund, status) = (refund_of(&order), format!("{ORDERS}{}/status", id_of(&order)));
        let (one, other) = tokio::join!(staff.post(&refund, lines), staff.post(&status, whole));
        assert!(matches!(one.status, 200 | 400), "{one:?}");
        other.expect(200);
        app.run_jobs().await;
    }
    assert_eq!(stock(&app, &chair).await, (50, 0, 50));
    shop::close(app).await;
}

proptest! {
    /// Как ни дели строку на возвраты, вместе они — ровно её сумма, и ни один не меньше нуля.
    #[test]
    fn shares_of_pieces_sum_up_to_the_line(
        sum in 0i64..=Money::MAX.to_minor(),
        steps in proptest::collection::vec(1i64..=500, 1..20),
    ) {
        let all: i64 = steps.iter().sum();
        let (mut done, mut back) = (0, 0);
        for pieces in steps {
            let share = next_share(Money::minor(sum), all, done, pieces).to_minor();
            prop_assert!(share >= 0);
            back += share;
            done += pieces;
        }
        prop_assert_eq!(back, sum);
    }
}
