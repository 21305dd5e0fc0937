//! Свойство журнала: при любой последовательности дел остатки сходятся с моделью и со сверкой.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sea_orm::ConnectionTrait;

use megashop_catalog::factories;
use megashop_catalog::services::stock::StockChange;

use crate::stock::{adjust, claim, item, order, release, restock, sell};
use crate::support::shop;

#[derive(Clone, Debug)]
enum Op {
    Claim { owner: u8, first: i64, second: i64 },
    Release { owner: u8 },
    Sell { owner: u8 },
    Restock { owner: u8, quantity: i64 },
    By(i64),
    OnHand(i64),
    Available(i64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0..4u8, 1..6i64, 1..6i64).prop_map(|(owner, first, second)| Op::Claim { owner, first, second }),
        2 => (0..4u8).prop_map(|owner| Op::Release { owner }),
        2 => (0..4u8).prop_map(|owner| Op::Sell { owner }),
        1 => (0..4u8, 1..4i64).prop_map(|(owner, quantity)| Op::Restock { owner, quantity }),
        1 => (-6..6i64).prop_map(Op::By),
        1 => (-3..15i64).prop_map(Op::OnHand),
        1 => (0..15i64).prop_map(Op::Available),
    ]
}

/// Склад на бумаге: одна позиция, у владельца — занятое и отгруженное.
#[derive(Default)]
struct Paper {
    on_hand: i64,
    held: BTreeMap<u8, i64>,
    sold: BTreeMap<u8, i64>,
}

impl Paper {
    fn reserved(&self) -> i64 {
        self.held.values().sum()
    }

    fn available(&self) -> i64 {
        (self.on_hand - self.reserved()).max(0)
    }

    /// Удалось ли бы дело.
    fn apply(&mut self, op: &Op) -> bool {
        match *op {
            Op::Claim { owner, first, second } => {
                let fits = first + second <= self.available();
                if fits {
                    *self.held.entry(owner).or_default() += first + second;
                }
                fits
            }
            Op::Release { owner } => {
                self.held.remove(&owner);
                true
            }
            Op::Sell { owner } => {
                let quantity = self.held.remove(&owner).unwrap_or(0);
                self.on_hand -= quantity;
                *self.sold.entry(owner).or_default() += quantity;
                true
            }
            Op::Restock { owner, quantity } => {
                let sold = self.sold.entry(owner).or_default();
                let fits = quantity <= *sold;
                if fits {
                    *sold -= quantity;
                    self.on_hand += quantity;
                }
                fits
            }
            Op::By(delta) => {
                let fits = delta >= 0 || self.on_hand + delta >= 0;
                if fits {
                    self.on_hand += delta;
                }
                fits
            }
            Op::OnHand(count) => {
                self.on_hand = count;
                true
            }
            Op::Available(count) => {
                self.on_hand = count + self.reserved();
                true
            }
        }
    }
}

#[tokio::test]
async fn any_sequence_keeps_the_books() {
    let app = shop().await;
    let mut runner = TestRunner::deterministic();
    let strategy = proptest::collection::vec(op(), 1..25);
    for round in 0..24 {
        let ops = strategy.new_tree(&mut runner).expect("strategy").current();
        let made = factories::product(&app.ctx).stock(8).create().await;
        let id = made.items[0].id;
        let mut paper = Paper { on_hand: 8, ..Default::default() };
        for (step, op) in ops.iter().enumerate() {
            let owner = |owner: u8| order(format!("{round}-{owner}"));
            let done = match *op {
                Op::Claim { owner: who, first, second } => {
                    claim(&app.ctx, owner(who), &[(id, first), (id, second)]).await
                }
                Op::Release { owner: who } => release(&app.ctx, owner(who)).await,
                Op::Sell { owner: who } => sell(&app.ctx, owner(who)).await,
                Op::Restock { owner: who, quantity } => restock(&app.ctx, owner(who), id, quantity).await,
                Op::By(delta) => adjust(&app.ctx, id, StockChange::By(delta)).await.map(drop),
                Op::OnHand(count) => adjust(&app.ctx, id, StockChange::OnHand(count)).await.map(drop),
                Op::Available(count) => adjust(&app.ctx, id, StockChange::Available(count)).await.map(drop),
            };
            let expected = paper.apply(op);
            assert_eq!(done.is_ok(), expected, "round {round}, step {step}: {op:?} of {ops:?}");
            let real = item(&app.ctx, id).await;
            assert_eq!(
                (real.on_hand, real.reserved, real.available),
                (paper.on_hand, paper.reserved(), paper.available()),
                "round {round}, step {step}: {op:?} of {ops:?}"
            );
        }
    }
    // Журнал и занятое сверяет close().
    app.close().await;
}

#[tokio::test]
async fn doctor_names_a_planted_error() {
    let app = shop().await;
    let made = factories::product(&app.ctx).stock(8).create().await;
    let fine = factories::product(&app.ctx).stock(3).create().await;
    let id = made.items[0].id;
    claim(&app.ctx, order(1), &[(id, 2), (fine.items[0].id, 1)]).await.expect("claim");
    let check = app.checks.iter().find(|check| check.name == "stock ledger").expect("check");
    assert!(check.money);
    assert_eq!((check.run)(&app.ctx).await.expect("check"), Vec::<String>::new());
    let write = &app.ctx.db_handle().write;
    for (plant, undo, words) in [
        (
            format!("UPDATE inventory_items SET available = 7, on_hand = 9 WHERE id = {id}"),
            format!("UPDATE inventory_items SET available = 6, on_hand = 8 WHERE id = {id}"),
            "on_hand 9 but the ledger says 8",
        ),
        (
            format!("UPDATE stock_claims SET quantity = 1 WHERE inventory_item_id = {id}"),
            format!("UPDATE stock_claims SET quantity = 2 WHERE inventory_item_id = {id}"),
            "reserved 2 but the held claims sum to 1",
        ),
        (
            format!("UPDATE inventory_items SET available = 0 WHERE id = {id}"),
            format!("UPDATE inventory_items SET available = 6 WHERE id = {id}"),
            "available 0 but 6 are free",
        ),
    ] {
        write.execute_unprepared(&plant).await.expect("plant");
        let found = (check.run)(&app.ctx).await.expect("check");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(&format!("inventory_item {id}")) && found[0].contains(words), "{found:?}");
        write.execute_unprepared(&undo).await.expect("undo");
    }
    app.close().await;
}

#[tokio::test]
async fn the_database_itself_guards_the_stock() {
    let app = shop().await;
    let made = factories::product(&app.ctx).stock(8).create().await;
    let id = made.items[0].id;
    for sql in [
        format!("UPDATE inventory_items SET available = -1 WHERE id = {id}"),
        format!("UPDATE inventory_items SET reserved = -1 WHERE id = {id}"),
        format!("UPDATE inventory_items SET available = 9 WHERE id = {id}"),
        format!("UPDATE products SET price = 0 WHERE id = {}", made.product.id),
        format!("UPDATE products SET is_archived = TRUE WHERE id = {}", made.product.id),
        format!("UPDATE stock_movements SET on_hand_delta = -8 WHERE inventory_item_id = {id}"),
    ] {
        assert!(app.ctx.db_handle().write.execute_unprepared(&sql).await.is_err(), "{sql}");
    }
    app.close().await;
}
