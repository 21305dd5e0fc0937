use cart::CartOwner;
use catalog::factories::product;
use kernel::{Actor, Work};
use serde_json::json;

use crate::shop::{self, ITEMS, cart, count, customer, put};

#[tokio::test]
async fn the_same_variant_adds_up_and_sizes_are_lines_of_their_own() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let chair = product(&app.ctx).price(100).stock(10).create().await;
    let shirt = product(&app.ctx).price(50).sizes(&["Oki", "Big"]).stock(10).create().await;

    let empty = cart(&anna).await;
    assert!(empty["id"].is_i64() && empty["created_at"].is_string());
    assert_eq!((&empty["items"], &empty["total_amount"]), (&json!([]), &json!(0)));
    let first = put(&anna, &chair, 2).await.expect(201).json();
    let second = put(&anna, &chair, 3).await.expect(201).json();
    assert_eq!((&second["id"], &second["quantity"]), (&first["id"], &json!(5)));
    assert_eq!((&second["product_name"], &second["product_price"]), (&json!(chair.product.name), &json!(100)));
    assert_eq!(second["product_article"], json!(chair.product.article));
    for size in ["Oki", "big", "Big"] {
        anna.post(ITEMS, json!({"product_id": shirt.product.id, "size": size})).await.expect(201);
    }
    let view = cart(&anna).await;
    let lines: Vec<_> =
        view["items"].as_array().expect("items").iter().map(|i| (i["size"].clone(), i["quantity"].clone())).collect();
    assert_eq!(lines, [(json!(null), json!(5)), (json!("Oki"), json!(1)), (json!("Big"), json!(2))]);
    assert_eq!((&view["total_items"], &view["total_amount"]), (&json!(8), &json!(650)));
    assert_eq!((&view["id"], view["user_id"].is_string()), (&empty["id"], true));
    assert_eq!(count(&anna).await, 8);
    shop::close(app).await;
}

#[tokio::test]
async fn what_cannot_be_bought_cannot_be_added() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let few = product(&app.ctx).stock(3).create().await;
    let hidden = product(&app.ctx).with(|p| p.is_active = Some(false)).create().await;
    let shirt = product(&app.ctx).sizes(&["S", "M"]).create().await;
    let waiting =
        product(&app.ctx).with(|p| p.order_type = catalog::models::product::OrderType::Waiting).create().await;

    anna.post(ITEMS, json!({"product_id": 777_777})).await.refused(404, "catalog.product_not_found");
    put(&anna, &hidden, 1).await.refused(400, "cart.not_on_sale");
    put(&anna, &waiting, 1).await.refused(400, "cart.waiting");
    put(&anna, &shirt, 1).await.refused(400, "catalog.size_required");
    anna.post(ITEMS, json!({"product_id": shirt.product.id, "size": "XL"})).await.refused(400, "catalog.unknown_size");
    let refusal = put(&anna, &few, 4).await.refused(400, "cart.out_of_stock");
    assert!(refusal["detail"].as_str().is_some_and(|text| text.contains("Недостаточно")), "{refusal}");
    put(&anna, &few, 2).await.expect(201);
    put(&anna, &few, 2).await.refused(400, "cart.out_of_stock");
    for quantity in
        [json!(0), json!(-1), json!(10_001), json!(0.5), json!("1e3"), json!(null), json!([1]), json!(i64::MAX)]
    {
        anna.post(ITEMS, json!({"product_id": few.product.id, "quantity": quantity})).await.invalid("quantity");
    }
    assert_eq!(count(&anna).await, 2);
    shop::close(app).await;
}

