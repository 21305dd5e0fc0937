//! Толпа: сеансы разом собирают набор из десяти активов — ровно по коду и письму на каждый. Десять тысяч у настоящего сервера —
//! `bench crowd`.

use std::collections::BTreeSet;
use std::sync::Arc;

use campaigns::models::{Code, Progress};
use notifications::mailbox;
use sea_orm::{EntityTrait, PaginatorTrait};
use testkit::Client;
use tokio::sync::Barrier;

use crate::shop::{self, attach, slugs, start, view};

const SESSIONS: usize = 300;
const ASSETS: usize = 10;

/// Половина набора, встреча со всеми, вторая половина и почта; возвращает код.
async fn visit(client: Client, number: usize, everyone: Arc<Barrier>) -> String {
    let session = start(&client).await;
    let slugs = slugs(ASSETS);
    for slug in &slugs[..ASSETS / 2] {
        view(&client, &session, slug).await;
    }
    everyone.wait().await;
    for slug in &slugs[ASSETS / 2..ASSETS - 1] {
        view(&client, &session, slug).await;
    }
    let last = view(&client, &session, &slugs[ASSETS - 1]).await;
    attach(&client, &session, &format!("visitor{number}@example.ru")).await;
    last["promo_code"].as_str().expect("promo_code").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_hundred_sessions_at_once_get_three_hundred_codes_and_letters() {
    let app = shop::with_assets(ASSETS).await;
    let everyone = Arc::new(Barrier::new(SESSIONS));
    let visits = (0..SESSIONS).map(|number| tokio::spawn(visit(app.anon(), number, everyone.clone())));
    let codes = futures::future::try_join_all(visits).await.expect("visitors");
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), SESSIONS);
    let count = async |found: Result<u64, sea_orm::DbErr>| found.expect("count");
    assert_eq!(count(Code::find().count(app.ctx.db_fresh()).await).await, SESSIONS as u64);
    assert_eq!(count(Progress::find().count(app.ctx.db_fresh()).await).await, (SESSIONS * ASSETS) as u64);
    while app.run_jobs().await > 0 {}
    let letters = mailbox(&app.ctx);
    let told: BTreeSet<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!((letters.len(), told.len()), (SESSIONS, SESSIONS));
    for code in &codes {
        assert!(letters.iter().filter(|letter| letter.subject.ends_with(code.as_str())).count() == 1, "{code}");
    }
    let issued = Code::find().all(app.ctx.db_fresh()).await.expect("codes");
    assert!(issued.iter().all(|code| code.sent_at.is_some()), "every letter is marked as sent");
    app.close().await;
}
