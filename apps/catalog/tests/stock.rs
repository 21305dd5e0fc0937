//! Занять, отпустить, отгрузить, вернуть; двое сразу; склад через HTTP.

use kernel::{Actor, Ctx, Result, Subject, Work};
use megashop_catalog::factories::{self, Made};
use megashop_catalog::models::inventory_item;
use megashop_catalog::models::stock_movement::MovementKind;
use megashop_catalog::services::stock::{self, StockChange, StockLine};
use sea_orm::EntityTrait;
use serde_json::json;

use crate::support::{add, id_of, shop, staff};

pub fn order(id: impl ToString) -> Subject {
    Subject::new("orders.order", id)
}

pub async fn claim(ctx: &Ctx, owner: Subject, wanted: &[(i64, i64)]) -> Result<()> {
    let lines: Vec<StockLine> = wanted
        .iter()
        .map(|(item, quantity)| StockLine { inventory_item_id: *item, quantity: *quantity, title: "Худи".into() })
        .collect();
    ctx.atomic(&Actor::System("test"), async move |work: &mut Work| stock::claim(work, &owner, &lines).await).await
}

pub async fn release(ctx: &Ctx, owner: Subject) -> Result<()> {
    ctx.atomic(&Actor::System("test"), async move |work: &mut Work| stock::release(work, &owner).await).await
}

pub async fn sell(ctx: &Ctx, owner: Subject) -> Result<()> {
    ctx.atomic(&Actor::System("test"), async move |work: &mut Work| stock::sell(work, &owner).await).await
}

pub async fn restock(ctx: &Ctx, owner: Subject, item: i64, quantity: i64) -> Result<()> {
    let lines = [StockLine { inventory_item_id: item, quantity, title: "Худи".into() }];
    let done = ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
        stock::restock(work, &owner, &lines, "передумал").await
    });
    done.await
}

pub async fn adjust(ctx: &Ctx, item: i64, change: StockChange) -> Result<inventory_item::Model> {
    let done = ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
        stock::adjust(work, item, change, MovementKind::Adjust, "проверка").await
    });
    done.await
}

pub async fn item(ctx: &Ctx, id: i64) -> inventory_item::Model {
    inventory_item::Entity::find_by_id(id).one(ctx.db_fresh()).await.expect("query").expect("item")
}

/// `(на складе, занято, можно продать)`.
async fn state(ctx: &Ctx, made: &Made) -> (i64, i64, i64) {
    let item = item(ctx, made.items[0].id).await;
    (item.on_hand, item.reserved, item.available)
}

#[tokio::test]
async fn claim_release_sell_and_return_keep_the_books() {
    let app = shop().await;
    let made = factories::product(&app.ctx).stock(10).create().await;
    let id = made.items[0].id;
    claim(&app.ctx, order(1), &[(id, 3)]).await.expect("claim");
    claim(&app.ctx, order(2), &[(id, 4)]).await.expect("claim");
    assert_eq!(state(&app.ctx, &made).await, (10, 7, 3));
    for _ in 0..2 {
        release(&app.ctx, order(1)).await.expect("release is idempotent");
        assert_eq!(state(&app.ctx, &made).await, (10, 4, 6));
    }
    for _ in 0..2 {
        sell(&app.ctx, order(2)).await.expect("sell is idempotent");
        assert_eq!(state(&app.ctx, &made).await, (6, 0, 6));
    }
    release(&app.ctx, order(2)).await.expect("sold is not released");
    assert_eq!(state(&app.ctx, &made).await, (6, 0, 6));
    restock(&app.ctx, order(2), id, 3).await.expect("return");
    assert_eq!(state(&app.ctx, &made).await, (9, 0, 9));
    let more = restock(&app.ctx, order(2), id, 2).await.expect_err("only one is left to return");
    assert_eq!(more.code, "catalog.restock_too_many");
    let never = restock(&app.ctx, order(1), id, 1).await.expect_err("never shipped");
    assert_eq!(never.code, "catalog.restock_too_many");
    assert_eq!(state(&app.ctx, &made).await, (9, 0, 9));
    let seen = app.anon().get(&format!("/api/v1/products/{}", made.product.id)).await.json();
    assert_eq!(seen["popularity"], 4);
    app.close().await;
}

