//! Пакет: итог у каждой строки.

use serde_json::json;

use crate::support::{add, listed, shop, staff};

#[tokio::test]
async fn each_row_has_its_own_result() {
    let app = shop().await;
    add(&app, "OLD-1", json!({"price": 5})).await;
    let rows = json!([
        {"name": "Новый", "article": "NEW-1", "price": 10, "stock_count": 2},
        {"article": "old-1", "price": 7},
        {"name": "Без цены", "article": "BAD-1"},
        {"name": "Двойник", "article": "new-1", "price": 11},
        {"name": "Ноль", "article": "BAD-2", "price": 0},
        {"id": 999_999, "price": 1},
        "не объект",
    ]);
    let out = staff(&app).post("/api/v1/products/bulk", json!({"products": rows})).await.expect(200).json();
    assert_eq!((&out["created"], &out["updated"], &out["refused"]), (&json!(1), &json!(1), &json!(5)));
    let results = out["results"].as_array().expect("results");
    let statuses: Vec<&str> = results.iter().map(|row| row["status"].as_str().expect("status")).collect();
    assert_eq!(statuses, ["created", "updated", "refused", "refused", "refused", "refused", "refused"]);
    assert_eq!(results[2]["error"]["errors"][0]["field"], "price");
    assert_eq!(results[3]["error"]["code"], "catalog.article_taken");
    assert_eq!(results[5]["error"]["code"], "catalog.product_not_found");
    assert_eq!(listed(&app, "sort=price").await, ["OLD-1", "NEW-1"]);
    assert_eq!(listed(&app, "price_min=7&price_max=7").await, ["OLD-1"]);
    app.close().await;
}

#[tokio::test]
async fn a_second_run_creates_nothing() {
    let app = shop().await;
    let rows: Vec<_> = (0..50).map(|n| json!({"name": "Т", "article": format!("B-{n}"), "price": 10})).collect();
    let body = json!({"products": rows});
    let first = staff(&app).post("/api/v1/products/bulk", body.clone()).await.expect(200).json();
    let second = staff(&app).post("/api/v1/products/bulk", body).await.expect(200).json();
    assert_eq!((&first["created"], &second["created"], &second["updated"]), (&json!(50), &json!(0), &json!(50)));
    staff(&app).post("/api/v1/products/bulk", json!({"products": []})).await.invalid("products");
    app.close().await;
}
