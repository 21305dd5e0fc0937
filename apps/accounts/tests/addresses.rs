//! Адресная книга.

use serde_json::json;

use crate::helpers::*;

#[tokio::test]
async fn addresses_are_kept_changed_and_removed() {
    let app = shop().await;
    let me = with(&app, &register(&app, "+79161234567").await);
    let home = json!({"text": "Москва, Тверская, 1", "title": "Дом", "phone": "8 916 123-45-67", "cdek_city_code": 44});
    let home = me.post("/api/v1/users/me/addresses", home).await.expect(201).json();
    assert_eq!(home["is_default"], true, "первый — по умолчанию");
    assert_eq!(home["phone"], "+79161234567");
    let work = json!({"text": "Казань, Баумана, 2", "is_default": true});
    let work = me.post("/api/v1/users/me/addresses", work).await.expect(201).json();

    let list = me.get("/api/v1/users/me/addresses").await.expect(200).json();
    let defaults: Vec<_> = list["addresses"].as_array().unwrap().iter().filter(|a| a["is_default"] == true).collect();
    assert_eq!((list["total"].clone(), defaults.len()), (json!(2), 1));
    assert_eq!(defaults[0]["id"], work["id"]);

    let path = format!("/api/v1/users/me/addresses/{}", home["id"]);
    let changed = me.put(&path, json!({"text": "Москва, Арбат, 3", "is_default": true})).await.expect(200).json();
    assert_eq!((&changed["title"], &changed["is_default"]), (&json!(""), &json!(true)));
    me.delete(&path).await.expect(204);
    me.delete(&path).await.refused(404, "accounts.address_not_found");
    app.close().await;
}

#[tokio::test]
async fn a_foreign_address_does_not_exist() {
    let app = shop().await;
    let me = with(&app, &register(&app, "+79161234567").await);
    let other = with(&app, &register(&app, "+79160000001").await);
    let body = json!({"text": "Москва, Тверская, 1"});
    let own = me.post("/api/v1/users/me/addresses", body.clone()).await.expect(201).json();
    let path = format!("/api/v1/users/me/addresses/{}", own["id"]);
    other.put(&path, body.clone()).await.refused(404, "accounts.address_not_found");
    other.delete(&path).await.refused(404, "accounts.address_not_found");
    other.put("/api/v1/users/me/addresses/999999", body).await.refused(404, "accounts.address_not_found");
    assert_eq!(other.get("/api/v1/users/me/addresses").await.expect(200).json()["total"], 0);
    assert_eq!(me.get("/api/v1/users/me/addresses").await.expect(200).json()["total"], 1);
    app.close().await;
}

#[tokio::test]
async fn the_book_has_an_end_and_fields_have_lengths() {
    let app = shop().await;
    let me = with(&app, &register(&app, "+79161234567").await);
    let post = async |body| me.post("/api/v1/users/me/addresses", body).await;
    post(json!({"text": ""})).await.invalid("text");
    post(json!({"text": "я".repeat(501)})).await.invalid("text");
    post(json!({"text": "Москва", "phone": "123"})).await.invalid("phone");
    post(json!({"text": "Москва", "user_id": 2})).await.invalid("user_id");
    for i in 0..50 {
        post(json!({"text": format!("Москва, дом {i}")})).await.expect(201);
    }
    post(json!({"text": "Москва"})).await.refused(400, "accounts.too_many_addresses");
    app.close().await;
}
