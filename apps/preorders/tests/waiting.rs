//! Лист ожидания: освободившееся место отложено на срок.

use accounts::factories::{Login, customer};
use catalog::models::product::OrderType;
use chrono::TimeDelta;
use preorders::factories::preorder;
use serde_json::json;
use testkit::{Client, TestApp};

use crate::shop::{self, WAVES, counts, give_back, manager, shown, take, take_as, waves};

async fn person(app: &TestApp) -> (Login, Client) {
    let login = customer(&app.ctx).await;
    let client = app.anon().bearer(&login.token);
    (login, client)
}

fn path(made: &catalog::factories::Made) -> String {
    format!("{}{}/waiting-list", shop::PRODUCTS, made.product.id)
}

fn letters(app: &TestApp, to: &Login) -> usize {
    let all = notifications::mailbox(&app.ctx);
    all.iter().filter(|letter| letter.to == to.email && letter.subject.starts_with("Для вас отложено место")).count()
}

#[tokio::test]
async fn a_freed_seat_is_kept_for_the_first_in_the_list() {
    let app = shop::open().await;
    let ((anna, anna_client), (boris, boris_client)) = (person(&app).await, person(&app).await);
    let hoodie = preorder(&app.ctx, 1, 2).await;
    take(&app, &hoodie, 1, &[(1, 1)]).await.expect("taken");
    anna_client.post(&path(&hoodie), json!({})).await.refused(400, "preorders.seats_left");
    take(&app, &hoodie, 2, &[(1, 1)]).await.expect("taken");
    anna_client.post(&path(&hoodie), json!({"quantity": 1})).await.expect(201);
    anna_client.post(&path(&hoodie), json!({})).await.refused(400, "preorders.already_waiting");
    boris_client.send(http::Method::POST, &path(&hoodie), None).await.expect(201);

    give_back(&app, 1).await;
    app.run_jobs().await;
    assert_eq!((letters(&app, &anna), letters(&app, &boris)), (1, 0));
    // Место отложено: для прочих товар по-прежнему ждёт.
    assert_eq!((shown(&app, &hoodie).await.0, counts(&app, &hoodie).await), (OrderType::Waiting, vec![2]));
    take_as(&app, &hoodie, 3, Some(boris.user_id), &[(1, 1)]).await.expect_err("kept for Anna");
    let offered = anna_client.get(&path(&hoodie)).await.expect(200).json();
    assert_eq!((&offered["status"], &offered["offered_until"]), (&json!("offered"), &json!("2026-03-03T09:00:00Z")));

    take_as(&app, &hoodie, 4, Some(anna.user_id), &[(1, 1)]).await.expect("her seat");
    anna_client.get(&path(&hoodie)).await.refused(404, "preorders.not_waiting");
    assert_eq!(counts(&app, &hoodie).await, [2]);
    assert_eq!(boris_client.get(&path(&hoodie)).await.expect(200).json()["status"], "waiting");
    shop::close(app).await;
}

#[tokio::test]
async fn an_unused_offer_goes_to_the_next_and_then_to_everyone() {
    let app = shop::open().await;
    let ((anna, anna_client), (boris, boris_client)) = (person(&app).await, person(&app).await);
    let hoodie = preorder(&app.ctx, 1, 1).await;
    take(&app, &hoodie, 1, &[(1, 1)]).await.expect("taken");
    for client in [&anna_client, &boris_client] {
        client.post(&path(&hoodie), json!({})).await.expect(201);
    }
    give_back(&app, 1).await;
    app.run_jobs().await;
    app.advance(TimeDelta::hours(23));
    app.run_jobs().await;
    assert_eq!((letters(&app, &anna), letters(&app, &boris)), (1, 0));
    app.advance(TimeDelta::hours(1));
    app.run_jobs().await;
    assert_eq!((letters(&app, &anna), letters(&app, &boris)), (1, 1));
    take_as(&app, &hoodie, 2, Some(anna.user_id), &[(1, 1)]).await.expect_err("too late");
    app.advance(TimeDelta::hours(25));
    app.run_jobs().await;
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Preorder, 1, 0));
    shop::close(app).await;
}

