//! Занять и отпустить.

use catalog::models::product::OrderType;
use kernel::{Actor, Kind, Work};
use preorders::errors::SEATS_GONE;
use preorders::factories::preorder;
use preorders::services;

use crate::shop::{self, counts, give_back, owner, shown, take};

#[tokio::test]
async fn a_full_wave_opens_the_next_and_the_last_one_ends_the_sale() {
    let app = shop::open().await;
    let hoodie = preorder(&app.ctx, 2, 3).await;
    take(&app, &hoodie, 1, &[(1, 2)]).await.expect("taken");
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Preorder, 1, 2));
    take(&app, &hoodie, 2, &[(1, 1), (2, 1)]).await.expect("taken");
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Preorder, 2, 1));
    take(&app, &hoodie, 3, &[(2, 2)]).await.expect("taken");
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Waiting, 3, 0));
    let refused = take(&app, &hoodie, 4, &[(2, 1)]).await.expect_err("no seats");
    assert_eq!((refused.kind, refused.code), (Kind::Refused, SEATS_GONE));
    assert_eq!(counts(&app, &hoodie).await, [3, 3]);
    shop::close(app).await;
}

#[tokio::test]
async fn a_claim_is_all_or_nothing() {
    let app = shop::open().await;
    let hoodie = preorder(&app.ctx, 2, 2).await;
    take(&app, &hoodie, 1, &[(1, 1), (2, 3)]).await.expect_err("the second wave is too small");
    assert_eq!(counts(&app, &hoodie).await, [0, 0]);
    shop::close(app).await;
}

#[tokio::test]
async fn seats_are_released_once_and_sold_again() {
    let app = shop::open().await;
    let hoodie = preorder(&app.ctx, 1, 3).await;
    take(&app, &hoodie, 1, &[(1, 2)]).await.expect("taken");
    take(&app, &hoodie, 2, &[(1, 1)]).await.expect("taken");
    assert_eq!(shown(&app, &hoodie).await.0, OrderType::Waiting);
    give_back(&app, 1).await;
    give_back(&app, 1).await;
    give_back(&app, 777).await;
    assert_eq!(counts(&app, &hoodie).await, [1]);
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Preorder, 1, 1));
    shop::close(app).await;
}

/// Отпускают двадцать раз разом: места возвращаются один раз.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_releases_at_once_give_back_once() {
    let app = std::sync::Arc::new(shop::open().await);
    let hoodie = preorder(&app.ctx, 1, 10).await;
    take(&app, &hoodie, 1, &[(1, 4)]).await.expect("taken");
    take(&app, &hoodie, 2, &[(1, 4)]).await.expect("taken");
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let app = app.clone();
            tokio::spawn(async move { give_back(&app, 1).await })
        })
        .collect();
    for call in calls {
        call.await.expect("task");
    }
    assert_eq!(counts(&app, &hoodie).await, [4]);
    shop::close(std::sync::Arc::into_inner(app).expect("the only owner")).await;
}

/// Отмена, срок и отказ от оплаты отпускают один заказ в один миг: места возвращаются один раз.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn released_many_times_at_once_is_given_back_once() {
    let app = shop::open().await;
    let hoodie = preorder(&app.ctx, 1, 100).await;
    for id in 1..=5 {
        take(&app, &hoodie, id, &[(1, 3)]).await.expect("taken");
    }
    let calls: Vec<_> = (0..40)
        .map(|n| {
            let ctx = app.ctx.clone();
            let release = async move |work: &mut Work| services::release(work, &owner(n % 4 + 1)).await;
            tokio::spawn(async move { ctx.atomic(&Actor::System("test"), release).await })
        })
        .collect();
    for call in calls {
        call.await.expect("task").expect("released");
    }
    assert_eq!(counts(&app, &hoodie).await, [3]);
    shop::close(app).await;
}
