use cart::CartOwner;
use cart::models::Cart;
use catalog::factories::product;
use chrono::TimeDelta;
use kernel::{Actor, Work};
use sea_orm::EntityTrait;
use sea_orm::PaginatorTrait;

use crate::shop::{self, count, customer, put};

#[tokio::test]
async fn forgotten_guest_carts_go_and_customers_stay() {
    let app = shop::open().await;
    app.run_jobs().await;
    let chair = product(&app.ctx).create().await;
    let anna = customer(&app).await;
    put(&anna, &chair, 1).await.expect(201);
    put(&app.anon(), &chair, 1).await.expect(201);
    let kept = put(&app.anon(), &chair, 1).await.expect(201);
    let fresh = app.anon().header("x-cart-token", kept.header("x-cart-token").expect("token"));
    app.advance(TimeDelta::days(40));
    put(&fresh, &chair, 1).await.expect(201);
    app.advance(TimeDelta::days(21));
    app.run_jobs().await;
    assert_eq!(Cart::find().count(app.ctx.db_fresh()).await.expect("count"), 2);
    assert_eq!(count(&fresh).await, 2);
    app.close().await;
}

#[tokio::test]
async fn taking_the_lines_empties_the_cart_once() {
    let app = shop::open().await;
    let chair = product(&app.ctx).create().await;
    let user = accounts::factories::customer(&app.ctx).await;
    let anna = app.anon().bearer(&user.token);
    put(&anna, &chair, 4).await.expect(201);
    let take = async || {
        let owner = CartOwner::User(user.user_id);
        let taken = app.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
            cart::services::take_lines(work, &owner).await
        });
        taken.await.expect("lines")
    };
    let lines = take().await;
    assert_eq!(lines, [cart::services::CartLine { variant_id: chair.variants[0].id, quantity: 4 }]);
    assert!(take().await.is_empty());
    assert_eq!(count(&anna).await, 0);
    shop::close(app).await;
}

#[tokio::test]
async fn an_erased_customer_leaves_no_cart() {
    let app = shop::open().await;
    let chair = product(&app.ctx).create().await;
    let anna = customer(&app).await;
    put(&anna, &chair, 1).await.expect(201);
    anna.delete("/api/v1/users/me").await.expect(204);
    app.run_jobs().await;
    assert_eq!(Cart::find().count(app.ctx.db_fresh()).await.expect("count"), 0);
    app.close().await;
}
