//! Поля, правила и адреса, на которые рассчитывают старые клиенты.

use kernel::{Actor, Subject, Work};
use megashop_catalog::factories;
use megashop_catalog::services::stock;
use serde_json::json;

use crate::support::{add, articles, id_of, shop, staff};

#[tokio::test]
async fn new_product_has_contract_fields_and_defaults() {
    let app = shop().await;
    let made = staff(&app)
        .post("/api/v1/products/", json!({"name": "Худи", "article": "H-1", "price": "2500.50", "neznakomoe": 1}))
        .await
        .expect(201)
        .json();
    for (field, value) in [
        ("name", json!("Худи")),
        ("article", json!("H-1")),
        ("price", json!(2500.5)),
        ("description", json!("")),
        ("sizes", json!([])),
        ("size_table", json!(null)),
        ("order_type", json!("order")),
        ("stock_count", json!(0)),
        ("preorder_waves_total", json!(0)),
        ("preorder_wave_capacity", json!(0)),
        ("current_wave", json!(1)),
        ("current_wave_count", json!(0)),
        ("is_active", json!(true)),
        ("is_archived", json!(false)),
        ("media", json!([])),
        ("slug", json!("khudi")),
        ("currency", json!("RUB")),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    assert!(made["created_at"].as_str().is_some_and(|at| at.ends_with('Z')));
    // Старый адрес без версии и без слэша, и со слэшем на конце.
    let id = id_of(&made);
    for path in [format!("/api/products/{id}"), format!("/api/products/{id}/"), format!("/api/v1/products/{id}")] {
        assert_eq!(app.anon().get(&path).await.expect(200).json()["article"], "H-1");
    }
    app.close().await;
}

#[tokio::test]
async fn media_urls_become_media_in_order() {
    let app = shop().await;
    let urls = json!(["https://img.example/2.webp", "/static/1.webp"]);
    let made = add(&app, "M-1", json!({"media_urls": urls})).await;
    let media = made["media"].as_array().expect("media");
    assert_eq!(media[0]["url"], "https://img.example/2.webp");
    assert_eq!((&media[0]["order"], &media[1]["order"]), (&json!(0), &json!(1)));
    let bad = json!({"name": "Х", "article": "M-2", "price": 1, "media_urls": ["javascript:alert(1)"]});
    staff(&app).post("/api/v1/products/", bad).await.invalid("media_urls");
    app.close().await;
}

#[tokio::test]
async fn bad_bodies_name_their_field() {
    let app = shop().await;
    let good = json!({"name": "Худи", "article": "H-1", "price": 100});
    for (field, value) in [
        ("price", json!(0)),
        ("price", json!(-5)),
        ("price", json!(0.001)),
        ("price", json!("много")),
        ("price", json!(1e20)),
        ("order_type", json!("auction")),
        ("stock_count", json!(-1)),
        ("stock_count", json!(10_000_000_000i64)),
        ("name", json!("")),
        ("article", json!("  ")),
        ("article", json!("x".repeat(101))),
        ("vat_rate", json!(13)),
        ("slug", json!("Плохой адрес")),
        ("brand_id", json!(999)),
        ("category_id", json!(999)),
        ("attributes", json!({"net-takoy": 1})),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let problem = staff(&app).post("/api/v1/products/", body).await.expect(422).json();
        let named = problem["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .any(|e| e["field"].as_str().is_some_and(|name| name.starts_with(field)));
        assert!(named, "{field} = {value}: {problem}");
    }
    for field in ["name", "article", "price"] {
        let mut body = good.clone();
        body.as_object_mut().expect("object").remove(field);
        staff(&app).post("/api/v1/products/", body).await.invalid(field);
    }
    assert_eq!(app.anon().get("/api/v1/products/").await.json()["total"], 0);
    app.close().await;
}

#[tokio::test]
async fn article_is_unique_without_case() {
    let app = shop().await;
    add(&app, "Арт-Ё1", json!({})).await;
    let twin = json!({"name": "Другой", "article": " арт-е1 ", "price": 1});
    staff(&app).post("/api/v1/products/", twin).await.refused(400, "catalog.article_taken");
    let other = add(&app, "B-2", json!({})).await;
    let path = format!("/api/v1/products/{}", id_of(&other));
    staff(&app).put(&path, json!({"article": "АРТ-Ё1"})).await.refused(400, "catalog.article_taken");
    app.close().await;
}

#[tokio::test]
async fn same_names_get_different_slugs() {
    let app = shop().await;
    let first = add(&app, "A-1", json!({"name": "Стол «Дуб»"})).await;
    let second = add(&app, "A-2", json!({"name": "Стол «Дуб»"})).await;
    assert_eq!(first["slug"], "stol-dub");
    assert_eq!(second["slug"], "stol-dub-a-2");
    let taken = json!({"name": "Стул", "article": "A-3", "price": 1, "slug": "stol-dub"});
    staff(&app).post("/api/v1/products/", taken).await.refused(400, "catalog.slug_taken");
    app.close().await;
}

#[tokio::test]
async fn list_answers_with_the_contract_envelope() {
    let app = shop().await;
    for n in 0..12 {
        add(&app, &format!("L-{n}"), json!({"priority": n})).await;
    }
    let page = app.anon().get("/api/v1/products/?skip=5&limit=5").await.expect(200).json();
    assert_eq!(articles(&page), ["L-6", "L-5", "L-4", "L-3", "L-2"]);
    assert_eq!((&page["total"], &page["page"], &page["page_size"]), (&json!(12), &json!(2), &json!(5)));
    assert_eq!(
        app.anon().get("/api/products?page=2").await.expect(200).json()["products"].as_array().map(Vec::len),
        Some(2)
    );
    app.anon().get("/api/v1/products/?limit=101").await.invalid("limit");
    app.anon().get("/api/v1/products/?skip=-1").await.expect(422);
    app.anon().get("/api/v1/products/?utm_source=letter").await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn put_changes_only_what_was_sent() {
    let app = shop().await;
    let made = add(&app, "P-1", json!({"description": "было", "stock_count": 4, "old_price": 1500})).await;
    let path = format!("/api/v1/products/{}", id_of(&made));
    app.advance(chrono::TimeDelta::minutes(5));
    let after =
        staff(&app).put(&path, json!({"price": 900, "stock_count": 7, "old_price": null})).await.expect(200).json();
    assert_eq!((&after["price"], &after["stock_count"]), (&json!(900), &json!(7)));
    assert_eq!((&after["description"], &after["old_price"]), (&json!("было"), &json!(null)));
    assert_ne!(after["updated_at"], made["updated_at"]);
    assert_eq!(app.anon().get(&path).await.json()["price"], 900);
    staff(&app).patch(&path, json!({"order_type": "lottery"})).await.invalid("order_type");
    staff(&app).patch(&path, json!({"price": 0})).await.invalid("price");
    staff(&app).put("/api/v1/products/999999", json!({"price": 1})).await.refused(404, "catalog.product_not_found");
    app.close().await;
}

#[tokio::test]
async fn archive_hides_and_stops_the_sale() {
    let app = shop().await;
    let made = add(&app, "AR-1", json!({})).await;
    let path = format!("/api/v1/products/{}", id_of(&made));
    let archived = staff(&app).post(&format!("{path}/archive"), json!({})).await.expect(200).json();
    assert_eq!((&archived["is_archived"], &archived["is_active"]), (&json!(true), &json!(false)));
    app.anon().get(&path).await.refused(404, "catalog.product_not_found");
    let list = staff(&app).get("/api/v1/products/").await.json();
    assert_eq!(list["total"], 0);
    let shelf = staff(&app).get("/api/v1/products/?is_archived=true").await.json();
    assert_eq!(articles(&shelf), ["AR-1"]);
    staff(&app).patch(&path, json!({"is_active": true})).await.refused(400, "catalog.archived");
    staff(&app).patch(&path, json!({"is_active": true, "is_archived": false})).await.expect(200);
    app.anon().get(&path).await.expect(200);
    staff(&app).post("/api/v1/products/77/archive", json!({})).await.refused(404, "catalog.product_not_found");
    app.close().await;
}

#[tokio::test]
async fn ordered_product_is_not_deleted() {
    let app = shop().await;
    let made = factories::product(&app.ctx).stock(5).create().await;
    let lines = [stock::StockLine { inventory_item_id: made.items[0].id, quantity: 1, title: "x".into() }];
    let order = Subject::new("orders.order", 1);
    let owner = order.clone();
    let actor = Actor::System("test");
    app.ctx.atomic(&actor, async move |work: &mut Work| stock::claim(work, &owner, &lines).await).await.expect("claim");
    app.ctx.atomic(&actor, async move |work: &mut Work| stock::release(work, &order).await).await.expect("release");
    let path = format!("/api/v1/products/{}", made.product.id);
    staff(&app).delete(&path).await.refused(400, "catalog.product_in_use");
    app.anon().get(&path).await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn product_in_a_cart_is_not_deleted() {
    use sea_orm::ConnectionTrait;
    let app = shop().await;
    let made = factories::product(&app.ctx).create().await;
    let sql = format!("INSERT INTO baskets (variant_id) VALUES ({})", made.variants[0].id);
    app.ctx.db_handle().write.execute_unprepared(&sql).await.expect("basket");
    let path = format!("/api/v1/products/{}", made.product.id);
    staff(&app).delete(&path).await.refused(400, "catalog.product_in_use");
    app.close().await;
}

#[tokio::test]
async fn unused_product_is_deleted_with_everything_it_owns() {
    let app = shop().await;
    let made = add(&app, "D-1", json!({"stock_count": 3, "media_urls": ["/a.webp"], "sizes": ["S", "M"]})).await;
    let path = format!("/api/v1/products/{}", id_of(&made));
    staff(&app).delete(&path).await.expect(204);
    staff(&app).get(&path).await.refused(404, "catalog.product_not_found");
    staff(&app).delete(&path).await.refused(404, "catalog.product_not_found");
    app.close().await;
}

#[tokio::test]
async fn repeated_post_with_a_key_makes_one_product() {
    let app = shop().await;
    let keyed = staff(&app).header("idempotency-key", "povtor-1");
    let body = json!({"name": "Худи", "article": "I-1", "price": 100});
    let first = keyed.post("/api/v1/products/", body.clone()).await.expect(201);
    let again = keyed.post("/api/v1/products/", body).await.expect(201);
    assert_eq!(first.body, again.body);
    assert_eq!(app.anon().get("/api/v1/products/").await.json()["total"], 1);
    app.close().await;
}
