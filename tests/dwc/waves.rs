//! Волны предзаказа: счётчики товара, строки заказа, перевод волн.

use serde_json::{Value, json};
use testkit::TestApp;

use super::{add, add_preorder, admin, buyer, close, has, in_russian, order_of, pay, place, shop};

async fn shown(app: &TestApp, product: &Value) -> (String, i64, i64) {
    let seen = app.anon().get(&format!("/api/v1/products/{}", product["id"])).await.expect(200).json();
    let number = |field: &str| seen[field].as_i64().expect("a number");
    let kind = seen["order_type"].as_str().expect("order_type").to_owned();
    (kind, number("current_wave"), number("current_wave_count"))
}

#[tokio::test]
async fn a_full_wave_opens_the_next_and_the_last_makes_the_product_wait() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    let coat = add_preorder(&boss, "W-1", 2, 3).await;
    assert_eq!(shown(&app, &coat).await, ("preorder".to_owned(), 1, 0));
    let order = place(&anna, &coat, 2).await;
    let item = &order["items"][0];
    assert_eq!((&item["is_preorder"], &item["preorder_wave"]), (&json!(true), &json!(1)));
    assert_eq!(shown(&app, &coat).await, ("preorder".to_owned(), 1, 2));
    // Прежний магазин лишние места забывал; теперь они достаются следующей волне.
    let split = place(&anna, &coat, 2).await;
    let waves: Vec<_> = split["items"].as_array().expect("items").iter().map(|i| i["preorder_wave"].clone()).collect();
    assert_eq!(waves, [json!(1), json!(2)]);
    assert_eq!(shown(&app, &coat).await, ("preorder".to_owned(), 2, 1));
    place(&anna, &coat, 2).await;
    assert_eq!(shown(&app, &coat).await.0, "waiting");
    in_russian(&anna.post("/api/v1/orders/", order_of(&coat, 1)).await.refused(400, "orders.waiting"));
    let list = app.anon().get("/api/v1/products/").await.expect(200).json();
    assert_eq!(list["products"][0]["stock_count"], 0, "waves do not touch the stock");
    close(app).await;
}

#[tokio::test]
async fn more_than_all_waves_hold_is_refused() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    let coat = add_preorder(&boss, "W-1", 2, 3).await;
    in_russian(&anna.post("/api/v1/orders/", order_of(&coat, 7)).await.refused(400, "preorders.no_seats"));
    assert_eq!(shown(&app, &coat).await, ("preorder".to_owned(), 1, 0));
    close(app).await;
}

/// Тело — номера товаров, состояние — в параметре, именами обеих версий.
#[tokio::test]
async fn patch_orders_admin_bulk_production_status() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    let coat = add_preorder(&boss, "W-1", 1, 5).await;
    let hoodie = add(&boss, "W-2", json!({})).await;
    let order = place(&anna, &coat, 1).await;
    pay(&app, &order).await;
    let path = |status: &str| format!("/api/v1/orders/admin/bulk-production-status?status={status}");
    for status in ["PRODUCTION", "tracking"] {
        let moved = boss.patch(&path(status), json!([coat["id"]])).await.expect(200).json();
        has(&moved, &["message", "updated_count"]);
        assert_eq!(moved["updated_count"], 1, "{status}");
        in_russian(&json!({"detail": moved["message"]}));
    }
    let seen = anna.get(&format!("/api/v1/orders/{}", order["id"])).await.expect(200).json();
    assert_eq!(seen["items"][0]["preorder"]["status"], "tracking", "the customer sees it in the account");
    in_russian(&boss.patch(&path("SHIPPING"), json!([hoodie["id"]])).await.expect(400).json());
    in_russian(&boss.patch(&path("SHIPPING"), json!([999_999])).await.expect(404).json());
    boss.patch(&path("LOST"), json!([coat["id"]])).await.invalid("status");
    close(app).await;
}
