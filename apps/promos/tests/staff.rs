//! Сотрудник заводит, читает, меняет и выключает.

use catalog::factories::product;
use promos::factories::{create, promo};
use promos::models::PromoCode;
use promos::permissions::{CHANGE_PROMO_CODE, VIEW_PROMO_CODE};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::shop::{self, CODES};

fn path(promo: &Value) -> String {
    format!("{CODES}{}", promo["id"])
}

#[tokio::test]
async fn a_code_is_made_read_changed_and_switched_off() {
    let app = shop::open().await;
    let staff = shop::staff(&app).await;
    let chair = product(&app.ctx).create().await.product;
    let body = json!({
        "code": " Leto-26 ", "description": "Лето", "discount_percent": 12.5, "discount_amount": "300.50", "max_uses": 100,
        "max_uses_per_customer": 1, "min_sum": 5000, "valid_from": "2026-03-01T00:00:00", "valid_until": "2026-04-01T00:00:00+03:00",
        "product_ids": [chair.id, chair.id], "kinds": ["goods", "preorder"], "current_uses": 7, "id": 55, "colour": "red",
    });
    let made = staff.post(CODES, body).await.expect(201).json();
    for (field, value) in [
        ("code", json!("Leto-26")),
        ("description", json!("Лето")),
        ("discount_percent", json!(12.5)),
        ("discount_amount", json!(300.5)),
        ("currency", json!("RUB")),
        ("max_uses", json!(100)),
        ("max_uses_per_customer", json!(1)),
        ("current_uses", json!(0)),
        ("min_sum", json!(5000)),
        ("valid_from", json!("2026-03-01T00:00:00Z")),
        ("valid_until", json!("2026-03-31T21:00:00Z")),
        ("is_active", json!(true)),
        ("product_ids", json!([chair.id])),
        ("category_ids", json!([])),
        ("kinds", json!(["goods", "preorder"])),
        ("created_at", json!("2026-03-02T09:00:00Z")),
        ("updated_at", json!("2026-03-02T09:00:00Z")),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    assert_eq!(staff.get(&path(&made)).await.expect(200).json(), made);

    app.advance(chrono::TimeDelta::hours(1));
    let patch = json!({"max_uses": null, "valid_until": null, "product_ids": [], "kinds": [], "min_sum": null, "discount_amount": 0});
    let changed = staff.put(&path(&made), patch).await.expect(200).json();
    for (field, value) in [
        ("code", json!("Leto-26")),
        ("discount_percent", json!(12.5)),
        ("discount_amount", json!(0)),
        ("max_uses", Value::Null),
        ("max_uses_per_customer", json!(1)),
        ("min_sum", Value::Null),
        ("valid_from", json!("2026-03-01T00:00:00Z")),
        ("valid_until", Value::Null),
        ("product_ids", json!([])),
        ("kinds", json!([])),
        ("updated_at", json!("2026-03-02T10:00:00Z")),
    ] {
        assert_eq!(changed[field], value, "{field}");
    }
    let renamed = staff.patch(&path(&made), json!({"code": "ЗИМА"})).await.expect(200).json();
    assert_eq!((&renamed["code"], &renamed["discount_percent"]), (&json!("ЗИМА"), &json!(12.5)));

    for _ in 0..2 {
        staff.delete(&path(&made)).await.expect(204);
    }
    let off = staff.get(&path(&made)).await.expect(200).json();
    assert_eq!((&off["is_active"], &off["code"]), (&json!(false), &json!("ЗИМА")));
    for missing in [staff.get("/api/v1/promo-codes/777").await, staff.delete("/api/v1/promo-codes/777").await] {
        missing.refused(404, "promos.not_found");
    }
    staff.put("/api/v1/promo-codes/777", json!({})).await.refused(404, "promos.not_found");
    app.close().await;
}

#[tokio::test]
async fn the_list_has_the_common_envelope() {
    let app = shop::open().await;
    let staff = shop::staff(&app).await;
    let lamp = product(&app.ctx).create().await.product;
    for code in ["ONE", "TWO", "THREE"] {
        create(&app.ctx, promo(code)).await.expect("made");
    }
    staff
        .post(CODES, json!({"code": "FOUR", "discount_amount": 1, "is_active": false, "product_ids": [lamp.id]}))
        .await
        .expect(201);
    let list = staff.get(&format!("{CODES}?skip=0&limit=2&colour=red")).await.expect(200).json();
    assert_eq!((&list["total"], &list["page"], &list["page_size"]), (&json!(4), &json!(1), &json!(2)));
    let codes = |list: &Value| -> Vec<String> {
        let rows = list["promo_codes"].as_array().expect("promo_codes");
        rows.iter().map(|row| row["code"].as_str().expect("code").to_owned()).collect()
    };
    assert_eq!(codes(&list), ["FOUR", "THREE"]);
    assert_eq!(list["promo_codes"][0]["product_ids"], json!([lamp.id]));
    assert_eq!(list["promo_codes"][1]["product_ids"], json!([]));
    for (query, found) in
        [("?page=2&page_size=3", vec!["ONE"]), ("?is_active=false", vec!["FOUR"]), ("?code=%20two", vec!["TWO"])]
    {
        assert_eq!(codes(&staff.get(&format!("{CODES}{query}")).await.expect(200).json()), found, "{query}");
    }
    staff.get(&format!("{CODES}?limit=101")).await.invalid("limit");
    app.close().await;
}

#[tokio::test]
async fn a_code_is_one_in_any_spelling() {
    let app = shop::open().await;
    let staff = shop::staff(&app).await;
    let tree = staff.post(CODES, json!({"code": "Ёлка 26", "discount_percent": 5})).await.expect(201).json();
    for twin in ["ёлка 26", " ЕЛКА  26 ", "елкА 26"] {
        let refusal =
            staff.post(CODES, json!({"code": twin, "discount_percent": 5})).await.refused(400, "promos.code_taken");
        assert_eq!(refusal["errors"][0]["field"], "code");
    }
    let other = staff.post(CODES, json!({"code": "OTHER", "discount_percent": 5})).await.expect(201).json();
    staff.patch(&path(&other), json!({"code": "елка 26"})).await.refused(400, "promos.code_taken");
    staff.patch(&path(&tree), json!({"code": "ЁЛКА 26"})).await.expect(200);
    assert_eq!(PromoCode::find().count(app.ctx.db_fresh()).await.expect("count"), 2);
    app.close().await;
}

#[tokio::test]
async fn wrong_codes_are_refused_by_field() {
    let app = shop::open().await;
    let staff = shop::staff(&app).await;
    let good = || json!({"code": "GOOD", "discount_percent": 10, "valid_from": "2026-03-01T00:00:00Z"});
    let many: Vec<i64> = (0..1001).collect();
    let wrong = [
        ("code", json!("")),
        ("code", json!(" ")),
        ("code", json!("a\tb")),
        ("code", json!("x".repeat(51))),
        ("code", Value::Null),
        ("description", json!("x".repeat(501))),
        ("discount_percent", json!(100.01)),
        ("discount_percent", json!(-1)),
        ("discount_percent", json!(1.005)),
        ("discount_percent", json!(0)),
        ("discount_percent", json!("half")),
        ("discount_amount", json!(-0.01)),
        ("discount_amount", json!(1e15)),
        ("max_uses", json!(0)),
        ("max_uses", json!(-5)),
        ("max_uses_per_customer", json!(0)),
        ("min_sum", json!(-1)),
        ("valid_from", json!("завтра")),
        ("valid_until", json!("2026-02-28T23:59:59Z")),
        ("product_ids", json!([777_777])),
        ("product_ids", json!(many)),
        ("category_ids", json!([777_777])),
        ("kinds", json!(["pigeon"])),
    ];
    for (field, value) in wrong {
        let mut body = good();
        body[field] = value.clone();
        let answer = staff.post(CODES, body).await.expect(422);
        let problem = answer.json();
        let named =
            problem["errors"].as_array().expect("errors")[0]["field"].as_str().expect("field").starts_with(field);
        assert!(named, "{field} = {value}: {problem}");
    }
    assert_eq!(PromoCode::find().count(app.ctx.db_fresh()).await.expect("count"), 0);

    let made = staff.post(CODES, good()).await.expect(201).json();
    staff.patch(&path(&made), json!({"discount_percent": 0})).await.invalid("discount_percent");
    staff.patch(&path(&made), json!({"valid_until": "2026-02-28T00:00:00Z"})).await.invalid("valid_until");
    staff.patch(&path(&made), json!({"max_uses": 0})).await.invalid("max_uses");
    staff.patch(&path(&made), json!({"product_ids": [777_777]})).await.invalid("product_ids");
    assert_eq!(staff.get(&path(&made)).await.expect(200).json(), made, "a refused change changes nothing");
    app.close().await;
}

#[tokio::test]
async fn the_limit_never_falls_below_the_uses() {
    let app = shop::open().await;
    let staff = shop::staff(&app).await;
    let made =
        staff.post(CODES, json!({"code": "SALE", "discount_percent": 10, "max_uses": 5})).await.expect(201).json();
    for id in 1..=3 {
        shop::claim(&app.ctx, "sale", shop::guest(&format!("+7916000000{id}"), ""), id).await.expect("claimed");
    }
    let refusal = staff.patch(&path(&made), json!({"max_uses": 2})).await.refused(400, "promos.max_uses_below");
    assert!(refusal["detail"].as_str().is_some_and(|text| text.contains("3 раза")), "{refusal}");
    let changed = staff.patch(&path(&made), json!({"max_uses": 3})).await.expect(200).json();
    assert_eq!((&changed["max_uses"], &changed["current_uses"]), (&json!(3), &json!(3)));
    app.close().await;
}

#[tokio::test]
async fn strangers_see_and_change_nothing() {
    let app = shop::open().await;
    let made = create(&app.ctx, promo("SALE")).await.expect("made");
    let before = shop::code(&app, "SALE").await;
    let one = format!("{CODES}{}", made.id);
    let customer = app.anon().bearer(&accounts::factories::customer(&app.ctx).await.token);
    let viewer = app.anon().bearer(&accounts::factories::staff(&app.ctx, &[VIEW_PROMO_CODE]).await.token);
    let changer = app.anon().bearer(&accounts::factories::staff(&app.ctx, &[CHANGE_PROMO_CODE]).await.token);
    let body = || json!({"code": "MINE", "discount_percent": 100, "is_active": false});
    for path in [CODES, &one] {
        app.anon().get(path).await.refused(401, "auth.unauthorized");
        customer.get(path).await.refused(403, "auth.forbidden");
        changer.get(path).await.refused(403, "auth.forbidden");
        viewer.get(path).await.expect(200);
    }
    for (client, status, code) in
        [(&app.anon(), 401, "auth.unauthorized"), (&customer, 403, "auth.forbidden"), (&viewer, 403, "auth.forbidden")]
    {
        client.post(CODES, body()).await.refused(status, code);
        client.put(&one, body()).await.refused(status, code);
        client.patch(&one, body()).await.refused(status, code);
        client.delete(&one).await.refused(status, code);
    }
    assert_eq!(PromoCode::find().all(app.ctx.db_fresh()).await.expect("rows"), [before]);
    app.close().await;
}

#[tokio::test]
async fn models_match_the_tables_and_texts_have_pairs() {
    let app = shop::open().await;
    app.assert_no_drift().await;
    assert!(app.ctx.texts().unpaired().is_empty(), "{:?}", app.ctx.texts().unpaired());
    app.close().await;
}
