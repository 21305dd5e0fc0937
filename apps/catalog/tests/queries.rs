//! Сколько запросов к базе стоит каждое дело: число не зависит от числа товаров.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kernel::app::{Overrides, Platform};
use kernel::clock::Clock;
use kernel::data::Db;
use kernel::http::Paging;
use kernel::settings::{DatabaseSettings, Sources};
use kernel::{Actor, Ctx, Subject, Work};
use megashop_catalog::queries::{Scope, Viewer, find_page, outs, sellable};
use megashop_catalog::schemas::{ProductFilter, Sort};
use megashop_catalog::services::stock::{self, StockLine};
use megashop_catalog::{factories, queries};

/// Магазин на SQLite, который считает запросы: их число от движка не зависит.
struct Counted {
    ctx: Ctx,
    count: Arc<AtomicUsize>,
    _folder: tempfile::TempDir,
}

impl Counted {
    async fn new() -> Counted {
        let folder = tempfile::tempdir().expect("folder");
        let apps = vec![megashop_catalog::app()];
        let sources = Sources { file: None, preset: None, flags: Vec::new(), environment: false };
        let settings = Platform::settings(&apps, &sources).expect("settings");
        let url = format!("sqlite:{}", folder.path().join("count.sqlite3").display());
        let mut db = Db::connect(&url, &DatabaseSettings::default()).await.expect("connect");
        Platform::migrator_of(&apps).run(&db, &Clock::default()).await.expect("migrate");
        let count = Arc::new(AtomicUsize::new(0));
        let counter = count.clone();
        db.write.set_metric_callback(move |info| {
            let sql = info.statement.sql.trim_start();
            if ["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(|verb| sql.starts_with(verb)) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        let platform = Platform::assemble(apps, settings, db, vec![7; 32], Overrides { random_seed: Some(1) });
        Counted { ctx: platform.expect("assemble").ctx, count, _folder: folder }
    }

    fn take(&self) -> usize {
        self.count.swap(0, Ordering::Relaxed)
    }
}

#[tokio::test]
async fn lists_and_claims_have_a_fixed_price() {
    let shop = Counted::new().await;
    let db = &shop.ctx.db_handle().write;
    let mut variants = Vec::new();
    let mut items = Vec::new();
    for _ in 0..24 {
        let made = factories::product(&shop.ctx)
            .sizes(&["S", "M"])
            .with(|p| p.media_urls = vec!["/a.webp".into()])
            .create()
            .await;
        variants.extend(made.variants.iter().map(|v| v.id));
        items.push(made.items[0].id);
    }
    shop.take();

    let now = shop.ctx.now().naive_utc();
    let scope = Scope::resolve(db, Viewer::Public, now, &ProductFilter::default(), &[]).await.expect("scope");
    let (rows, _) = find_page(db, &scope, Sort::Priority, &Paging::first(24)).await.expect("page");
    let id = rows[0].id;
    assert_eq!(outs(db, rows, Viewer::Public).await.expect("outs").len(), 24);
    assert_eq!(shop.take(), 3, "list of 24: products, variants with stock, media");

    queries::find_detail(db, &queries::ProductAddress::Id(id), Viewer::Public, now).await.expect("detail");
    assert_eq!(shop.take(), 4, "product page: product with shelves, attributes, variants with stock, media");

    sellable(db, &variants).await.expect("sellable");
    assert_eq!(shop.take(), 1, "sellable: variants with the first image");

    let lines: Vec<StockLine> =
        items[..5].iter().map(|item| StockLine { inventory_item_id: *item, quantity: 1, title: "x".into() }).collect();
    let claimed = shop.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
        stock::claim(work, &Subject::new("orders.order", 1), &lines).await
    });
    claimed.await.expect("claim");
    assert_eq!(shop.take(), 1 + 1, "claim: one UPDATE of all items, claims and the ledger together");
}
