use catalog::factories::product;
use serde_json::{Value, json};

use crate::shop::{self, ORDERS, bought, customer, id_of, manager, pay, read};

#[tokio::test]
async fn the_tracking_number_and_the_moments_reach_the_buyer() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let chair = product(&app.ctx).create().await;
    let order = bought(&anna.client, &[(&chair, 1)]).await;
    let path = format!("{ORDERS}{}", id_of(&order));
    pay(&app, &order).await;
    let moved =
        staff.put(&path, json!({"delivery_address": "Тверь, Мира 1", "is_admin": true})).await.expect(200).json();
    assert_eq!((&moved["delivery_address"], &moved["status"]), (&json!("Тверь, Мира 1"), &json!("paid")));
    assert_eq!(moved["next_statuses"], json!(["processing", "cancelled"]));
    assert!(moved.get("access_token").is_none(), "the buyer's key is not for staff");
    shop::move_to(&staff, id_of(&order), "processing").await.expect(200);
    let sent = staff
        .patch(&path, json!({"status": "shipped", "tracking_number": " 123 ", "note": "СДЭК"}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&sent["status"], &sent["shipped_at"], &sent["tracking_number"]),
        (&json!("shipped"), &json!("2026-03-02T09:00:00Z"), &json!("123"))
    );
    staff.patch(&path, json!({"delivery_address": "Луна"})).await.refused(400, "orders.too_late_to_change");
    staff.patch(&path, json!({"cdek_point": "MSK1"})).await.refused(400, "orders.too_late_to_change");
    app.run_jobs().await;
    let letters = notifications::mailbox(&app.ctx);
    let letter = letters.iter().find(|letter| letter.subject.ends_with("в пути")).expect("letter");
    assert!(letter.to == anna.login.email && letter.body.contains("123"), "{letter:?}");
    let seen = read(&anna.client, &order).await;
    assert_eq!(seen["history"].as_array().expect("history").last().expect("row")["note"], "СДЭК");
    shop::close(app).await;
}

#[tokio::test]
async fn unknown_and_illegal_statuses_are_refused() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await.client, manager(&app).await);
    let chair = product(&app.ctx).create().await;
    let order = bought(&anna, &[(&chair, 1)]).await;
    let path = format!("{ORDERS}{}", id_of(&order));
    staff.patch(&path, json!({"status": "lost"})).await.invalid("status");
    staff.post(&format!("{path}/status"), json!({"status": "lost"})).await.invalid("status");
    staff.post(&format!("{path}/status"), json!({})).await.invalid("status");
    for status in ["pending", "processing", "shipped", "delivered", "installed", "returned"] {
        shop::move_to(&staff, id_of(&order), status).await.refused(400, "orders.illegal_transition");
    }
    staff
        .patch(&path, json!({"status": "shipped", "tracking_number": "1"}))
        .await
        .refused(400, "orders.illegal_transition");
    assert_eq!(read(&anna, &order).await["tracking_number"], Value::Null, "a refused patch changes nothing");
    shop::move_to(&staff, 777, "paid").await.refused(404, "orders.not_found");
    staff.patch(&format!("{ORDERS}777"), json!({"tracking_number": "1"})).await.refused(404, "orders.not_found");
    shop::close(app).await;
}

#[tokio::test]
async fn staff_finds_orders() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await, manager(&app).await);
    let chair = product(&app.ctx).stock(10).create().await;
    let first = bought(&anna.client, &[(&chair, 1)]).await;
    let second = bought(&customer(&app).await.client, &[(&chair, 1)]).await;
    pay(&app, &second).await;
    let number = first["order_number"].as_str().expect("number").to_lowercase();
    let phone = anna.login.phone.replace('+', "%2B");
    for (query, ids) in [
        (String::new(), vec![&second, &first]),
        ("?status=paid".into(), vec![&second]),
        ("?status=shipped".into(), vec![]),
        ("?payment_status=pending".into(), vec![&first]),
        (format!("?number={number}"), vec![&first]),
        (format!("?phone={phone}"), vec![&first]),
        ("?skip=1&limit=1".into(), vec![&first]),
    ] {
        let list = staff.get(&format!("/api/v1/orders/admin/all{query}")).await.expect(200).json();
        let found: Vec<_> =
            list["orders"].as_array().expect("orders").iter().map(|order| order["id"].clone()).collect();
        assert_eq!(found, ids.iter().map(|order| order["id"].clone()).collect::<Vec<_>>(), "{query}");
    }
    staff.get("/api/v1/orders/admin/all?status=lost").await.invalid("status");
    staff.get("/api/v1/orders/admin/all?limit=101").await.invalid("limit");
    shop::close(app).await;
}

const STAGES: &str = "[orders]\nstages = [{ code = \"measurement\" }, { code = \"varnish\", title = \"Лакировка\", title_en = \"Varnish\" }]\n";

#[tokio::test]
async fn stages_have_dates_that_the_buyer_sees() {
    let app = shop::with(STAGES).await;
    let (anna, staff) = (customer(&app).await.client, manager(&app).await);
    let chair = product(&app.ctx).create().await;
    let order = bought(&anna, &[(&chair, 1)]).await;
    let empty = json!([
        {"code": "measurement", "title": "Замер", "planned_at": null, "done_at": null},
        {"code": "varnish", "title": "Лакировка", "planned_at": null, "done_at": null},
    ]);
    assert_eq!(order["stages"], empty);
    let path = format!("{ORDERS}{}/stages", id_of(&order));
    staff
        .put(&format!("{path}/varnish"), json!({"planned_at": "2026-04-01T12:00:00+03:00", "note": "матовый лак"}))
        .await
        .expect(200);
    let done = staff
        .put(&format!("{path}/varnish"), json!({"planned_at": "2026-04-01T09:00:00.123456789Z", "done": true}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&done["stages"][1]["planned_at"], &done["stages"][1]["done_at"]),
        (&json!("2026-04-01T09:00:00.123456Z"), &json!("2026-03-02T09:00:00Z"))
    );
    let seen = anna
        .clone()
        .header("accept-language", "en")
        .get(&format!("{ORDERS}{}", id_of(&order)))
        .await
        .expect(200)
        .json();
    assert_eq!((&seen["stages"][1]["title"], &seen["stages"][0]["title"]), (&json!("Varnish"), &json!("Measurement")));
    let rows = seen["history"].as_array().expect("history");
    assert_eq!(
        (&rows[1]["kind"], &rows[1]["stage"], &rows[1]["note"]),
        (&json!("stage"), &json!("varnish"), &json!("матовый лак"))
    );
    assert_eq!(rows[2]["message"], "A stage is done");
    let back = staff.put(&format!("{path}/varnish"), json!({})).await.expect(200).json();
    assert_eq!(back["stages"], empty);

    staff.put(&format!("{path}/unknown"), json!({})).await.refused(404, "orders.unknown_stage");
    staff.put(&format!("{ORDERS}777/stages/varnish"), json!({})).await.refused(404, "orders.not_found");
    staff.put(&format!("{path}/varnish"), json!({"planned_at": "завтра"})).await.invalid("planned_at");
    anna.put(&format!("{path}/varnish"), json!({})).await.refused(403, "auth.forbidden");
    shop::close(app).await;
}
