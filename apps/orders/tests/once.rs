use catalog::factories::product;
use orders::models::Order;
use sea_orm::{EntityTrait, PaginatorTrait};

use crate::shop::{self, ORDERS, body, bought, customer, stock};

#[tokio::test(flavor = "multi_thread")]
async fn one_key_fifty_times_is_one_order() {
    let app = shop::open().await;
    let chair = product(&app.ctx).stock(100).create().await;
    let (anna, boris) = (customer(&app).await, customer(&app).await);
    let keyed = anna.client.clone().header("idempotency-key", "checkout-1");
    let calls = (0..50).map(|_| {
        let (client, wanted) = (keyed.clone(), body(&[(&chair, 2)]));
        tokio::spawn(async move { client.post(ORDERS, wanted).await.expect(201).body })
    });
    let mut bodies = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        bodies.push(call.await.expect("task"));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "answers differ");
    assert_eq!(Order::find().count(app.ctx.db_fresh()).await.expect("count"), 1);
    assert_eq!(stock(&app, &chair).await, (100, 2, 98));

    keyed.post(ORDERS, body(&[(&chair, 3)])).await.refused(422, "idempotency.other_body");
    let other = boris.client.clone().header("idempotency-key", "checkout-1");
    let his = bought(&other, &[(&chair, 2)]).await;
    assert_ne!(
        his["order_number"],
        serde_json::from_slice::<serde_json::Value>(&bodies[0]).expect("json")["order_number"]
    );
    assert_eq!(stock(&app, &chair).await, (100, 4, 96));
    shop::close(app).await;
}

#[tokio::test]
async fn a_refused_order_may_be_repeated_with_its_key() {
    let app = shop::open().await;
    let rare = product(&app.ctx).stock(1).create().await;
    let (anna, boris) = (customer(&app).await, customer(&app).await);
    let first = bought(&boris.client, &[(&rare, 1)]).await;
    let keyed = anna.client.clone().header("idempotency-key", "again");
    keyed.post(ORDERS, body(&[(&rare, 1)])).await.refused(400, "catalog.out_of_stock");
    boris.client.post(&format!("{ORDERS}{}/cancel", first["id"]), serde_json::json!({})).await.expect(200);
    let order = keyed.post(ORDERS, body(&[(&rare, 1)])).await.expect(201);
    let replay = keyed.post(ORDERS, body(&[(&rare, 1)])).await.expect(201);
    assert_eq!((order.body.clone(), replay.header("idempotency-replayed")), (replay.body.clone(), Some("true")));
    shop::close(app).await;
}

/// Последнюю вещь покупает один и тот же запрос дважды разом: опоздавшему нечего занять, но ответ для него уже готов.
#[tokio::test(flavor = "multi_thread")]
async fn the_twin_of_an_order_for_the_last_piece_gets_its_answer() {
    let app = shop::open().await;
    let anna = customer(&app).await;
    for round in 0..5 {
        let rare = product(&app.ctx).stock(1).create().await;
        let keyed = anna.client.clone().header("idempotency-key", &format!("last-{round}"));
        let calls = [0, 1].map(|_| {
            let (client, wanted) = (keyed.clone(), body(&[(&rare, 1)]));
            tokio::spawn(async move { client.post(ORDERS, wanted).await.expect(201).body })
        });
        let [first, second] = calls;
        assert_eq!(first.await.expect("task"), second.await.expect("task"));
        assert_eq!(stock(&app, &rare).await, (1, 1, 0));
        let late = keyed.post(ORDERS, body(&[(&rare, 1)])).await.expect(201);
        assert_eq!(late.header("idempotency-replayed"), Some("true"));
    }
    assert_eq!(Order::find().count(app.ctx.db_fresh()).await.expect("count"), 5);
    shop::close(app).await;
}
