//! Состояния: таблица переходов и случайные прогулки по ней.

use catalog::factories::product;
use kernel::{Actor, Work};
use orders::models::{MOVES, Status};
use proptest::prelude::*;
use sea_orm::Iterable;

use crate::shop::{self, bought, customer, id_of, row, stock};

#[test]
fn the_chain_of_the_product_document_is_legal() {
    use Status::*;
    for pair in [Pending, Paid, Processing, Shipped, Delivered, Installed].windows(2) {
        assert!(pair[0].can_become(pair[1], false), "{pair:?}");
    }
    assert!(Pending.can_become(Processing, true) && !Pending.can_become(Processing, false));
    for last in [Cancelled, Returned] {
        assert!(Status::iter().all(|to| !last.can_become(to, true)), "{last:?} is final");
    }
    for sent in [Shipped, Delivered, Installed] {
        assert!(!sent.can_become(Cancelled, true) && sent.can_become(Returned, true));
    }
}

proptest! {
    /// Переход законен ровно тогда, когда он есть в таблице; сам в себя — никогда.
    #[test]
    fn legal_means_listed(from in 0usize..8, to in 0usize..8, cash: bool) {
        let all: Vec<Status> = Status::iter().collect();
        let (from, to) = (all[from], all[to]);
        let listed = MOVES.iter().any(|step| step.from == from && step.to == to && (cash || !step.cash_only));
        prop_assert_eq!(from.can_become(to, cash), listed);
        prop_assert!(from != to || !listed);
    }
}

/// Случайная прогулка: после каждого шага состояние — прежнее или законное, а занятое складом отвечает состоянию.
#[tokio::test]
async fn random_walks_keep_the_rules() {
    let app = shop::open().await;
    let anna = customer(&app).await.client;
    let chair = product(&app.ctx).stock(1000).create().await;
    let all: Vec<Status> = Status::iter().collect();
    let (mut on_hand, mut finished) = (1000, 0);
    for walk in 0..25u64 {
        let order = bought(&anna, &[(&chair, 2)]).await;
        let id = id_of(&order);
        for _ in 0..14 {
            let before = row(&app, id).await;
            let to = all[app.ctx.random().below(8) as usize];
            let actor = Actor::System("walk");
            let moved = app
                .ctx
                .atomic(&actor, async move |work: &mut Work| {
                    orders::services::change_status(work, id, to, "", walk % 2 == 0).await
                })
                .await;
            let after = row(&app, id).await.status;
            match moved {
                Ok(_) => assert!(
                    after == to && before.status.can_become(to, before.is_cash()),
                    "{:?} -> {to:?}",
                    before.status
                ),
                Err(refusal) => {
                    assert_eq!((refusal.code, after), ("orders.illegal_transition", before.status));
                    assert!(!before.status.can_become(to, before.is_cash()));
                }
            }
        }
        let last = row(&app, id).await.status;
        let restocked = last == Status::Returned && walk % 2 == 0;
        let reserved = if last.holds_stock() { 2 } else { 0 };
        if last.is_sent() || (last == Status::Returned && !restocked) {
            on_hand -= 2;
        }
        finished += reserved;
        assert_eq!(stock(&app, &chair).await, (on_hand, finished, on_hand - finished), "walk {walk} ended {last:?}");
    }
    shop::close(app).await;
}
