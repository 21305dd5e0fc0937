//! Размеры и варианты: общий и свой остаток, цены, удаление.

use kernel::Work;
use megashop_catalog::queries::{sellable, variant_for};
use megashop_catalog::{factories, queries};
use serde_json::{Value, json};

use crate::support::{add, id_of, shop, staff};

fn stocks(product: &Value) -> Vec<(String, i64, bool)> {
    let variants = product["variants"].as_array().expect("variants");
    let row = |v: &Value| {
        (
            v["title"].as_str().unwrap_or_default().to_owned(),
            v["stock_count"].as_i64().unwrap_or(-1),
            v["shared_stock"] == json!(true),
        )
    };
    variants.iter().map(row).collect()
}

#[tokio::test]
async fn sizes_as_strings_share_one_stock() {
    let app = shop().await;
    let made = add(&app, "V-1", json!({"sizes": ["Oki", "Big"], "stock_count": 30})).await;
    assert_eq!((&made["sizes"], &made["stock_count"]), (&json!(["Oki", "Big"]), &json!(30)));
    assert_eq!(stocks(&made), [("Oki".into(), 30, true), ("Big".into(), 30, true)]);
    app.close().await;
}

#[tokio::test]
async fn sizes_as_objects_have_their_own_stock_and_price() {
    let app = shop().await;
    let sizes = json!([{"size": "S", "stock_count": 2}, {"size": "M", "stock_count": 3, "price": 1500}, "L"]);
    let made = add(&app, "V-2", json!({"sizes": sizes, "stock_count": 4})).await;
    assert_eq!(made["stock_count"], 9);
    assert_eq!(stocks(&made), [("S".into(), 2, false), ("M".into(), 3, false), ("L".into(), 4, false)]);
    assert_eq!(made["variants"][1]["price"], 1500);
    assert_eq!(made["variants"][0]["price"], 1000);
    let path = format!("/api/v1/products/{}", id_of(&made));
    staff(&app).put(&path, json!({"stock_count": 5})).await.refused(400, "catalog.stock_per_variant");
    let twice = json!({"name": "Т", "article": "V-3", "price": 1, "sizes": ["S", " s "]});
    staff(&app).post("/api/v1/products/", twice).await.invalid("sizes[1]");
    let blank = json!({"name": "Т", "article": "V-3", "price": 1, "sizes": ["  "]});
    staff(&app).post("/api/v1/products/", blank).await.expect(422);
    app.close().await;
}

#[tokio::test]
async fn variants_have_options_articles_and_price_rules() {
    let app = shop().await;
    let variants = json!([
        {"size": "M", "options": {"цвет": "синий"}, "article": "V-4-MB", "price_delta": 200, "stock_count": 1},
        {"size": "M", "options": {"цвет": "красный"}, "price_delta": -100},
    ]);
    let made = add(&app, "V-4", json!({"variants": variants, "stock_count": 8})).await;
    let id = id_of(&made);
    assert_eq!(made["variants"][0]["title"], "M / синий");
    assert_eq!((&made["variants"][0]["price"], &made["variants"][1]["price"]), (&json!(1200), &json!(900)));
    let path = format!("/api/v1/products/{id}");
    staff(&app).patch(&path, json!({"price": 100})).await.refused(400, "catalog.variant_price");
    let same = json!({"size": "m", "options": {"Цвет": "СИНИЙ"}});
    staff(&app).post(&format!("{path}/variants"), same).await.refused(400, "catalog.variant_taken");
    let article = json!({"size": "L", "article": "v-4-mb"});
    staff(&app).post(&format!("{path}/variants"), article).await.refused(400, "catalog.variant_taken");
    let both = json!({"size": "L", "price": 5, "price_delta": 1});
    staff(&app).post(&format!("{path}/variants"), both).await.invalid("price_delta");
    let added =
        staff(&app).post(&format!("{path}/variants"), json!({"size": "L", "stock_count": 6})).await.expect(201).json();
    assert_eq!((&added["stock_count"], &added["order"]), (&json!(6), &json!(2)));
    let own = format!("{path}/variants/{}", id_of(&added));
    let changed = staff(&app).patch(&own, json!({"price": 2000, "stock_count": 1})).await.expect(200).json();
    assert_eq!((&changed["price"], &changed["stock_count"]), (&json!(2000), &json!(1)));
    let changed = staff(&app).patch(&own, json!({"price": null})).await.expect(200).json();
    assert_eq!(changed["price"], 1000);
    staff(&app).delete(&own).await.expect(204);
    staff(&app).patch(&own, json!({"price": 1})).await.refused(404, "catalog.variant_not_found");
    app.close().await;
}

#[tokio::test]
async fn a_foreign_variant_is_not_found() {
    let app = shop().await;
    let mine = add(&app, "V-5", json!({"sizes": ["S", "M"]})).await;
    let other = add(&app, "V-6", json!({"sizes": ["S", "M"]})).await;
    let path = format!("/api/v1/products/{}/variants/{}", id_of(&other), mine["variants"][0]["id"]);
    staff(&app).patch(&path, json!({"order": 5})).await.refused(404, "catalog.variant_not_found");
    staff(&app).delete(&path).await.refused(404, "catalog.variant_not_found");
    app.close().await;
}

