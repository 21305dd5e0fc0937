//! Корзина.

use serde_json::{Value, json};

use super::{add, add_preorder, admin, buyer, close, has, in_russian, shop};

const ITEMS: &str = "/api/v1/cart/items";
const CART: &[&str] = &["id", "user_id", "created_at", "updated_at", "items", "total_items", "total_amount"];
const ITEM: &[&str] =
    &["id", "product_id", "size", "quantity", "created_at", "product_name", "product_price", "product_article"];

#[tokio::test]
async fn get_and_delete_cart() {
    let app = shop().await;
    let anna = buyer(&app).await;
    let empty = anna.get("/api/v1/cart/").await.expect(200).json();
    has(&empty, CART);
    assert!(empty["id"].is_number(), "an empty cart is made: {empty}");
    assert_eq!((&empty["items"], &empty["total_items"], &empty["total_amount"]), (&json!([]), &json!(0), &json!(0)));
    let hoodie = add(&admin(&app).await, "B-1", json!({})).await;
    anna.post(ITEMS, json!({"product_id": hoodie["id"], "size": "Oki", "quantity": 2})).await.expect(201);
    let cart = anna.get("/api/v1/cart/").await.expect(200).json();
    has(&cart["items"][0], ITEM);
    assert_eq!((&cart["total_items"], &cart["total_amount"]), (&json!(2), &json!(9000)));
    anna.delete("/api/v1/cart/").await.expect(204);
    assert_eq!(anna.get("/api/v1/cart/").await.expect(200).json()["items"], json!([]));
    close(app).await;
}

#[tokio::test]
async fn post_cart_items() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    let hoodie = add(&boss, "B-1", json!({"stock_count": 3})).await;
    let hidden = add(&boss, "B-2", json!({})).await;
    boss.put(&format!("/api/v1/products/{}", hidden["id"]), json!({"is_active": false})).await.expect(200);
    let waves = add_preorder(&boss, "B-3", 1, 100).await;
    let post = async |product: &Value, size: &str, quantity: i64| {
        anna.post(ITEMS, json!({"product_id": product["id"], "size": size, "quantity": quantity})).await
    };
    let item = post(&hoodie, "Oki", 1).await.expect(201).json();
    has(&item, ITEM);
    let more = post(&hoodie, "Oki", 1).await.expect(201).json();
    assert_eq!((&more["id"], &more["quantity"]), (&item["id"], &json!(2)), "the same size adds up");
    let short = post(&hoodie, "Oki", 2).await.expect(400).json();
    assert!(short["detail"].as_str().is_some_and(|words| words.contains("Недостаточно")), "{short}");
    in_russian(&post(&hoodie, "XXL", 1).await.expect(400).json());
    in_russian(&post(&hidden, "Oki", 1).await.expect(400).json());
    in_russian(&post(&json!({"id": 999_999}), "Oki", 1).await.refused(404, "catalog.product_not_found"));
    post(&hoodie, "Big", 0).await.invalid("quantity");
    post(&waves, "Oki", 50).await.expect(201);
    close(app).await;
}

#[tokio::test]
async fn put_and_delete_cart_items_item_id() {
    let app = shop().await;
    let (anna, boris) = (buyer(&app).await, buyer(&app).await);
    let hoodie = add(&admin(&app).await, "B-1", json!({})).await;
    let item = anna.post(ITEMS, json!({"product_id": hoodie["id"], "size": "Oki", "quantity": 1})).await.expect(201);
    let path = format!("{ITEMS}/{}", item.json()["id"]);
    let changed = anna.put(&path, json!({"quantity": 4})).await.expect(200).json();
    assert_eq!(changed["quantity"], 4);
    anna.put(&path, json!({"quantity": 0})).await.invalid("quantity");
    // Чужая строка — 404: о ней не узнать и того, что она есть.
    boris.put(&path, json!({"quantity": 1})).await.expect(404);
    boris.delete(&path).await.expect(404);
    anna.delete(&path).await.expect(204);
    anna.delete(&path).await.expect(404);
    close(app).await;
}
