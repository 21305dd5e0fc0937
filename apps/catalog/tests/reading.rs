//! Страница товара, ETag, подборки, избранное, просмотренное.

use kernel::{Actor, Subject, Work};
use megashop_catalog::factories::{self, Made};
use megashop_catalog::services::stock::{self, StockLine};
use serde_json::json;
use testkit::TestApp;

use crate::support::{add, articles, customer, id_of, shop, staff};

#[tokio::test]
async fn etag_changes_with_the_product_and_its_stock() {
    let app = shop().await;
    let made = factories::product(&app.ctx).stock(5).create().await;
    for path in [format!("/api/v1/products/{}", made.product.id), "/api/v1/products/".to_owned()] {
        let first = app.anon().get(&path).await.expect(200);
        let tag = first.header("etag").expect("etag").to_owned();
        app.anon().header("if-none-match", &tag).get(&path).await.expect(304);
        order(&app, &path, &[(&made, 1)]).await;
        let after = app.anon().header("if-none-match", &tag).get(&path).await.expect(200);
        assert_ne!(after.header("etag"), Some(tag.as_str()));
    }
    let seen = app.anon().get(&format!("/api/v1/products/{}", made.product.id)).await.json();
    assert_eq!(seen["stock_count"], 3);
    app.close().await;
}

/// Заказ `id` занимает по столько штук каждого товара.
async fn order(app: &TestApp, id: &str, goods: &[(&Made, i64)]) {
    let lines: Vec<StockLine> = goods
        .iter()
        .map(|(made, quantity)| StockLine {
            inventory_item_id: made.items[0].id,
            quantity: *quantity,
            title: made.product.name.clone(),
        })
        .collect();
    let owner = Subject::new("orders.order", id);
    let claimed =
        app.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| stock::claim(work, &owner, &lines).await);
    claimed.await.expect("claim");
}

#[tokio::test]
async fn detail_names_shelves_and_attributes() {
    let app = shop().await;
    let boss = staff(&app);
    let shelf = boss.post("/api/v1/categories/", json!({"name": "Свет"})).await.expect(201).json();
    let width = json!({"name": "Высота", "slug": "height", "kind": "number", "unit": "см"});
    boss.post("/api/v1/attributes/", width).await.expect(201);
    let made = add(
        &app,
        "D-1",
        json!({"category": "svet", "cost_price": 10, "attributes": {"height": 12.50},
        "dimensions": {"width": 100, "height": 125, "depth": 100}, "tags": ["тёплый"], "vat_rate": 20,
        "size_table": {"columns": ["Размер"], "rows": [["S"]]}}),
    )
    .await;
    let seen = app.anon().get(&format!("/api/v1/products/by-slug/{}", made["slug"].as_str().expect("slug"))).await;
    let seen = seen.expect(200).json();
    assert_eq!(seen["category"], json!({"id": shelf["id"], "name": "Свет", "slug": "svet"}));
    assert_eq!(seen["attributes"][0]["values"], json!([{"value": "12.5", "title": "12.5"}]));
    assert_eq!(seen["attributes"][0]["unit"], "см");
    assert_eq!(seen["dimensions"], json!({"width": 100, "height": 125, "depth": 100}));
    assert_eq!((&seen["tags"], &seen["vat_rate"]), (&json!(["тёплый"]), &json!(20)));
    assert_eq!(seen["size_table"]["rows"], json!([["S"]]));
    assert!(seen.get("cost_price").is_none(), "the public never sees the cost");
    let list = app.anon().get("/api/v1/products/").await.json();
    assert!(list["products"][0].get("cost_price").is_none());
    assert_eq!(made["cost_price"], 10);
    let path = format!("/api/v1/products/{}", id_of(&made));
    boss.patch(&path, json!({"attributes": {"height": []}})).await.expect(200);
    assert_eq!(app.anon().get(&path).await.json()["attributes"], json!([]));
    app.close().await;
}

