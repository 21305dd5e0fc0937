//! Заказы покупателя и администратора.

use serde_json::{Value, json};

use super::{add, add_preorder, admin, buyer, close, has, in_russian, list, order_of, pay, place, shop};

const ORDERS: &str = "/api/v1/orders/";
const ORDER: &[&str] = &[
    "id",
    "order_number",
    "total_amount",
    "discount_amount",
    "final_amount",
    "status",
    "payment_status",
    "tracking_number",
    "delivery_address",
    "cdek_point",
    "payment_url",
    "receipt_url",
    "created_at",
    "updated_at",
    "paid_at",
    "shipped_at",
    "items",
];
const ITEM: &[&str] = &["id", "product_id", "size", "quantity", "price", "is_preorder", "preorder_wave", "created_at"];

/// Одним вызовом: заказ, остатки и ссылка на оплату.
#[tokio::test]
async fn post_orders() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    let hoodie = add(&boss, "O-1", json!({})).await;
    let body = json!({
        "items": [{"product_id": hoodie["id"], "size": "Oki", "quantity": 2}, {"product_id": hoodie["id"], "size": "Big"}],
        "delivery_address": "Москва, Тверская 1", "cdek_point": "MSK5", "promo_code": null, "from_somewhere": 1,
    });
    let order = anna.post(ORDERS, body).await.expect(201).json();
    has(&order, ORDER);
    for (field, value) in [
        ("total_amount", json!(13500)),
        ("discount_amount", json!(0)),
        ("final_amount", json!(13500)),
        ("status", json!("pending")),
        ("payment_status", json!("pending")),
        ("delivery_address", json!("Москва, Тверская 1")),
        ("cdek_point", json!("MSK5")),
        ("paid_at", Value::Null),
    ] {
        assert_eq!(order[field], value, "{field}");
    }
    let number = order["order_number"].as_str().expect("number");
    let (head, tail) = number.split_at("DWC-20260302-".len());
    assert_eq!(head, "DWC-20260302-");
    assert!(tail.len() == 8 && tail.chars().all(|c| c.is_ascii_digit() || ('A'..='F').contains(&c)), "{number}");
    assert!(order["payment_url"].as_str().is_some_and(|url| url.starts_with("http")), "{order}");
    has(&order["items"][1], ITEM);
    assert_eq!((&order["items"][1]["size"], &order["items"][1]["quantity"]), (&json!("Big"), &json!(1)));
    assert_eq!((&order["items"][0]["price"], &order["items"][0]["is_preorder"]), (&json!(4500), &json!(false)));
    assert_eq!(boss.get(&format!("/api/v1/products/{}", hoodie["id"])).await.json()["stock_count"], 7);
    close(app).await;
}

#[tokio::test]
async fn post_orders_refuses_what_cannot_be_sold() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    let hoodie = add(&boss, "O-1", json!({"stock_count": 2})).await;
    let hidden = add(&boss, "O-2", json!({})).await;
    boss.put(&format!("/api/v1/products/{}", hidden["id"]), json!({"is_active": false})).await.expect(200);
    let full = add_preorder(&boss, "O-3", 1, 1).await;
    place(&anna, &full, 1).await;
    let post = async |body: Value| anna.post(ORDERS, body).await;
    let short = post(order_of(&hoodie, 3)).await.refused(400, "catalog.out_of_stock");
    assert!(short["detail"].as_str().is_some_and(|words| words.contains("Недостаточно")), "{short}");
    in_russian(&post(order_of(&hidden, 1)).await.refused(400, "orders.not_on_sale"));
    in_russian(&post(order_of(&full, 1)).await.refused(400, "orders.waiting"));
    in_russian(&post(order_of(&json!({"id": 999_999}), 1)).await.refused(404, "catalog.product_not_found"));
    // Размер сверяется с размерами товара: прежний магазин этого не делал.
    let sized = json!({"items": [{"product_id": hoodie["id"], "size": "XXL"}]});
    in_russian(&post(sized).await.expect(400).json());
    let empty = post(json!({"items": []})).await.invalid("items");
    assert_eq!(empty["errors"][0]["message"], "Список пуст: нужна хотя бы одна строка.");
    for quantity in [json!(0), json!(-1), json!(1.5), json!("две")] {
        let body = json!({"items": [{"product_id": hoodie["id"], "size": "Oki", "quantity": quantity}]});
        post(body).await.invalid("items[0].quantity");
    }
    assert_eq!(anna.get(ORDERS).await.expect(200).json()["total"], 1);
    close(app).await;
}

