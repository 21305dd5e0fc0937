//! Толпа: сеансы разом собирают набор из десяти активов — ровно по коду и письму на каждый.

use std::collections::BTreeSet;

use campaigns::models::{Code, Progress};
use notifications::mailbox;
use sea_orm::{EntityTrait, PaginatorTrait};

use crate::shop::{self, attach, complete};

const ASSETS: usize = 10;
/// Сколько посетителей ходит одновременно.
const AT_ONCE: usize = 64;

async fn crowd(sessions: usize) {
    let app = shop::with_assets(ASSETS).await;
    let queue = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let walkers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (client, queue) = (app.anon(), queue.clone());
            tokio::spawn(async move {
                let mut codes = Vec::new();
                loop {
                    let n = queue.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if n >= sessions {
                        return codes;
                    }
                    let (session, code) = complete(&client, ASSETS).await;
                    attach(&client, &session, &format!("visitor{n}@example.ru")).await;
                    codes.push(code);
                }
            })
        })
        .collect();
    let codes = futures::future::try_join_all(walkers).await.expect("tasks").concat();
    assert_eq!((codes.len(), codes.iter().collect::<BTreeSet<_>>().len()), (sessions, sessions));
    let count = async |found: Result<u64, sea_orm::DbErr>| found.expect("count");
    assert_eq!(count(Code::find().count(app.ctx.db_fresh()).await).await, sessions as u64);
    assert_eq!(count(Progress::find().count(app.ctx.db_fresh()).await).await, (sessions * ASSETS) as u64);
    while app.run_jobs().await > 0 {}
    let letters = mailbox(&app.ctx);
    let told: BTreeSet<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!((letters.len(), told.len()), (sessions, sessions));
    for code in &codes {
        assert!(letters.iter().filter(|letter| letter.subject.ends_with(code.as_str())).count() == 1, "{code}");
    }
    let unsent =
        Code::find().all(app.ctx.db_fresh()).await.expect("codes").into_iter().filter(|code| code.sent_at.is_none());
    assert_eq!(unsent.count(), 0);
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_hundred_sessions_get_three_hundred_codes_and_letters() {
    crowd(300).await;
}

/// Десять тысяч (или `MEGASHOP_CROWD`): `cargo test … -- --ignored ten_thousand`.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "minutes"]
async fn ten_thousand_sessions_get_ten_thousand_codes_and_letters() {
    let sessions = std::env::var("MEGASHOP_CROWD").ok().and_then(|text| text.parse().ok());
    crowd(sessions.unwrap_or(10_000)).await;
}