#[tokio::test]
async fn lines_of_one_item_are_summed() {
    let app = shop().await;
    let made = factories::product(&app.ctx).sizes(&["S", "M"]).stock(5).create().await;
    let id = made.items[0].id;
    let refused = claim(&app.ctx, order(1), &[(id, 3), (id, 3)]).await.expect_err("six of five");
    assert_eq!((refused.code, refused.kind), ("catalog.out_of_stock", kernel::Kind::Refused));
    assert_eq!(refused.fields[0].field, "items[0].quantity");
    assert_eq!(state(&app.ctx, &made).await, (5, 0, 5));
    claim(&app.ctx, order(1), &[(id, 3), (id, 2)]).await.expect("exactly five");
    assert_eq!(state(&app.ctx, &made).await, (5, 5, 0));
    app.close().await;
}

#[tokio::test]
async fn a_claim_is_all_or_nothing() {
    let app = shop().await;
    let plenty = factories::product(&app.ctx).stock(10).create().await;
    let scarce = factories::product(&app.ctx).stock(1).create().await;
    let lines = [(plenty.items[0].id, 2), (scarce.items[0].id, 2)];
    let refused = claim(&app.ctx, order(1), &lines).await.expect_err("scarce");
    assert_eq!((refused.code, refused.args["left"].clone()), ("catalog.out_of_stock", json!(1)));
    assert_eq!(refused.fields[0].field, "items[1].quantity");
    assert_eq!(state(&app.ctx, &plenty).await, (10, 0, 10));
    for quantity in [0, -1, i64::MAX] {
        let bad = claim(&app.ctx, order(2), &[(plenty.items[0].id, quantity)]).await.expect_err("bad quantity");
        assert_eq!(bad.kind, kernel::Kind::Invalid);
    }
    assert_eq!(claim(&app.ctx, order(3), &[(999_999, 1)]).await.expect_err("no item").code, "catalog.out_of_stock");
    app.close().await;
}

