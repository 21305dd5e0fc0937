//! Волны рукой сотрудника.

use catalog::factories::product;
use catalog::models::product::OrderType;
use chrono::TimeDelta;
use kernel::Money;
use preorders::factories::{add_wave, preorder, wave_in};
use preorders::models::Status;
use preorders::schemas::WaveIn;
use serde_json::json;

use crate::shop::{self, WAVES, counts, manager, shown, take, waves};

#[tokio::test]
async fn staff_create_change_and_delete_waves() {
    let app = shop::open().await;
    let staff = manager(&app).await;
    let hoodie = preorder(&app.ctx, 1, 2).await;
    let body = json!({"product_id": hoodie.product.id, "capacity": 5, "price": 3500, "min_count": 3,
        "ships_at": "2026-05-01T00:00:00Z"});
    let made = staff.post(WAVES, body).await.expect(201).json();
    assert_eq!((&made["wave_number"], &made["price"], &made["current_count"]), (&json!(2), &json!(3500), &json!(0)));
    assert_eq!(made["next_statuses"], json!(["production", "cancelled"]));
    let path = format!("{WAVES}{}", made["id"]);
    let changed = staff.patch(&path, json!({"capacity": 6, "price": null})).await.expect(200).json();
    assert_eq!((&changed["capacity"], &changed["price"], &changed["min_count"]), (&json!(6), &json!(null), &json!(3)));
    staff.patch(&path, json!({"capacity": 2})).await.refused(400, "preorders.minimum_too_big");
    staff.patch(&path, json!({"price": 0})).await.invalid("price");
    staff.patch(&path, json!({"colour": "red"})).await.expect(422);
    staff.post(WAVES, json!({"product_id": 777_777, "capacity": 1})).await.refused(404, "catalog.product_not_found");

    staff.delete(&path).await.expect(204);
    staff.get(&path).await.refused(404, "preorders.wave_not_found");
    take(&app, &hoodie, 1, &[(1, 1)]).await.expect("taken");
    let first = waves(&app, &hoodie).await[0].id;
    staff.delete(&format!("{WAVES}{first}")).await.refused(400, "preorders.wave_has_buyers");
    staff.patch(&format!("{WAVES}{first}"), json!({"capacity": 1})).await.expect(200);
    assert_eq!(shown(&app, &hoodie).await.0, OrderType::Waiting);
    shop::close(app).await;
}

#[tokio::test]
async fn a_wave_only_goes_forward() {
    let app = shop::open().await;
    let staff = manager(&app).await;
    let hoodie = preorder(&app.ctx, 2, 2).await;
    take(&app, &hoodie, 1, &[(1, 1)]).await.expect("taken");
    let path = format!("{WAVES}{}/status", waves(&app, &hoodie).await[0].id);
    let to = |status: &str| json!({"status": status, "message": "Шьём!"});
    staff.post(&path, to("shipping")).await.refused(400, "preorders.illegal_transition");
    let moved = staff.post(&path, to("production")).await.expect(200).json();
    assert_eq!((&moved["status"], &moved["status_message"]), (&json!("production"), &json!("Шьём!")));
    // Волна больше не набирает: открыта следующая, а место в первой не продаётся.
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Preorder, 2, 0));
    take(&app, &hoodie, 2, &[(1, 1)]).await.expect_err("closed");
    staff.post(&path, to("collecting")).await.refused(400, "preorders.illegal_transition");
    staff.post(&path, to("production")).await.refused(400, "preorders.illegal_transition");
    for status in ["tracking", "shipping"] {
        staff.post(&path, to(status)).await.expect(200);
    }
    staff.post(&path, to("cancelled")).await.refused(400, "preorders.illegal_transition");
    let done = staff.post(&path, to("completed")).await.expect(200).json();
    assert_eq!((&done["is_completed"], &done["next_statuses"]), (&json!(true), &json!([])));
    assert!(done["completed_at"].is_string());
    shop::close(app).await;
}

#[tokio::test]
async fn ten_people_move_a_wave_once() {
    let app = shop::open().await;
    let staff = manager(&app).await;
    let hoodie = preorder(&app.ctx, 1, 2).await;
    let path = format!("{WAVES}{}/status", waves(&app, &hoodie).await[0].id);
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let (staff, path) = (staff.clone(), path.clone());
            tokio::spawn(async move { staff.post(&path, json!({"status": "production"})).await.status })
        })
        .collect();
    let mut moved = 0;
    for call in calls {
        moved += usize::from(call.await.expect("task") == 200);
    }
    assert_eq!(moved, 1);
    shop::close(app).await;
}

#[tokio::test]
async fn production_wants_the_minimum() {
    let app = shop::open().await;
    let staff = manager(&app).await;
    let hoodie = preorder(&app.ctx, 0, 0).await;
    let wave = add_wave(&app.ctx, WaveIn { min_count: Some(3), ..wave_in(hoodie.product.id, 5) }).await;
    let path = format!("{WAVES}{}/status", wave.id);
    take(&app, &hoodie, 1, &[(1, 2)]).await.expect("taken");
    staff.post(&path, json!({"status": "production"})).await.refused(400, "preorders.below_minimum");
    take(&app, &hoodie, 2, &[(1, 1)]).await.expect("taken");
    staff.post(&path, json!({"status": "production"})).await.expect(200);
    shop::close(app).await;
}