#[tokio::test]
async fn similar_are_near_in_price_on_the_same_shelf() {
    let app = shop().await;
    let boss = staff(&app);
    for name in ["Свет", "Столы"] {
        boss.post("/api/v1/categories/", json!({"name": name})).await.expect(201);
    }
    let lamp = add(&app, "L", json!({"category": "svet", "price": 500})).await;
    add(&app, "NEAR", json!({"category": "svet", "price": 450})).await;
    add(&app, "FAR", json!({"category": "svet", "price": 5000})).await;
    add(&app, "OTHER", json!({"category": "stoly", "price": 500})).await;
    add(&app, "OFF", json!({"category": "svet", "price": 500, "is_active": false})).await;
    let path = format!("/api/v1/products/{}/similar", id_of(&lamp));
    assert_eq!(articles(&app.anon().get(&path).await.expect(200).json()), ["NEAR", "FAR"]);
    app.close().await;
}

#[tokio::test]
async fn bought_together_counts_orders() {
    let app = shop().await;
    let [lamp, bulb, shade] = [
        factories::product(&app.ctx).create().await,
        factories::product(&app.ctx).create().await,
        factories::product(&app.ctx).create().await,
    ];
    order(&app, "1", &[(&lamp, 1), (&shade, 1)]).await;
    order(&app, "2", &[(&lamp, 1), (&bulb, 3)]).await;
    order(&app, "3", &[(&lamp, 1), (&bulb, 1)]).await;
    order(&app, "4", &[(&shade, 5)]).await;
    let path = format!("/api/v1/products/{}/bought-together", lamp.product.id);
    let seen = articles(&app.anon().get(&path).await.expect(200).json());
    assert_eq!(seen, [bulb.product.article.as_str(), shade.product.article.as_str()]);
    app.close().await;
}

#[tokio::test]
async fn favourites_belong_to_their_owner() {
    let app = shop().await;
    let (ann, bob) = (customer(&app, 11), customer(&app, 12));
    let made = factories::product(&app.ctx).create().await;
    let hidden = factories::product(&app.ctx).with(|p| p.is_active = Some(false)).create().await;
    let id = made.product.id;
    for _ in 0..2 {
        ann.post("/api/v1/favorites/", json!({"product_id": id})).await.expect(201);
    }
    ann.post("/api/v1/favorites/", json!({"product_id": hidden.product.id}))
        .await
        .refused(404, "catalog.product_not_found");
    let mine = ann.get("/api/v1/favorites/").await.expect(200).json();
    assert_eq!((articles(&mine), &mine["total"]), (vec![made.product.article.clone()], &json!(1)));
    assert_eq!(bob.get("/api/v1/favorites/").await.json()["total"], 0);
    bob.delete(&format!("/api/v1/favorites/{id}")).await.refused(404, "catalog.favourite_not_found");
    assert_eq!(ann.get("/api/v1/favorites/").await.json()["total"], 1);
    ann.delete(&format!("/api/v1/favorites/{id}")).await.expect(204);
    assert_eq!(ann.get("/api/v1/favorites/").await.json()["total"], 0);
    app.close().await;
}

#[tokio::test]
async fn recently_viewed_are_newest_first_and_own() {
    let app = shop().await;
    let ann = customer(&app, 11);
    let first = factories::product(&app.ctx).create().await;
    let second = factories::product(&app.ctx).create().await;
    for made in [&first, &second, &first] {
        app.advance(chrono::TimeDelta::seconds(1));
        ann.post("/api/v1/recently-viewed/", json!({"product_id": made.product.id})).await.expect(204);
    }
    let seen = articles(&ann.get("/api/v1/recently-viewed/").await.expect(200).json());
    assert_eq!(seen, [first.product.article.as_str(), second.product.article.as_str()]);
    assert_eq!(articles(&customer(&app, 12).get("/api/v1/recently-viewed/").await.json()), Vec::<String>::new());
    app.close().await;
}

#[tokio::test]
async fn models_match_the_tables() {
    let app = shop().await;
    app.assert_no_drift().await;
    assert_eq!(app.ctx.texts().unpaired(), Vec::<String>::new());
    app.close().await;
}