#[tokio::test]
async fn stock_below_the_reserved_sells_nothing() {
    let app = shop().await;
    let made = factories::product(&app.ctx).stock(5).create().await;
    let id = made.items[0].id;
    claim(&app.ctx, order(1), &[(id, 4)]).await.expect("claim");
    // Учётная система насчитала меньше, чем занято, и даже меньше нуля.
    adjust(&app.ctx, id, StockChange::OnHand(-2)).await.expect("adjust");
    assert_eq!(state(&app.ctx, &made).await, (-2, 4, 0));
    release(&app.ctx, order(1)).await.expect("release");
    assert_eq!(state(&app.ctx, &made).await, (-2, 0, 0));
    adjust(&app.ctx, id, StockChange::Available(3)).await.expect("adjust");
    assert_eq!(state(&app.ctx, &made).await, (3, 0, 3));
    let refused = adjust(&app.ctx, id, StockChange::By(-4)).await.expect_err("only three");
    assert_eq!(refused.code, "catalog.not_enough_on_hand");
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_buyers_and_ten_pieces() {
    let app = shop().await;
    let made = factories::product(&app.ctx).stock(10).create().await;
    let id = made.items[0].id;
    let buyers = (0..200).map(|n| {
        let ctx = app.ctx.clone();
        tokio::spawn(async move { claim(&ctx, order(n), &[(id, 1)]).await.map_err(|error| error.code) })
    });
    let results = futures::future::join_all(buyers).await;
    let results: Vec<_> = results.into_iter().map(|joined| joined.expect("no panic")).collect();
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 10);
    assert!(results.iter().all(|result| matches!(result, Ok(()) | Err("catalog.out_of_stock"))), "{results:?}");
    assert_eq!(state(&app.ctx, &made).await, (10, 10, 0));
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn claims_releases_sales_and_counts_at_once() {
    let app = shop().await;
    let first = factories::product(&app.ctx).stock(20).create().await;
    let second = factories::product(&app.ctx).stock(20).create().await;
    let (a, b) = (first.items[0].id, second.items[0].id);
    let tasks = (0..60i64).map(|n| {
        let ctx = app.ctx.clone();
        tokio::spawn(async move {
            // Строки в разном порядке: позиции всё равно берутся по возрастанию id.
            let lines = if n % 2 == 0 { [(a, 1), (b, 2)] } else { [(b, 2), (a, 1)] };
            let claimed = claim(&ctx, order(n), &lines).await;
            match n % 4 {
                0 => release(&ctx, order(n)).await.expect("release"),
                1 => sell(&ctx, order(n)).await.expect("sell"),
                2 => drop(adjust(&ctx, a, StockChange::By(1)).await.expect("receipt")),
                _ => drop(futures::join!(release(&ctx, order(n)), release(&ctx, order(n)))),
            }
            claimed.is_ok()
        })
    });
    let results = futures::future::join_all(tasks).await;
    assert!(results.into_iter().any(|joined| joined.expect("no panic")));
    for made in [&first, &second] {
        let (on_hand, reserved, available) = state(&app.ctx, made).await;
        assert!(available >= 0 && available == (on_hand - reserved).max(0), "{on_hand} {reserved} {available}");
    }
    // Журнал и строки владельцев сверяет close().
    app.close().await;
}

#[tokio::test]
async fn staff_receives_and_counts_stock() {
    let app = shop().await;
    let boss = staff(&app);
    let made = add(&app, "W-1", json!({"stock_count": 5})).await;
    let path = format!("/api/v1/products/{}/stock", id_of(&made));
    let receipt = json!({"kind": "receipt", "quantity": 7, "reason": "Накладная 15"});
    let after = boss.post(&path, receipt).await.expect(201).json();
    assert_eq!(after["items"][0]["on_hand"], 12);
    let count = json!({"kind": "adjust", "set_to": 9, "reason": "Пересчёт"});
    assert_eq!(boss.post(&path, count).await.expect(201).json()["items"][0]["available"], 9);
    let scrap = json!({"kind": "adjust", "quantity": -10, "reason": "Бой стекла"});
    boss.post(&path, scrap).await.refused(400, "catalog.not_enough_on_hand");
    for (field, body) in [
        ("quantity", json!({"kind": "receipt", "quantity": -1, "reason": "ошибка"})),
        ("set_to", json!({"kind": "receipt", "set_to": 1, "reason": "ошибка"})),
        ("quantity", json!({"kind": "adjust", "reason": "ошибка"})),
        ("quantity", json!({"kind": "adjust", "quantity": 1, "set_to": 2, "reason": "ошибка"})),
        ("reason", json!({"kind": "adjust", "quantity": 1, "reason": ""})),
        ("kind", json!({"kind": "sale", "quantity": 1, "reason": "ошибка"})),
    ] {
        boss.post(&path, body).await.invalid(field);
    }
    let ledger = boss.get(&format!("{path}/ledger?limit=2")).await.expect(200).json();
    assert_eq!(ledger["total"], 3);
    let newest = &ledger["movements"][0];
    assert_eq!((&newest["kind"], &newest["on_hand_delta"]), (&json!("adjust"), &json!(-3)));
    assert_eq!((&newest["reason"], &newest["actor"]), (&json!("Пересчёт"), &json!("user:1")));
    app.close().await;
}

#[tokio::test]
async fn staff_names_the_item_when_there_are_several() {
    let app = shop().await;
    let boss = staff(&app);
    let made =
        add(&app, "W-2", json!({"sizes": [{"size": "S", "stock_count": 1}, {"size": "M", "stock_count": 1}]})).await;
    let other = add(&app, "W-3", json!({})).await;
    let path = format!("/api/v1/products/{}/stock", id_of(&made));
    let body = json!({"kind": "receipt", "quantity": 2, "reason": "приход"});
    boss.post(&path, body.clone()).await.invalid("inventory_item_id");
    let mut named = body.clone();
    named["variant_id"] = made["variants"][1]["id"].clone();
    let after = boss.post(&path, named).await.expect(201).json();
    assert_eq!(after["items"][1]["on_hand"], 3);
    let foreign = boss.get(&format!("/api/v1/products/{}/stock", id_of(&other))).await.json();
    let mut stranger = body;
    stranger["inventory_item_id"] = foreign["items"][0]["inventory_item_id"].clone();
    boss.post(&path, stranger).await.refused(404, "catalog.stock_item_not_found");
    app.close().await;
}

#[tokio::test]
async fn the_refusal_speaks_to_the_buyer() {
    let app = shop().await;
    let made = factories::product(&app.ctx).stock(2).create().await;
    let refused = claim(&app.ctx, order(1), &[(made.items[0].id, 3)]).await.expect_err("three of two");
    let words = app.ctx.texts().get(kernel::Lang::Ru, refused.code, &refused.args);
    assert_eq!(words, "Недостаточно товара «Худи»: осталось 2 штуки.");
    app.close().await;
}
