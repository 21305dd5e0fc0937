use catalog::factories::product;
use orders::models::Order;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::shop::{self, ORDERS, body, buy, customer, id_of};

fn contact() -> Value {
    json!({"name": "Гость Гостев", "phone": "8 (916) 123-45-67", "email": "guest@example.com"})
}

#[tokio::test]
async fn a_guest_orders_and_reads_the_order_by_its_token() {
    let app = shop::open().await;
    let chair = product(&app.ctx).create().await;
    let added = app.anon().post("/api/v1/cart/items", json!({"product_id": chair.product.id})).await.expect(201);
    let guest = app.anon().header("x-cart-token", added.header("x-cart-token").expect("token"));
    let order = guest.post(ORDERS, json!({"from_cart": true, "contact": contact()})).await.expect(201).json();
    assert_eq!(
        order["contact"],
        json!({"name": "Гость Гостев", "phone": "+79161234567", "email": "guest@example.com"})
    );
    let token = order["access_token"].as_str().expect("token");
    assert_eq!(token.len(), 32);
    let path = format!("/api/v1/orders/by-token/{token}");
    assert_eq!(app.anon().get(&path).await.expect(200).json(), order);
    shop::pay(&app, &order).await;
    assert_eq!(app.anon().get(&path).await.expect(200).json()["status"], "paid");

    app.anon().get(&format!("{ORDERS}{}", id_of(&order))).await.refused(401, "auth.unauthorized");
    let anna = customer(&app).await.client;
    anna.get(&format!("{ORDERS}{}", id_of(&order))).await.refused(404, "orders.not_found");
    for wrong in ["0123456789abcdef0123456789abcdef", "x", "%27%20or%201=1", &token.to_uppercase(), &token[..31]] {
        app.anon().get(&format!("/api/v1/orders/by-token/{wrong}")).await.refused(404, "orders.not_found");
    }
    shop::close(app).await;
}

#[tokio::test]
async fn a_guest_must_name_himself() {
    let app = shop::open().await;
    let chair = product(&app.ctx).create().await;
    buy(&app.anon(), &[(&chair, 1)]).await.refused(401, "auth.unauthorized");
    for field in ["name", "phone", "email"] {
        let mut wanted = body(&[(&chair, 1)]);
        wanted["contact"] = contact();
        wanted["contact"][field] = json!(" ");
        app.anon().post(ORDERS, wanted).await.invalid(&format!("contact.{field}"));
    }
    for (field, bad) in [("phone", "123"), ("email", "не почта")] {
        let mut wanted = body(&[(&chair, 1)]);
        wanted["contact"] = contact();
        wanted["contact"][field] = json!(bad);
        app.anon().post(ORDERS, wanted).await.invalid(&format!("contact.{field}"));
    }
    assert_eq!(Order::find().count(app.ctx.db_fresh()).await.expect("count"), 0);
    shop::close(app).await;
}

#[tokio::test]
async fn guests_may_be_turned_away() {
    let app = shop::with("[orders]\nguest_checkout = false\n").await;
    let chair = product(&app.ctx).create().await;
    let mut wanted = body(&[(&chair, 1)]);
    wanted["contact"] = contact();
    app.anon().post(ORDERS, wanted).await.refused(401, "auth.unauthorized");
    buy(&customer(&app).await.client, &[(&chair, 1)]).await.expect(201);
    shop::close(app).await;
}

#[tokio::test]
async fn two_guests_with_one_key_do_not_see_each_other() {
    let app = shop::open().await;
    let chair = product(&app.ctx).stock(10).create().await;
    let place = async |email: &str| {
        let mut wanted = body(&[(&chair, 1)]);
        wanted["contact"] = contact();
        wanted["contact"]["email"] = json!(email);
        app.anon().header("idempotency-key", "1").post(ORDERS, wanted).await.expect(201).json()
    };
    let (one, other, again) =
        (place("one@example.com").await, place("two@example.com").await, place("one@example.com").await);
    assert_ne!(one["id"], other["id"]);
    assert_eq!(one, again);
    shop::close(app).await;
}
