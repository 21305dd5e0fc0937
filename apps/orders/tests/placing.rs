use catalog::factories::product;
use catalog::models::product as products;
use delivery::factories::{city_price, create_method, method};
use delivery::models::Kind;
use kernel::Money;
use orders::models::Order;
use sea_orm::{ActiveModelTrait, ActiveValue::Unchanged, EntityTrait, PaginatorTrait, Set};
use serde_json::{Value, json};

use crate::shop::{self, ORDERS, body, bought, buy, customer, id_of, read, stock};

#[tokio::test]
async fn an_order_is_answered_as_the_contract_says() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let chair = product(&app.ctx).price(1500).stock(10).create().await;
    let shirt = product(&app.ctx).price(99).sizes(&["Oki", "Big"]).stock(5).create().await;
    let body = json!({
        "items": [{"product_id": chair.product.id, "size": null, "quantity": 2}, {"product_id": shirt.product.id, "size": "big"}],
        "delivery_address": "Москва, Ленина 1", "postal_code": "101000", "comment": "не звонить",
        "total_amount": 1, "status": "paid", "user_id": 1, "discount_amount": 500,
    });
    let order = anna.client.post(ORDERS, body).await.expect(201).json();
    let number = order["order_number"].as_str().expect("number");
    let (prefix, random) = number.rsplit_once('-').expect("parts");
    assert_eq!(prefix, "MS-20260302");
    assert!(random.len() == 8 && random.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)), "{number}");
    for (field, value) in [
        ("total_amount", json!(3099)),
        ("discount_amount", json!(0)),
        ("final_amount", json!(3099)),
        ("items_amount", json!(3099)),
        ("delivery_amount", json!(0)),
        ("currency", json!("RUB")),
        ("status", json!("pending")),
        ("payment_status", json!("pending")),
        ("tracking_number", Value::Null),
        ("delivery_address", json!("Москва, Ленина 1")),
        ("postal_code", json!("101000")),
        ("cdek_point", Value::Null),
        ("receipt_url", Value::Null),
        ("paid_at", Value::Null),
        ("shipped_at", Value::Null),
        ("created_at", json!("2026-03-02T09:00:00Z")),
        ("expires_at", json!("2026-03-02T10:00:00Z")),
        ("comment", json!("не звонить")),
        ("can_cancel", json!(true)),
    ] {
        assert_eq!(order[field], value, "{field}");
    }
    assert!(order["payment_url"].as_str().is_some_and(|url| url.starts_with("http://localhost:8000/pay/")), "{order}");
    assert_eq!(order["contact"], json!({"name": "Иванова Анна", "phone": anna.login.phone, "email": anna.login.email}));
    let items = order["items"].as_array().expect("items");
    assert_eq!(items.len(), 2);
    assert!(
        items.iter().all(|item| item["id"].is_i64() && item["is_preorder"] == false && item["preorder_wave"].is_null())
    );
    assert_eq!(
        (&items[0]["quantity"], &items[0]["price"], &items[0]["amount"]),
        (&json!(2), &json!(1500), &json!(3000))
    );
    assert_eq!((&items[1]["size"], &items[1]["quantity"]), (&json!("Big"), &json!(1)));
    assert_eq!(shop::reasons(&order), ["placed"]);
    assert_eq!(stock(&app, &chair).await, (10, 2, 8));

    // Прочитанное равно отвеченному.
    assert_eq!(read(&anna.client, &order).await, order);
    let list = anna.client.get(ORDERS).await.expect(200).json();
    assert_eq!((&list["total"], &list["page"], &list["page_size"]), (&json!(1), &json!(1), &json!(10)));
    for field in ["order_number", "items", "payment_url", "final_amount", "delivery"] {
        assert_eq!(list["orders"][0][field], order[field], "{field}");
    }
    shop::close(app).await;
}

#[tokio::test]
async fn the_order_keeps_what_was_promised() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let chair = product(&app.ctx).price(100).create().await;
    let order = bought(&anna.client, &[(&chair, 1)]).await;
    let row = products::ActiveModel {
        id: Unchanged(chair.product.id),
        name: Set("Другое".into()),
        price: Set(Money::rub(999)),
        is_active: Set(false),
        ..Default::default()
    };
    row.update(&app.ctx.db_handle().write).await.expect("product changed");
    let later = read(&anna.client, &order).await;
    assert_eq!((&later["items"], &later["final_amount"]), (&order["items"], &json!(100)));
    shop::close(app).await;
}

