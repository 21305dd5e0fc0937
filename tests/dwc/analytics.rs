//! Отчёты и выгрузки.

use serde_json::json;

use super::{add, add_preorder, admin, buyer, close, has, pay, place, shop};

#[tokio::test]
async fn get_analytics_sales() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    let hoodie = add(&boss, "A-1", json!({"price": 1000})).await;
    let paid = place(&anna, &hoodie, 3).await;
    pay(&app, &paid).await;
    place(&anna, &hoodie, 1).await;
    let sales = boss.get("/api/v1/analytics/sales").await.expect(200).json();
    has(&sales["period"], &["start", "end"]);
    for (field, value) in
        [("total_sales", 3000), ("orders_count", 1), ("average_order_value", 3000), ("products_sold", 3)]
    {
        assert_eq!(sales[field], value, "{field}");
    }
    let none = boss.get("/api/v1/analytics/sales?start_date=2026-01-01T00:00:00&end_date=2026-02-01T00:00:00");
    assert_eq!(none.await.expect(200).json()["average_order_value"], 0);
    boss.get("/api/v1/analytics/sales?start_date=вчера").await.invalid("start_date");
    close(app).await;
}

#[tokio::test]
async fn get_analytics_preorders() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    let coat = add_preorder(&boss, "A-1", 2, 2).await;
    for quantity in [1, 2] {
        place(&anna, &coat, quantity).await;
    }
    let report = boss.get("/api/v1/analytics/preorders").await.expect(200).json();
    has(&report, &["period", "total_preorders", "preorders_by_wave"]);
    assert_eq!(report["total_preorders"], 3, "the second purchase is split over two waves");
    assert_eq!(report["preorders_by_wave"], json!([{"wave": 1, "count": 2}, {"wave": 2, "count": 1}]));
    close(app).await;
}

#[tokio::test]
async fn get_analytics_customers() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    buyer(&app).await;
    place(&anna, &add(&boss, "A-1", json!({})).await, 1).await;
    let report = boss.get("/api/v1/analytics/customers").await.expect(200).json();
    let expected = json!({
        "total_customers": 2, "customers_with_orders": 1, "customers_without_orders": 1, "conversion_rate": 50.0,
    });
    assert_eq!(report, expected, "the administrator is not a customer");
    close(app).await;
}

#[tokio::test]
async fn get_analytics_promo_codes() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    let hoodie = add(&boss, "A-1", json!({"price": 1000})).await;
    boss.post("/api/v1/promo-codes/", json!({"code": "LETO", "discount_percent": 10})).await.expect(201);
    place(&anna, &hoodie, 1).await;
    let body = json!({"items": [{"product_id": hoodie["id"], "size": "Oki"}], "promo_code": "LETO"});
    anna.post("/api/v1/orders/", body).await.expect(201);
    let report = boss.get("/api/v1/analytics/promo-codes").await.expect(200).json();
    assert_eq!(
        (&report["orders_with_promo"], &report["orders_without_promo"], &report["total_discount_given"]),
        (&json!(1), &json!(1), &json!(100))
    );
    close(app).await;
}

#[tokio::test]
async fn get_analytics_export_customers() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    anna.put("/api/v1/users/me", json!({"address": "Тверь, Мира 1", "cdek_point": "TVR5"})).await.expect(200);
    let file = boss.get("/api/v1/analytics/export/customers").await.expect(200);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"customers_20260302.csv\""));
    let text = file.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "ID,Телефон,ФИО,Email,Telegram,VK,Адрес,Пункт СДЭК,Дата регистрации");
    assert!(lines.len() == 2 && lines[1].ends_with(",\"Тверь, Мира 1\",TVR5,2026-03-02 09:00:00"), "{text}");
    close(app).await;
}

#[tokio::test]
async fn get_analytics_export_orders() {
    let app = shop().await;
    let (boss, anna) = (admin(&app).await, buyer(&app).await);
    let order = place(&anna, &add(&boss, "A-1", json!({})).await, 1).await;
    pay(&app, &order).await;
    let file = boss.get("/api/v1/analytics/export/orders?start_date=2026-03-01&end_date=2026-03-03").await.expect(200);
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"orders_20260302.csv\""));
    let text = file.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "Номер заказа,Телефон клиента,Сумма,Скидка,Итого,Статус,Статус оплаты,Трек-номер,Создан,Оплачен"
    );
    let number = order["order_number"].as_str().expect("number");
    assert!(lines[1].starts_with(number) && lines[1].ends_with("2026-03-02 09:00:00,2026-03-02 09:00:00"), "{text}");
    let none = boss.get("/api/v1/analytics/export/orders?end_date=2026-02-01").await.expect(200).text();
    assert_eq!(none.lines().count(), 1);
    close(app).await;
}
