use catalog::factories::product;
use serde_json::json;

use crate::shop::{self, ITEMS, cart, count, customer, put};

#[tokio::test]
async fn a_guest_gets_a_token_with_the_first_line() {
    let app = shop::open().await;
    let chair = product(&app.ctx).create().await;
    let empty = cart(&app.anon()).await;
    assert_eq!((&empty["id"], &empty["total_items"], &empty["items"]), (&json!(null), &json!(0), &json!([])));
    assert_eq!(count(&app.anon()).await, 0);

    let added = put(&app.anon(), &chair, 2).await.expect(201);
    let token = added.header("x-cart-token").expect("token").to_owned();
    assert_eq!(token.len(), 32);
    let cookie = added.header("set-cookie").expect("cookie");
    assert!(
        cookie.starts_with(&format!("cart={token}; "))
            && cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );

    let guest = app.anon().header("x-cart-token", &token);
    assert!(put(&guest, &chair, 1).await.expect(201).header("x-cart-token").is_none());
    assert_eq!(count(&guest).await, 3);
    let by_cookie = app.anon().header("cookie", &format!("theme=dark; cart={token}"));
    assert_eq!(count(&by_cookie).await, 3);
    shop::close(app).await;
}

#[tokio::test]
async fn an_invented_token_opens_nothing_and_becomes_nobody_s() {
    let app = shop::open().await;
    let chair = product(&app.ctx).create().await;
    let invented = "0123456789abcdef0123456789abcdef";
    let guest = app.anon().header("x-cart-token", invented);
    assert_eq!(count(&guest).await, 0);
    let added = put(&guest, &chair, 1).await.expect(201);
    let token = added.header("x-cart-token").expect("a new token");
    assert_ne!(token, invented);
    assert_eq!(count(&guest).await, 0);
    for broken in ["", "short", "0123456789ABCDEF0123456789ABCDEF", "../../etc/passwd................"] {
        assert_eq!(count(&app.anon().header("x-cart-token", broken)).await, 0);
    }
    shop::close(app).await;
}

#[tokio::test]
async fn guests_do_not_see_each_other() {
    let app = shop::open().await;
    let chair = product(&app.ctx).create().await;
    let one = put(&app.anon(), &chair, 1).await.expect(201);
    let two = put(&app.anon(), &chair, 1).await.expect(201);
    let other = app.anon().header("x-cart-token", two.header("x-cart-token").expect("token"));
    let path = format!("{ITEMS}/{}", one.json()["id"]);
    other.put(&path, json!({"quantity": 5})).await.refused(404, "cart.item_not_found");
    other.delete(&path).await.refused(404, "cart.item_not_found");
    shop::close(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guest_cart_joins_the_customer_s_once() {
    let app = shop::open().await;
    let chair = product(&app.ctx).price(100).stock(100).create().await;
    let lamp = product(&app.ctx).price(10).stock(100).create().await;
    let added = put(&app.anon(), &chair, 2).await.expect(201);
    let token = added.header("x-cart-token").expect("token").to_owned();
    let guest = app.anon().header("x-cart-token", &token);
    put(&guest, &lamp, 1).await.expect(201);
    let login = accounts::factories::customer(&app.ctx).await;
    let anna = app.anon().bearer(&login.token);
    put(&anna, &chair, 3).await.expect(201);

    // Десять вкладок разом после входа: прибавится один раз.
    let with_token = anna.clone().header("x-cart-token", &token);
    let calls = (0..10).map(|_| {
        let tab = with_token.clone();
        tokio::spawn(async move { cart(&tab).await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("task");
    }
    let view = cart(&with_token).await;
    assert_eq!((&view["total_items"], &view["total_amount"]), (&json!(6), &json!(510)));
    assert_eq!(view["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(count(&guest).await, 0);
    assert_eq!(count(&anna).await, 6);
    shop::close(app).await;
}

#[tokio::test]
async fn merging_stops_at_the_limit_of_a_line() {
    let app = shop::open().await;
    let nails = product(&app.ctx).stock(1_000_000).create().await;
    let token = put(&app.anon(), &nails, 9_000).await.expect(201).header("x-cart-token").expect("token").to_owned();
    let anna = customer(&app).await;
    put(&anna, &nails, 9_000).await.expect(201);
    let merged = cart(&anna.clone().header("x-cart-token", &token)).await;
    assert_eq!(merged["items"][0]["quantity"], 10_000);
    shop::close(app).await;
}

#[tokio::test]
async fn a_bad_access_token_is_refused_even_with_a_cart_token() {
    let app = shop::open().await;
    app.anon().bearer("nonsense").get(shop::CART).await.refused(401, "auth.unauthorized");
    app.close().await;
}