#[tokio::test]
async fn a_big_wish_does_not_block_a_small_one() {
    let app = shop::open().await;
    let ((anna, anna_client), (boris, boris_client)) = (person(&app).await, person(&app).await);
    let staff = manager(&app).await;
    let hoodie = preorder(&app.ctx, 1, 2).await;
    take(&app, &hoodie, 1, &[(1, 1)]).await.expect("taken");
    take(&app, &hoodie, 2, &[(1, 1)]).await.expect("taken");
    anna_client.post(&path(&hoodie), json!({"quantity": 3})).await.expect(201);
    boris_client.post(&path(&hoodie), json!({})).await.expect(201);
    give_back(&app, 1).await;
    app.run_jobs().await;
    assert_eq!((letters(&app, &anna), letters(&app, &boris)), (0, 1));
    // Новая волна: сначала ждущим, остальное — всем.
    staff.post(WAVES, json!({"product_id": hoodie.product.id, "capacity": 4})).await.expect(201);
    app.run_jobs().await;
    assert_eq!(letters(&app, &anna), 1);
    assert_eq!((shown(&app, &hoodie).await, counts(&app, &hoodie).await), ((OrderType::Preorder, 2, 3), vec![2, 3]));
    let queue = staff.get(&format!("{}/admin", path(&hoodie))).await.expect(200).json();
    assert_eq!((&queue["total"], &queue["waiting"][0]["quantity"]), (&json!(2), &json!(3)));
    shop::close(app).await;
}

#[tokio::test]
async fn leaving_gives_the_place_to_the_next() {
    let app = shop::open().await;
    let ((_, anna_client), (boris, boris_client)) = (person(&app).await, person(&app).await);
    let hoodie = preorder(&app.ctx, 1, 1).await;
    take(&app, &hoodie, 1, &[(1, 1)]).await.expect("taken");
    for client in [&anna_client, &boris_client] {
        client.post(&path(&hoodie), json!({})).await.expect(201);
    }
    give_back(&app, 1).await;
    anna_client.delete(&path(&hoodie)).await.expect(204);
    anna_client.delete(&path(&hoodie)).await.refused(404, "preorders.not_waiting");
    app.run_jobs().await;
    assert_eq!(letters(&app, &boris), 1);
    // Ушла и вернулась — снова в конце очереди.
    anna_client.post(&path(&hoodie), json!({})).await.expect(201);
    shop::close(app).await;
}

#[tokio::test]
async fn a_wave_that_stops_collecting_takes_its_offers_back() {
    let app = shop::open().await;
    let (anna, anna_client) = person(&app).await;
    let staff = manager(&app).await;
    let hoodie = preorder(&app.ctx, 1, 2).await;
    take(&app, &hoodie, 1, &[(1, 1)]).await.expect("taken");
    take(&app, &hoodie, 2, &[(1, 1)]).await.expect("taken");
    anna_client.post(&path(&hoodie), json!({})).await.expect(201);
    give_back(&app, 1).await;
    let wave = waves(&app, &hoodie).await[0].id;
    staff.post(&format!("{WAVES}{wave}/status"), json!({"status": "production"})).await.expect(200);
    assert_eq!(counts(&app, &hoodie).await, [1]);
    assert_eq!(anna_client.get(&path(&hoodie)).await.expect(200).json()["status"], "waiting");
    take_as(&app, &hoodie, 3, Some(anna.user_id), &[(1, 1)]).await.expect_err("closed");
    shop::close(app).await;
}

/// Сто человек ждут десять мест; места освобождаются разом, по одному: предложений ровно десять, больше вместимости не обещано.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn seats_freed_at_once_are_offered_once() {
    let app = std::sync::Arc::new(shop::open().await);
    let hoodie = preorder(&app.ctx, 1, 10).await;
    for id in 0..10 {
        take(&app, &hoodie, id, &[(1, 1)]).await.expect("taken");
    }
    let mut people = Vec::new();
    for _ in 0..15 {
        let (login, client) = person(&app).await;
        client.post(&path(&hoodie), json!({})).await.expect(201);
        people.push(login);
    }
    let calls: Vec<_> = (0..10)
        .map(|id| {
            let app = app.clone();
            tokio::spawn(async move { give_back(&app, id).await })
        })
        .collect();
    for call in calls {
        call.await.expect("task");
    }
    app.run_jobs().await;
    let told: Vec<usize> = people.iter().map(|login| letters(&app, login)).collect();
    assert_eq!(told, [vec![1; 10], vec![0; 5]].concat());
    assert_eq!(counts(&app, &hoodie).await, [10]);
    shop::close(std::sync::Arc::into_inner(app).expect("the only owner")).await;
}