/// Строки из корзины, и корзина пуста.
#[tokio::test]
async fn post_orders_from_cart() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    let hoodie = add(&boss, "O-1", json!({})).await;
    let line = json!({"product_id": hoodie["id"], "size": "Oki", "quantity": 2});
    anna.post("/api/v1/cart/items", line).await.expect(201);
    let body = json!({"from_cart": true, "postal_code": "101000", "delivery_address": "Москва"});
    let order = anna.post(ORDERS, body).await.expect(201).json();
    assert_eq!((&order["items"][0]["quantity"], &order["postal_code"]), (&json!(2), &json!("101000")));
    assert_eq!(anna.get("/api/v1/cart/").await.expect(200).json()["total_items"], 0);
    close(app).await;
}

#[tokio::test]
async fn get_orders() {
    let app = shop().await;
    let (anna, boris) = (buyer(&app).await, buyer(&app).await);
    let hoodie = add(&admin(&app).await, "O-1", json!({})).await;
    let first = place(&anna, &hoodie, 1).await;
    let second = place(&anna, &hoodie, 1).await;
    place(&boris, &hoodie, 1).await;
    let answer = anna.get(ORDERS).await.expect(200).json();
    let ids: Vec<_> = list(&answer, "orders").iter().map(|order| order["id"].clone()).collect();
    assert_eq!(ids, [second["id"].clone(), first["id"].clone()], "own, newest first");
    has(&answer["orders"][0], ORDER);
    has(&answer["orders"][0]["items"][0], ITEM);
    let page = anna.get("/api/v1/orders/?skip=1&limit=1").await.expect(200).json();
    assert_eq!((&page["orders"][0]["id"], &page["page"]), (&first["id"], &json!(2)));
    close(app).await;
}

/// Чужой заказ — 404: о нём не узнать и того, что он есть.
#[tokio::test]
async fn get_orders_order_id() {
    let app = shop().await;
    let (anna, boss) = (buyer(&app).await, admin(&app).await);
    let hoodie = add(&boss, "O-1", json!({})).await;
    let order = place(&anna, &hoodie, 1).await;
    let path = format!("{ORDERS}{}", order["id"]);
    has(&anna.get(&path).await.expect(200).json(), ORDER);
    assert_eq!(boss.get(&path).await.expect(200).json()["order_number"], order["order_number"]);
    buyer(&app).await.get(&path).await.refused(404, "orders.not_found");
    close(app).await;
}

#[tokio::test]
async fn put_and_patch_orders_order_id() {
    let app = shop().await;
    let (anna, boss) = (buyer(&app).await, admin(&app).await);
    let hoodie = add(&boss, "O-1", json!({})).await;
    let order = place(&anna, &hoodie, 1).await;
    pay(&app, &order).await;
    let path = format!("{ORDERS}{}", order["id"]);
    let put = boss.put(&path, json!({"status": "processing", "delivery_address": "Тверь"})).await.expect(200).json();
    assert_eq!((&put["status"], &put["delivery_address"]), (&json!("processing"), &json!("Тверь")));
    let sent = boss.patch(&path, json!({"status": "shipped", "tracking_number": "RU1"})).await.expect(200).json();
    assert_eq!((&sent["tracking_number"], &sent["shipped_at"]), (&json!("RU1"), &json!("2026-03-02T09:00:00Z")));
    assert_eq!(anna.get(&path).await.expect(200).json()["tracking_number"], "RU1");
    boss.put(&path, json!({"status": "lost"})).await.invalid("status");
    in_russian(&boss.put(&path, json!({"status": "pending"})).await.refused(400, "orders.illegal_transition"));
    boss.put("/api/v1/orders/999999", json!({"status": "paid"})).await.refused(404, "orders.not_found");
    close(app).await;
}

#[tokio::test]
async fn get_orders_admin_all() {
    let app = shop().await;
    let (anna, boss) = (buyer(&app).await, admin(&app).await);
    let hoodie = add(&boss, "O-1", json!({})).await;
    let (first, second) = (place(&anna, &hoodie, 1).await, place(&buyer(&app).await, &hoodie, 1).await);
    pay(&app, &second).await;
    let all = boss.get("/api/v1/orders/admin/all").await.expect(200).json();
    assert_eq!((list(&all, "orders").len(), &all["total"]), (2, &json!(2)));
    has(&all["orders"][0], ORDER);
    for (status, order) in [("paid", &second), ("pending", &first)] {
        let found = boss.get(&format!("/api/v1/orders/admin/all?status={status}")).await.expect(200).json();
        assert_eq!((&found["total"], &found["orders"][0]["id"]), (&json!(1), &order["id"]), "{status}");
    }
    boss.get("/api/v1/orders/admin/all?status=lost").await.invalid("status");
    close(app).await;
}