#[tokio::test]
async fn refusals_have_the_documented_statuses_and_leave_nothing() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).stock(3).create().await;
    let hidden = product(&app.ctx).with(|p| p.is_active = Some(false)).create().await;
    let waiting = product(&app.ctx).with(|p| p.order_type = products::OrderType::Waiting).create().await;
    let preorder = product(&app.ctx).with(|p| p.order_type = products::OrderType::Preorder).create().await;
    let shirt = product(&app.ctx).sizes(&["S", "M"]).create().await;

    anna.post(ORDERS, json!({"items": [{"product_id": 777_777}]})).await.refused(404, "catalog.product_not_found");
    buy(&anna, &[(&hidden, 1)]).await.refused(400, "orders.not_on_sale");
    buy(&anna, &[(&waiting, 1)]).await.refused(400, "orders.waiting");
    buy(&anna, &[(&preorder, 1)]).await.refused(400, "preorders.no_seats");
    buy(&anna, &[(&shirt, 1)]).await.refused(400, "catalog.size_required");
    let refusal = buy(&anna, &[(&chair, 4)]).await.refused(400, "catalog.out_of_stock");
    assert!(refusal["detail"].as_str().is_some_and(|text| text.contains("Недостаточно")), "{refusal}");

    anna.post(ORDERS, json!({"items": []})).await.invalid("items");
    anna.post(ORDERS, json!({})).await.invalid("items");
    let mut both = body(&[(&chair, 1)]);
    both["from_cart"] = json!(true);
    anna.post(ORDERS, both).await.invalid("items");
    for quantity in [
        json!(0),
        json!(-1),
        json!(0.5),
        json!(10_001),
        json!(1_000_000_000),
        json!(i64::MAX),
        json!("1e3"),
        json!(null),
        json!([]),
    ] {
        let items = json!({"items": [{"product_id": chair.product.id, "quantity": quantity}]});
        anna.post(ORDERS, items).await.invalid("items[0].quantity");
    }
    let many: Vec<_> = (0..201).map(|_| json!({"product_id": chair.product.id})).collect();
    anna.post(ORDERS, json!({"items": many})).await.invalid("items");
    anna.post(ORDERS, json!({"from_cart": true})).await.refused(400, "orders.cart_empty");
    let mut pigeon = body(&[(&chair, 1)]);
    pigeon["payment_provider"] = json!("pigeon");
    anna.post(ORDERS, pigeon).await.refused(400, "payments.unknown_provider");

    assert_eq!(Order::find().count(app.ctx.db_fresh()).await.expect("count"), 0);
    assert_eq!(stock(&app, &chair).await, (3, 0, 3));
    shop::close(app).await;
}

#[tokio::test]
async fn delivery_is_priced_by_our_rules_and_added() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).price(1000).create().await;
    let mut courier = method("courier", Kind::Courier, None);
    courier.cities = vec![city_price("Москва", Money::minor(59_050), Some(Money::rub(3000)))];
    create_method(&app.ctx, courier).await.expect("courier");

    let mut wanted = body(&[(&chair, 2)]);
    wanted["delivery"] = json!({"method": "courier", "city": "Москва", "address": "Ленина 1"});
    let order = anna.post(ORDERS, wanted.clone()).await.expect(201).json();
    assert_eq!((&order["items_amount"], &order["delivery_amount"]), (&json!(2000), &json!(590.5)));
    assert_eq!((&order["total_amount"], &order["final_amount"]), (&json!(2590.5), &json!(2590.5)));
    assert_eq!((&order["delivery"]["method"], &order["delivery"]["price"]), (&json!("courier"), &json!(590.5)));
    assert_eq!(order["delivery_address"], "Москва, Ленина 1");
    wanted["items"][0]["quantity"] = json!(3);
    assert_eq!(anna.post(ORDERS, wanted.clone()).await.expect(201).json()["delivery_amount"], 0);
    wanted["delivery"]["city"] = json!("Пермь");
    anna.post(ORDERS, wanted).await.refused(400, "delivery.city_not_served");
    // Старый клиент шлёт один адрес: подошло своё правило.
    let mut old = body(&[(&chair, 1)]);
    old["delivery_address"] = json!("Москва, Мира 2");
    assert_eq!(anna.post(ORDERS, old).await.expect(201).json()["delivery_amount"], 590.5);
    shop::close(app).await;
}

#[tokio::test]
async fn a_shop_may_insist_on_an_address() {
    let app = shop::with("[orders]\ndelivery_required = true\nnumber_prefix = \"DWC\"\n").await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).create().await;
    buy(&anna, &[(&chair, 1)]).await.refused(400, "orders.delivery_required");
    let mut wanted = body(&[(&chair, 1)]);
    wanted["cdek_point"] = json!("msk0001");
    let order = anna.post(ORDERS, wanted).await.expect(201).json();
    assert!(order["order_number"].as_str().is_some_and(|number| number.starts_with("DWC-20260302-")));
    assert_eq!(order["cdek_point"], "MSK0001");
    shop::close(app).await;
}

