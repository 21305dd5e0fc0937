//! Оплата: создать, узнать, отменить, уведомление.

use serde_json::json;

use super::{add, admin, buyer, close, has, in_russian, pay, place, shop, shop_with};

#[tokio::test]
async fn post_payment_create() {
    let app = shop().await;
    let (anna, boris) = (buyer(&app).await, buyer(&app).await);
    let hoodie = add(&admin(&app).await, "P-1", json!({})).await;
    let order = place(&anna, &hoodie, 1).await;
    let path = format!("/api/v1/payment/create/{}", order["id"]);
    let started = anna.post(&path, json!({})).await.expect(200).json();
    has(&started, &["payment_id", "confirmation_url", "order_number", "status"]);
    assert_eq!(
        (&started["order_number"], &started["confirmation_url"]),
        (&order["order_number"], &order["payment_url"])
    );
    // Второй вызов старой витрины второго платежа не заводит.
    let again = anna.post(&path, json!({})).await.expect(200).json();
    assert_eq!(again["payment_id"], started["payment_id"]);
    boris.post(&path, json!({})).await.refused(404, "orders.not_found");
    anna.post("/api/v1/payment/create/999999", json!({})).await.refused(404, "orders.not_found");
    pay(&app, &order).await;
    in_russian(&anna.post(&path, json!({})).await.refused(400, "orders.already_paid"));
    close(app).await;
}

#[tokio::test]
async fn get_payment_status() {
    let app = shop().await;
    let (anna, boris) = (buyer(&app).await, buyer(&app).await);
    let hoodie = add(&admin(&app).await, "P-1", json!({})).await;
    let order = place(&anna, &hoodie, 1).await;
    let started = anna.post(&format!("/api/v1/payment/create/{}", order["id"]), json!({})).await.expect(200).json();
    let path = format!("/api/v1/payment/status/{}", started["payment_id"].as_str().expect("id"));
    let open = anna.get(&path).await.expect(200).json();
    has(&open, &["id", "status", "paid", "amount", "created_at", "captured_at", "metadata"]);
    assert_eq!((&open["paid"], &open["amount"]), (&json!(false), &json!(4500)));
    assert_eq!(open["metadata"]["order_id"], order["id"].to_string());
    assert_eq!(open["metadata"]["order_number"], order["order_number"]);
    boris.get(&path).await.refused(404, "payments.not_found");
    anna.get("/api/v1/payment/status/nonsense").await.refused(404, "payments.not_found");
    pay(&app, &order).await;
    let paid = anna.get(&path).await.expect(200).json();
    assert_eq!((&paid["paid"], &paid["status"]), (&json!(true), &json!("succeeded")));
    let order = anna.get(&format!("/api/v1/orders/{}", order["id"])).await.expect(200).json();
    assert_eq!((&order["status"], &order["payment_status"]), (&json!("paid"), &json!("succeeded")));
    assert!(order["paid_at"].is_string());
    close(app).await;
}

/// Прежний магазин при отмене остатков не возвращал.
#[tokio::test]
async fn post_payment_cancel() {
    let app = shop().await;
    let (boss, anna, boris) = (admin(&app).await, buyer(&app).await, buyer(&app).await);
    let hoodie = add(&boss, "P-1", json!({})).await;
    let order = place(&anna, &hoodie, 3).await;
    let started = anna.post(&format!("/api/v1/payment/create/{}", order["id"]), json!({})).await.expect(200).json();
    let path = format!("/api/v1/payment/cancel/{}", started["payment_id"].as_str().expect("id"));
    boris.post(&path, json!({})).await.refused(404, "payments.not_found");
    assert_eq!(anna.post(&path, json!({})).await.expect(200).json(), json!({"status": "cancelled"}));
    while app.run_jobs().await > 0 {}
    let cancelled = anna.get(&format!("/api/v1/orders/{}", order["id"])).await.expect(200).json();
    assert_eq!((&cancelled["status"], &cancelled["payment_status"]), (&json!("cancelled"), &json!("cancelled")));
    assert_eq!(boss.get(&format!("/api/v1/products/{}", hoodie["id"])).await.json()["stock_count"], 10);
    let paid = place(&anna, &hoodie, 1).await;
    let started = anna.post(&format!("/api/v1/payment/create/{}", paid["id"]), json!({})).await.expect(200).json();
    pay(&app, &paid).await;
    let path = format!("/api/v1/payment/cancel/{}", started["payment_id"].as_str().expect("id"));
    in_russian(&anna.post(&path, json!({})).await.expect(400).json());
    close(app).await;
}

/// Набор ждёт уведомлений ЮKassa: чужое и нечитаемое ничего не меняет, ответ — 200.
#[tokio::test]
async fn post_payment_webhook() {
    let app = shop_with("").await;
    let post = async |body| app.anon().post("/api/v1/payment/webhook", body).await.expect(200).json();
    let unknown = json!({
        "type": "notification", "event": "payment.succeeded",
        "object": {"id": "2d1b3c5a-000f-5000-8000-1a2b3c4d5e6f", "status": "succeeded", "paid": true},
    });
    assert_eq!(post(unknown).await, json!({"status": "ok"}));
    let unreadable = post(json!({"nonsense": true})).await;
    assert_eq!(unreadable["status"], "error");
    assert!(unreadable["message"].is_string());
    close(app).await;
}

#[tokio::test]
async fn get_payment_callback() {
    let app = shop().await;
    let answer = app.anon().get("/api/v1/payment/callback?orderId=1").await.expect(200).json();
    assert_eq!(answer, json!({"status": "success"}));
    close(app).await;
}

/// Ключей ещё нет: заказ принят и ждёт, а о том, что платить нельзя, сказано сразу; появятся — заплатят.
#[tokio::test]
async fn without_keys_orders_are_taken_and_payment_waits() {
    let app = shop_with("").await;
    let anna = buyer(&app).await;
    let hoodie = add(&admin(&app).await, "P-1", json!({})).await;
    let order = place(&anna, &hoodie, 1).await;
    assert_eq!(order["payment_provider"], "yookassa");
    let path = format!("/api/v1/payment/create/{}", order["id"]);
    in_russian(&anna.post(&path, json!({})).await.refused(503, "payments.provider_misconfigured"));
    close(app).await;
}
