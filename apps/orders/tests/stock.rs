use catalog::factories::{Made, product};
use orders::models::Order;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use testkit::{Client, TestApp};

use crate::shop::{self, ORDERS, buy, customer, stock};

async fn buyers(app: &TestApp, count: usize) -> Vec<Client> {
    let mut clients = Vec::new();
    for _ in 0..count {
        clients.push(customer(app).await.client);
    }
    clients
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_buyers_and_ten_pieces() {
    let app = shop::open().await;
    let rare = product(&app.ctx).stock(10).create().await;
    let calls: Vec<_> = buyers(&app, 200)
        .await
        .into_iter()
        .map(|client| {
            let rare = rare.clone();
            tokio::spawn(async move { buy(&client, &[(&rare, 1)]).await })
        })
        .collect();
    let (mut placed, mut refused) = (0, 0);
    for call in calls {
        let answer = call.await.expect("task");
        match answer.status {
            201 => placed += 1,
            _ => {
                answer.refused(400, "catalog.out_of_stock");
                refused += 1;
            }
        }
    }
    assert_eq!((placed, refused), (10, 190));
    assert_eq!(stock(&app, &rare).await, (10, 10, 0));
    assert_eq!(Order::find().count(app.ctx.db_fresh()).await.expect("count"), 10);
    shop::close(app).await;
}

#[tokio::test]
async fn lines_sharing_an_item_are_summed() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let shirt = product(&app.ctx).sizes(&["S", "M"]).stock(5).create().await;
    let wanted = |s: i64, m: i64| {
        let id = shirt.product.id;
        json!({"items": [{"product_id": id, "size": "S", "quantity": s}, {"product_id": id, "size": "M", "quantity": m}]})
    };
    anna.post(ORDERS, wanted(3, 3)).await.refused(400, "catalog.out_of_stock");
    assert_eq!(stock(&app, &shirt).await, (5, 0, 5));
    anna.post(ORDERS, wanted(2, 3)).await.expect(201);
    assert_eq!(stock(&app, &shirt).await, (5, 5, 0));
    let twice = product(&app.ctx).stock(3).create().await;
    buy(&anna, &[(&twice, 2), (&twice, 2)]).await.refused(400, "catalog.out_of_stock");
    buy(&anna, &[(&twice, 2), (&twice, 1)]).await.expect(201);
    assert_eq!(stock(&app, &twice).await, (3, 3, 0));
    shop::close(app).await;
}

/// Перестановка 0..n, своя у каждого покупателя.
fn permutation(seed: usize, n: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..n).collect();
    let mut pick = seed;
    let mut out = Vec::new();
    while !left.is_empty() {
        out.push(left.remove(pick % left.len()));
        pick = pick / 3 + seed * 7 + 1;
    }
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_goods_in_any_order_at_once_never_deadlock() {
    let app = shop::open().await;
    let mut goods: Vec<Made> = Vec::new();
    for _ in 0..5 {
        goods.push(product(&app.ctx).stock(40).create().await);
    }
    let clients = buyers(&app, 20).await;
    let calls: Vec<_> = (0..60)
        .map(|n| {
            let (client, goods) = (clients[n % clients.len()].clone(), goods.clone());
            tokio::spawn(async move {
                let lines: Vec<_> = permutation(n, 5).into_iter().map(|index| (&goods[index], 1)).collect();
                buy(&client, &lines).await
            })
        })
        .collect();
    let mut placed = 0;
    for call in calls {
        let answer = call.await.expect("task");
        match answer.status {
            201 => placed += 1,
            _ => {
                answer.refused(400, "catalog.out_of_stock");
            }
        }
    }
    assert_eq!(placed, 40);
    for made in &goods {
        assert_eq!(stock(&app, made).await, (40, 40, 0));
    }
    shop::close(app).await;
}

#[tokio::test]
async fn shipping_takes_the_goods_off_the_shelf_and_a_return_puts_them_back() {
    let app = shop::open().await;
    let (anna, staff) = (customer(&app).await.client, shop::manager(&app).await);
    let chair = product(&app.ctx).stock(10).create().await;
    let order = shop::bought(&anna, &[(&chair, 3)]).await;
    let id = shop::id_of(&order);
    shop::pay(&app, &order).await;
    shop::move_to(&staff, id, "processing").await.expect(200);
    assert_eq!(stock(&app, &chair).await, (10, 3, 7));
    shop::move_to(&staff, id, "shipped").await.expect(200);
    assert_eq!(stock(&app, &chair).await, (7, 0, 7));
    let body = json!({"status": "returned", "restock": true, "note": "не подошёл цвет"});
    let returned = staff.post(&format!("{ORDERS}{id}/status"), body).await.expect(200).json();
    assert_eq!(returned["status"], "returned");
    assert_eq!(stock(&app, &chair).await, (10, 0, 10));
    shop::close(app).await;
}