#[tokio::test]
async fn a_line_holds_ten_thousand_and_a_cart_two_hundred_lines() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let nails = product(&app.ctx).stock(1_000_000).create().await;
    put(&anna, &nails, 10_000).await.expect(201);
    put(&anna, &nails, 1).await.refused(400, "cart.too_many_pieces");

    let sizes: Vec<String> = (0..200).map(|n| format!("№{n}")).collect();
    let many = product(&app.ctx).sizes(&sizes.iter().map(String::as_str).collect::<Vec<_>>()).create().await;
    let user = accounts::factories::customer(&app.ctx).await;
    let owner = CartOwner::User(user.user_id);
    let (variants, last) = (many.variants.clone(), nails.variants[0].id);
    let full = owner.clone();
    app.ctx
        .atomic(&Actor::System("test"), async move |work: &mut Work| {
            for variant in &variants {
                cart::services::add_item(work, &full, variant.id, 1).await?;
            }
            Ok(())
        })
        .await
        .expect("two hundred lines");
    let extra = app.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
        cart::services::add_item(work, &owner, last, 1).await.map(|_| ())
    });
    assert_eq!(extra.await.expect_err("line 201").code, "cart.too_many_lines");
    shop::close(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_clicks_at_once_add_up_to_fifty() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let chair = product(&app.ctx).stock(1000).create().await;
    let calls = (0..50).map(|_| {
        let (anna, chair) = (anna.clone(), chair.clone());
        tokio::spawn(async move { put(&anna, &chair, 1).await.expect(201) })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("task");
    }
    let view = cart(&anna).await;
    assert_eq!(view["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(view["total_items"], 50);
    shop::close(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_clicks_never_pass_the_stock() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    let rare = product(&app.ctx).stock(7).create().await;
    put(&anna, &rare, 1).await.expect(201);
    let calls = (0..20).map(|_| {
        let (anna, rare) = (anna.clone(), rare.clone());
        tokio::spawn(async move { put(&anna, &rare, 1).await.status })
    });
    let mut statuses = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        statuses.push(call.await.expect("task"));
    }
    assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 6, "{statuses:?}");
    assert!(statuses.iter().all(|s| matches!(s, 201 | 400)), "{statuses:?}");
    assert_eq!(count(&anna).await, 7);
    shop::close(app).await;
}

#[tokio::test]
async fn lines_are_changed_and_removed_by_their_owner_only() {
    let app = shop::open().await;
    let (anna, boris) = (customer(&app).await, customer(&app).await);
    let chair = product(&app.ctx).price(100).stock(10).create().await;
    let id = put(&anna, &chair, 2).await.expect(201).json()["id"].as_i64().expect("id");
    let path = format!("{ITEMS}/{id}");

    for stranger in [&boris, &app.anon()] {
        stranger.put(&path, json!({"quantity": 1})).await.refused(404, "cart.item_not_found");
        stranger.delete(&path).await.refused(404, "cart.item_not_found");
    }
    let changed = anna.put(&path, json!({"quantity": 7})).await.expect(200).json();
    assert_eq!((&changed["quantity"], &changed["amount"]), (&json!(7), &json!(700)));
    anna.put(&path, json!({"quantity": 11})).await.refused(400, "cart.out_of_stock");
    anna.put(&path, json!({"quantity": 0})).await.invalid("quantity");
    anna.put(&path, json!({})).await.invalid("quantity");
    assert_eq!(count(&anna).await, 7);

    anna.delete(&path).await.expect(204);
    anna.delete(&path).await.refused(404, "cart.item_not_found");
    put(&anna, &chair, 1).await.expect(201);
    put(&boris, &chair, 1).await.expect(201);
    anna.delete(shop::CART).await.expect(204);
    anna.delete(shop::CART).await.expect(204);
    assert_eq!((count(&anna).await, count(&boris).await), (json!(0), json!(1)));
    shop::close(app).await;
}

#[tokio::test]
async fn models_match_the_tables_and_texts_have_pairs() {
    let app = shop::open().await;
    app.assert_no_drift().await;
    let cart_texts: Vec<_> = app.ctx.texts().unpaired().into_iter().filter(|key| key.contains(" cart.")).collect();
    assert!(cart_texts.is_empty(), "{cart_texts:?}");
    shop::close(app).await;
}
