use delivery::factories::{city_price, create_method, create_point, method, pickup_point};
use delivery::models::Kind;
use kernel::Money;
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use crate::shop;

async fn ask(client: &Client, subtotal: i64, delivery: Value) -> testkit::Answer {
    client.post("/api/v1/delivery/quote", json!({"subtotal": subtotal, "delivery": delivery})).await
}

async fn with_methods() -> TestApp {
    let app = shop::open().await;
    let mut courier = method("courier", Kind::Courier, None);
    courier.cities = vec![
        city_price("Москва", Money::rub(590), Some(Money::rub(15_000))),
        city_price("Орёл", Money::rub(900), None),
    ];
    courier.max_sum = Some(Money::rub(100_000));
    create_method(&app.ctx, courier).await.expect("courier");
    let mut cdek = method("cdek", Kind::Cdek, Some(Money::rub(390)));
    cdek.min_sum = Some(Money::rub(100));
    create_method(&app.ctx, cdek).await.expect("cdek");
    create_method(&app.ctx, method("pickup", Kind::Pickup, Some(Money::ZERO))).await.expect("pickup");
    let mut off = method("off", Kind::Courier, Some(Money::ZERO));
    off.is_active = false;
    create_method(&app.ctx, off).await.expect("off");
    app
}

#[tokio::test]
async fn a_named_method_must_fit() {
    let app = with_methods().await;
    let anon = app.anon();
    let moscow = ask(&anon, 14_999, json!({"method": "courier", "city": "г. МОСКВА", "address": "Ленина 1"}))
        .await
        .expect(200)
        .json();
    assert_eq!(moscow["price"], 590);
    assert_eq!(moscow["address"], "г. МОСКВА, Ленина 1");
    assert_eq!(moscow["free_from"], 15_000);
    let free = ask(&anon, 15_000, json!({"method": "courier", "address": "101000, Москва, Ленина 1"}))
        .await
        .expect(200)
        .json();
    assert_eq!(free["price"], 0);
    assert_eq!(free["address"], "101000, Москва, Ленина 1");
    assert_eq!(
        ask(&anon, 1, json!({"method": "courier", "address": "Орел, Мира 2"})).await.expect(200).json()["price"],
        900
    );

    ask(&anon, 1, json!({"method": "courier", "address": "Пермь, Мира 2"}))
        .await
        .refused(400, "delivery.city_not_served");
    ask(&anon, 1, json!({"method": "courier"})).await.refused(400, "delivery.address_required");
    ask(&anon, 100_001, json!({"method": "courier", "city": "Москва"})).await.refused(400, "delivery.sum_too_big");
    ask(&anon, 99, json!({"method": "cdek", "cdek_point": "MSK1"})).await.refused(400, "delivery.sum_too_small");
    ask(&anon, 100, json!({"method": "cdek", "address": "Москва"})).await.refused(400, "delivery.cdek_point_required");
    ask(&anon, 100, json!({"method": "pickup"})).await.refused(400, "delivery.pickup_point_required");
    ask(&anon, 100, json!({"method": "pickup", "pickup_point_id": 777}))
        .await
        .refused(400, "delivery.unknown_pickup_point");
    ask(&anon, 100, json!({"method": "off", "address": "Москва"})).await.refused(400, "delivery.unknown_method");
    ask(&anon, 100, json!({"method": "pigeon"})).await.refused(400, "delivery.unknown_method");
    app.close().await;
}

#[tokio::test]
async fn without_a_method_the_address_chooses() {
    let app = with_methods().await;
    let anon = app.anon();
    let point = create_point(&app.ctx, pickup_point("ordynka", "Москва")).await.expect("point");

    let cdek = ask(&anon, 1000, json!({"cdek_point": " msk0001 "})).await.expect(200).json();
    assert_eq!(
        (&cdek["method"], &cdek["price"], &cdek["cdek_point"]),
        (&json!("cdek"), &json!(390), &json!("MSK0001"))
    );
    let courier = ask(&anon, 1000, json!({"address": "Москва, Ленина 1"})).await.expect(200).json();
    assert_eq!((&courier["method"], &courier["price"]), (&json!("courier"), &json!(590)));
    let pickup = ask(&anon, 1000, json!({"pickup_point_id": point.id})).await.expect(200).json();
    assert_eq!((&pickup["method"], &pickup["price"]), (&json!("pickup"), &json!(0)));
    assert_eq!(pickup["address"], "Пункт ordynka, ул. Примерная, 1");

    // Правил для адреса нет — согласует менеджер, заказ это не срывает.
    let far = ask(&anon, 1000, json!({"address": "Пермь, Мира 2"})).await.expect(200).json();
    assert_eq!((&far["method"], &far["price"], &far["kind"]), (&Value::Null, &json!(0), &json!("courier")));
    let nothing = ask(&anon, 1000, json!({})).await.expect(200).json();
    assert_eq!((&nothing["method"], &nothing["kind"], &nothing["address"]), (&Value::Null, &Value::Null, &Value::Null));
    app.close().await;
}

#[tokio::test]
async fn bad_bodies_name_the_field() {
    let app = shop::open().await;
    let anon = app.anon();
    ask(&anon, -1, json!({})).await.invalid("subtotal");
    ask(&anon, 1, json!({"cdek_point": "<script>"})).await.invalid("delivery.cdek_point");
    ask(&anon, 1, json!({"address": "а".repeat(501)})).await.invalid("delivery.address");
    ask(&anon, 1, json!({"metod": "courier"})).await.invalid("delivery.metod");
    ask(&anon, 1, json!({"pickup_point_id": "1"})).await.invalid("delivery.pickup_point_id");
    anon.post("/api/v1/delivery/quote", json!({})).await.invalid("delivery");
    app.close().await;
}

#[tokio::test]
async fn customers_see_active_methods_with_prices_of_their_city() {
    let app = with_methods().await;
    let list = app.anon().get("/api/v1/delivery/methods/?city=%D0%9E%D1%80%D1%91%D0%BB").await.expect(200).json();
    assert_eq!((&list["total"], &list["page"], &list["page_size"]), (&json!(3), &json!(1), &json!(10)));
    let prices: Vec<_> =
        list["methods"].as_array().expect("methods").iter().map(|m| (m["code"].clone(), m["price"].clone())).collect();
    assert_eq!(prices, [(json!("courier"), json!(900)), (json!("cdek"), json!(390)), (json!("pickup"), json!(0))]);
    let nowhere = app.anon().get("/api/v1/delivery/methods/?page_size=1&page=1").await.expect(200).json();
    assert_eq!(nowhere["methods"].as_array().map(Vec::len), Some(1));
    assert_eq!(nowhere["methods"][0]["price"], Value::Null);
    app.close().await;
}
