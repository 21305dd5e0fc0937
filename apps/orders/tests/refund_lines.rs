//! Деньги за строки: сумма со скидкой, задаток и остаток, отказы.

use catalog::factories::product;
use preorders::factories::{add_wave, preorder, wave_in};
use preorders::schemas::WaveIn;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::shop::{self, ORDERS, bought, customer, id_of, manager, pay, read};

fn refund_of(order: &Value) -> String {
    format!("{ORDERS}{}/refund", id_of(order))
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
    // Больше, чем осталось, не вернуть и строками.
    staff.post(&refund_of(&order), wanted).await.expect(400);
    anna.client.post(&refund_of(&order), json!({"reason": why})).await.expect(403);
    staff.post(&refund_of(&order), json!({"reason": why})).await.expect(200);
    app.run_jobs().await;
    assert_eq!(read(&anna.client, &order).await["refunded_amount"], 3333);
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