#[tokio::test]
async fn the_cart_becomes_an_order_and_empties() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).price(100).stock(5).create().await;
    let lamp = product(&app.ctx).price(10).stock(5).create().await;
    for (made, quantity) in [(&chair, 2), (&lamp, 1)] {
        anna.post("/api/v1/cart/items", json!({"product_id": made.product.id, "quantity": quantity})).await.expect(201);
    }
    let quote = anna.post("/api/v1/orders/quote", json!({"from_cart": true})).await.expect(200).json();
    assert_eq!((&quote["final_amount"], &quote["problems"]), (&json!(210), &json!([])));
    let order = anna.post(ORDERS, json!({"from_cart": true})).await.expect(201).json();
    assert_eq!(order["final_amount"], 210);
    let names: Vec<_> =
        order["items"].as_array().expect("items").iter().map(|item| item["product_id"].clone()).collect();
    assert_eq!(names, [json!(chair.product.id), json!(lamp.product.id)]);
    assert_eq!(anna.get("/api/v1/cart/count").await.expect(200).json()["count"], 0);
    anna.post(ORDERS, json!({"from_cart": true})).await.refused(400, "orders.cart_empty");
    shop::close(app).await;
}

#[tokio::test]
async fn a_refused_order_leaves_the_cart_as_it_was() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let rare = product(&app.ctx).stock(2).create().await;
    anna.post("/api/v1/cart/items", json!({"product_id": rare.product.id, "quantity": 2})).await.expect(201);
    let boris = customer(&app).await.client;
    bought(&boris, &[(&rare, 1)]).await;
    anna.post(ORDERS, json!({"from_cart": true})).await.refused(400, "catalog.out_of_stock");
    assert_eq!(anna.get("/api/v1/cart/count").await.expect(200).json()["count"], 2);
    shop::close(app).await;
}

#[tokio::test]
async fn a_quote_says_everything_that_is_wrong_and_takes_nothing() {
    let app = shop::open().await;
    let chair = product(&app.ctx).price(100).stock(1).create().await;
    let hidden = product(&app.ctx).price(7).with(|p| p.is_active = Some(false)).create().await;
    let mut wanted = body(&[(&chair, 2), (&hidden, 1)]);
    wanted["promo_code"] = json!("SALE");
    wanted["delivery"] = json!({"method": "pigeon"});
    let quote = app.anon().post("/api/v1/orders/quote", wanted).await.expect(200).json();
    let codes: Vec<_> = quote["problems"].as_array().expect("problems").iter().map(|p| p["code"].clone()).collect();
    assert_eq!(
        codes,
        [
            json!("orders.not_on_sale"),
            json!("catalog.out_of_stock"),
            json!("promos.unknown"),
            json!("delivery.unknown_method")
        ]
    );
    assert_eq!(quote["problems"][1]["field"], "items[0].quantity");
    assert!(quote["problems"][1]["message"].as_str().is_some_and(|text| text.contains("Недостаточно")));
    assert_eq!(
        (&quote["items_amount"], &quote["final_amount"], &quote["delivery"]),
        (&json!(207), &json!(207), &Value::Null)
    );
    assert_eq!(stock(&app, &chair).await, (1, 0, 1));
    app.anon()
        .post("/api/v1/orders/quote", json!({"items": [{"product_id": 777_777}]}))
        .await
        .refused(404, "catalog.product_not_found");
    shop::close(app).await;
}

#[tokio::test]
async fn the_buyer_gets_letters_in_his_language() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let chair = product(&app.ctx).price(1500).create().await;
    let order = bought(&anna.client, &[(&chair, 2)]).await;
    let number = order["order_number"].as_str().expect("number");
    app.run_jobs().await;
    let sent = notifications::mailbox(&app.ctx);
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!((&sent[0].to, &sent[0].subject), (&anna.login.email, &format!("Заказ {number} оформлен")));
    let token = order["access_token"].as_str().expect("token");
    for words in [
        "3\u{a0}000\u{a0}₽",
        &chair.product.name,
        "http://localhost:8000/pay/",
        &format!("http://localhost:8000/orders/{token}"),
    ] {
        assert!(sent[0].body.contains(words), "no {words} in {}", sent[0].body);
    }
    shop::pay(&app, &order).await;
    let english = anna.client.clone().header("accept-language", "en");
    let second = bought(&english, &[(&chair, 1)]).await;
    app.run_jobs().await;
    let subjects: Vec<_> = notifications::mailbox(&app.ctx).into_iter().map(|letter| letter.subject).collect();
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    assert!(subjects.contains(&format!("Заказ {number} оплачен")), "{subjects:?}");
    assert!(
        subjects.contains(&format!("Order {} placed", second["order_number"].as_str().expect("number"))),
        "{subjects:?}"
    );
    assert!(id_of(&second) > id_of(&order));
    shop::close(app).await;
}
