//! Что оформление помнит между запросами: своя перемена видна ему сразу.

use catalog::factories::product;
use delivery::permissions::ALL as DELIVERY;
use payments::permissions::VIEW_PAYMENT;
use serde_json::json;

use crate::shop::{self, ORDERS, bought, customer};

#[tokio::test]
async fn a_new_name_is_in_the_very_next_order() {
    let app = shop::open().await;
    let chair = product(&app.ctx).stock(10).create().await;
    let anna = customer(&app).await;
    bought(&anna.client, &[(&chair, 1)]).await;
    anna.client.patch("/api/v1/users/me", json!({"full_name": "Новая Анна"})).await.expect(200);
    let order = bought(&anna.client, &[(&chair, 1)]).await;
    assert_eq!(shop::row(&app, shop::id_of(&order)).await.contact_name, "Новая Анна");
    shop::close(app).await;
}

#[tokio::test]
async fn a_new_price_of_delivery_is_in_the_very_next_order() {
    let app = shop::open().await;
    let chair = product(&app.ctx).price(1000).stock(10).create().await;
    let boss = app.anon().bearer(&accounts::factories::staff(&app.ctx, DELIVERY).await.token);
    let method = |price: i64| json!({"code": "courier", "kind": "courier", "title": "Курьер", "price": price});
    let made = boss.post("/api/v1/delivery/methods", method(300)).await.expect(201).json();
    let anna = customer(&app).await;
    let order = async || {
        let item = json!({"product_id": chair.product.id, "quantity": 1});
        let wanted = json!({"items": [item], "delivery": {"method": "courier", "address": "Москва, Тверская, 1"}});
        anna.client.post(ORDERS, wanted).await.expect(201).json()["delivery_amount"].clone()
    };
    assert_eq!(order().await, 300);
    boss.put(&format!("/api/v1/delivery/methods/{}", made["id"]), method(450)).await.expect(200);
    assert_eq!(order().await, 450);
    shop::close(app).await;
}

/// Строки о создании у первого платежа нет, но история с неё начинается.
#[tokio::test]
async fn the_history_of_a_payment_begins_with_its_creation() {
    let app = shop::open().await;
    let chair = product(&app.ctx).price(1000).stock(10).create().await;
    let anna = customer(&app).await;
    let order = bought(&anna.client, &[(&chair, 1)]).await;
    shop::pay(&app, &order).await;
    let boss = app.anon().bearer(&accounts::factories::staff(&app.ctx, &[VIEW_PAYMENT]).await.token);
    let all = boss.get("/api/v1/payments/").await.expect(200).json();
    let seen = boss.get(&format!("/api/v1/payments/{}", all["payments"][0]["id"])).await.expect(200).json();
    let events = seen["events"].as_array().expect("events");
    assert_eq!(events.iter().filter(|event| event["kind"] == "created").count(), 1);
    assert_eq!((&events[0]["kind"], &events[0]["amount"]), (&json!("created"), &order["final_amount"]));
    assert_eq!(events[0]["actor"], format!("user:{}", anna.login.user_id));
    assert_eq!(events[0]["created_at"], order["created_at"]);
    shop::close(app).await;
}