#[tokio::test]
async fn the_last_variant_stays() {
    let app = shop().await;
    let made = add(&app, "V-7", json!({})).await;
    let path = format!("/api/v1/products/{}/variants/{}", id_of(&made), made["variants"][0]["id"]);
    staff(&app).delete(&path).await.refused(400, "catalog.last_variant");
    app.close().await;
}

#[tokio::test]
async fn new_sizes_replace_the_old_set() {
    let app = shop().await;
    let made = add(&app, "V-8", json!({"stock_count": 5})).await;
    let path = format!("/api/v1/products/{}", id_of(&made));
    // Товар продавался целиком; размеры берут его общий остаток.
    let sized = staff(&app).put(&path, json!({"sizes": ["S", "M"]})).await.expect(200).json();
    assert_eq!((&sized["sizes"], &sized["stock_count"]), (&json!(["S", "M"]), &json!(5)));
    // Порядок и состав — как в последнем списке; M получает свой остаток, L — общий.
    let sizes = json!([{"size": "M", "stock_count": 2}, "L"]);
    let after = staff(&app).put(&path, json!({"sizes": sizes})).await.expect(200).json();
    assert_eq!((&after["sizes"], &after["stock_count"]), (&json!(["M", "L"]), &json!(7)));
    // Размеров больше нет: снова один общий остаток.
    let whole = staff(&app).put(&path, json!({"sizes": []})).await.expect(200).json();
    assert_eq!((&whole["sizes"], &whole["stock_count"]), (&json!([]), &json!(5)));
    app.close().await;
}

#[tokio::test]
async fn product_and_size_name_a_variant() {
    let app = shop().await;
    let db = app.ctx.db();
    let plain = factories::product(&app.ctx).create().await;
    let sized = factories::product(&app.ctx).sizes(&["Oki", "Big"]).create().await;
    let single = factories::product(&app.ctx).sizes(&["Big"]).create().await;
    let code =
        |result: kernel::Result<megashop_catalog::models::variant::Model>| result.map(|v| v.id).map_err(|e| e.code);
    assert_eq!(code(variant_for(db, plain.product.id, None).await), Ok(plain.variants[0].id));
    // Размер у товара без размеров не проверяют: так шлют старые клиенты.
    assert_eq!(code(variant_for(db, plain.product.id, Some("M")).await), Ok(plain.variants[0].id));
    assert_eq!(code(variant_for(db, sized.product.id, Some(" big ")).await), Ok(sized.variants[1].id));
    assert_eq!(code(variant_for(db, sized.product.id, Some("XL")).await), Err("catalog.unknown_size"));
    assert_eq!(code(variant_for(db, sized.product.id, None).await), Err("catalog.size_required"));
    assert_eq!(code(variant_for(db, sized.product.id, Some("")).await), Err("catalog.size_required"));
    assert_eq!(code(variant_for(db, single.product.id, None).await), Ok(single.variants[0].id));
    assert_eq!(code(variant_for(db, 999, Some("M")).await), Err("catalog.product_not_found"));
    app.close().await;
}

#[tokio::test]
async fn sellable_tells_all_a_cart_needs() {
    let app = shop().await;
    let made = factories::product(&app.ctx)
        .price(2500)
        .size_stock(&[("S", 3), ("M", 0)])
        .with(|p| {
            p.media_urls = vec!["/first.webp".into(), "/second.webp".into()];
            p.vat_rate = Some(20);
            p.weight = Some(700);
        })
        .create()
        .await;
    let ids: Vec<i64> = made.variants.iter().map(|v| v.id).collect();
    let rows = sellable(app.ctx.db(), &[ids[1], ids[0], 999]).await.expect("sellable");
    assert_eq!(rows.iter().map(|row| row.variant_id).collect::<Vec<_>>(), ids);
    let first = &rows[0];
    assert_eq!(
        (first.available, first.price, first.weight, first.vat_rate),
        (3, kernel::Money::rub(2500), Some(700), Some(20))
    );
    assert_eq!((first.size.as_deref(), first.image_url.as_deref()), (Some("S"), Some("/first.webp")));
    assert_eq!(first.title(), format!("{}, S", made.product.name));
    let now = app.ctx.now().naive_utc();
    assert!(first.on_sale(now) && rows[1].available == 0);
    let id = made.product.id;
    let archived = app.ctx.atomic(&kernel::Actor::System("test"), async move |work: &mut Work| {
        megashop_catalog::services::archive_product(work, id).await
    });
    archived.await.expect("archive");
    let rows = queries::sellable(app.ctx.db(), &ids).await.expect("sellable");
    assert!(rows.iter().all(|row| !row.is_active && row.is_archived && !row.on_sale(now)));
    app.close().await;
}