#[tokio::test]
async fn a_deadline_closes_waves_and_cancels_only_an_empty_one() {
    let app = shop::open().await;
    let hoodie = preorder(&app.ctx, 0, 0).await;
    let until = Some(app.ctx.now() + TimeDelta::days(3));
    let blank = wave_in(hoodie.product.id, 5);
    add_wave(&app.ctx, WaveIn { min_count: Some(2), closes_at: until, ..blank.clone() }).await;
    add_wave(&app.ctx, WaveIn { min_count: Some(2), closes_at: until, ..blank.clone() }).await;
    add_wave(&app.ctx, WaveIn { min_count: Some(2), closes_at: until, ..blank }).await;
    take(&app, &hoodie, 1, &[(1, 2), (2, 1)]).await.expect("taken");
    app.advance(TimeDelta::days(2));
    app.run_jobs().await;
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Preorder, 1, 2));
    app.advance(TimeDelta::days(1));
    app.run_jobs().await;
    let states: Vec<Status> = waves(&app, &hoodie).await.iter().map(|wave| wave.status).collect();
    assert_eq!(states, [Status::Collecting, Status::Collecting, Status::Cancelled]);
    assert_eq!(shown(&app, &hoodie).await.0, OrderType::Waiting);
    // Новый срок снова открывает набор.
    let staff = manager(&app).await;
    let first = waves(&app, &hoodie).await[0].id;
    staff.patch(&format!("{WAVES}{first}"), json!({"closes_at": null})).await.expect(200);
    assert_eq!(shown(&app, &hoodie).await, (OrderType::Preorder, 1, 2));
    // Заплативших не бросают: и в производство малую волну не пускают, и отменить её мимо заказов нельзя.
    let small = format!("{WAVES}{}/status", waves(&app, &hoodie).await[1].id);
    staff.post(&small, json!({"status": "production"})).await.refused(400, "preorders.below_minimum");
    staff.post(&small, json!({"status": "cancelled"})).await.refused(400, "preorders.wave_is_taken");
    assert_eq!(counts(&app, &hoodie).await, [2, 1, 0]);
    shop::close(app).await;
}

#[tokio::test]
async fn many_products_are_moved_together_or_not_at_all() {
    let app = shop::open().await;
    let staff = manager(&app).await;
    let (first, second) = (preorder(&app.ctx, 2, 2).await, preorder(&app.ctx, 1, 2).await);
    let stocked = product(&app.ctx).create().await;
    let path = |status: &str| format!("/api/v1/orders/admin/bulk-production-status?status={status}");
    let ids = |made: &[&catalog::factories::Made]| json!(made.iter().map(|made| made.product.id).collect::<Vec<_>>());
    staff.patch(&path("PRODUCTION"), ids(&[&first, &stocked])).await.refused(400, "preorders.not_preorder");
    staff
        .patch(&path("PRODUCTION"), json!([first.product.id, 777_777]))
        .await
        .refused(404, "catalog.product_not_found");
    staff.patch(&path("SHIPPING"), ids(&[&first])).await.refused(400, "preorders.nothing_to_move");
    staff.patch(&path("sewing"), ids(&[&first])).await.expect(422);
    staff.patch(&path("PRODUCTION"), json!([])).await.expect(422);
    assert!(waves(&app, &first).await.iter().all(|wave| wave.status == Status::Collecting));

    let done = staff.patch(&path("PRODUCTION"), ids(&[&first, &second])).await.expect(200).json();
    assert_eq!((&done["updated_count"], &done["message"]), (&json!(2), &json!("Переведено волн: 2.")));
    // Второй раз — следующая волна первого товара; у второго волн больше нет, поэтому вместе не выйдет.
    staff.patch(&path("production"), ids(&[&first, &second])).await.refused(400, "preorders.nothing_to_move");
    staff.patch(&path("TRACKING_FORMATION"), ids(&[&first])).await.expect(200);
    staff.patch(&path("production"), ids(&[&first])).await.expect(200);
    let states: Vec<Status> = waves(&app, &first).await.iter().map(|wave| wave.status).collect();
    assert_eq!(states, [Status::Tracking, Status::Production]);
    shop::close(app).await;
}

#[tokio::test]
async fn everyone_sees_the_places_left() {
    let app = shop::open().await;
    let hoodie = preorder(&app.ctx, 1, 2).await;
    add_wave(&app.ctx, WaveIn { price: Some(Money::rub(700)), ..wave_in(hoodie.product.id, 4) }).await;
    take(&app, &hoodie, 1, &[(1, 2), (2, 1)]).await.expect("taken");
    let path = format!("{}{}/preorder", shop::PRODUCTS, hoodie.product.id);
    let seen = app.anon().get(&path).await.expect(200).json();
    assert_eq!(seen["current_wave"], 2);
    let places: Vec<_> =
        seen["waves"].as_array().expect("waves").iter().map(|wave| (&wave["free"], &wave["price"])).collect();
    assert_eq!(places, [(&json!(0), &json!(null)), (&json!(3), &json!(700))]);
    app.anon().get(&format!("{}777777/preorder", shop::PRODUCTS)).await.refused(404, "catalog.product_not_found");
    shop::close(app).await;
}

#[tokio::test]
async fn the_database_refuses_impossible_waves() {
    use sea_orm::ConnectionTrait;
    let app = shop::open().await;
    let hoodie = preorder(&app.ctx, 1, 2).await;
    take(&app, &hoodie, 1, &[(1, 1)]).await.expect("taken");
    for damage in
        ["current_count = 3", "current_count = -1", "capacity = 0", "status = 'lost'", "price = 0", "min_count = 3"]
    {
        let sql = format!("UPDATE preorder_waves SET {damage}");
        assert!(app.ctx.db_handle().write.execute_unprepared(&sql).await.is_err(), "{damage}");
    }
    for damage in ["quantity = 0", "state = 'lost'"] {
        let sql = format!("UPDATE preorder_seats SET {damage}");
        assert!(app.ctx.db_handle().write.execute_unprepared(&sql).await.is_err(), "{damage}");
    }
    app.assert_no_drift().await;
    shop::close(app).await;
}
