//! Копия, восстановление и переезд между базами — командами, на демонстрационном магазине целиком.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use kernel::data::Engine;
use kernel::{Ctx, Platform, jobs};
use megashop::boot;
use megashop::cli::{self, Cli};
use megashop_backup::{Archive, Tally};
use orders::factories::{new_order, place};
use orders::models::Order;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, QueryOrder};
use tempfile::TempDir;
use testkit::TestDatabase;

/// Папки и базы одного теста.
struct Ground {
    folder: TempDir,
    databases: Vec<TestDatabase>,
}

/// Один магазин: папка данных и адрес базы.
#[derive(Clone)]
struct Place {
    data: PathBuf,
    url: String,
}

impl Ground {
    fn new() -> Ground {
        Ground { folder: tempfile::tempdir().expect("temp dir"), databases: Vec::new() }
    }

    async fn place(&mut self, name: &str, engine: Engine) -> Option<Place> {
        let database = match TestDatabase::empty(engine, self.folder.path()).await {
            Ok(database) => database,
            Err(error) if !testkit::required() => {
                eprintln!("skipped: no {engine:?}: {error:#}");
                return None;
            }
            Err(error) => panic!("no {engine:?}: {error:#}"),
        };
        let place = Place { data: self.folder.path().join(name), url: database.url.clone() };
        self.databases.push(database);
        Some(place)
    }

    async fn own(&mut self, name: &str) -> Place {
        self.place(name, testkit::engine()).await.expect("the engine of this run")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn close(self) {
        for database in self.databases {
            database.remove().await;
        }
    }
}

impl Place {
    fn cli(&self, words: &[&str]) -> Cli {
        let data = self.data.display().to_string();
        let url = format!("database.url={}", self.url);
        let own = ["megashop", "--data-dir", &data, "--set", &url, "--set", "payments.provider=emulator"];
        Cli::parse_from(own.into_iter().chain(["--set", "limits.rate=off"]).chain(words.iter().copied()))
    }

    async fn run(&self, words: &[&str]) -> anyhow::Result<ExitCode> {
        cli::run(self.cli(words)).await
    }

    /// Команда, которой положено удаться.
    async fn done(&self, words: &[&str]) {
        let code = self.run(words).await.unwrap_or_else(|error| panic!("{words:?}: {error:#}"));
        assert_eq!(code, ExitCode::SUCCESS, "{words:?}");
    }

    async fn open(&self) -> Platform {
        boot::start(&self.cli(&["serve"]).common).await.unwrap_or_else(|error| panic!("{}: {error:#}", self.url))
    }

    /// Демонстрационный магазин с парой заказов.
    async fn fill(&self) {
        let platform = self.open().await;
        storefront::load_demo(&platform.ctx, &mut |_| {}).await.expect("the demo");
        sell(&platform.ctx).await;
        close(platform).await;
    }
}

async fn close(platform: Platform) {
    platform.ctx.db_handle().clone().close().await;
}

/// Продаёт новый товар; возвращает номер строки заказа.
async fn sell(ctx: &Ctx) -> i64 {
    let made = catalog::factories::product(ctx).stock(1_000_000).create().await;
    place(ctx, new_order(made.product.id, None)).await.expect("sold").order.id
}

async fn last_order(ctx: &Ctx) -> i64 {
    let last = Order::find().order_by_desc(orders::models::order::Column::Id).one(ctx.db_fresh()).await;
    last.expect("orders").map_or(0, |order| order.id)
}

fn tallies(file: &Path) -> Vec<(String, Tally)> {
    let manifest = Archive::open(file).expect("a backup").manifest;
    manifest.tables.into_iter().map(|table| (table.name, table.tally)).collect()
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// SQLite → PostgreSQL → MariaDB → SQLite (с какой бы ни начали): отпечатки всех таблиц равны, деньги сходятся, магазин продаёт.
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_shop_moves_around_three_engines() {
    let mut ground = Ground::new();
    let first = ground.own("shop").await;
    first.fill().await;
    let file = ground.file("first.zip");
    first.done(&["backup", "--to", &text(&file)]).await;
    first.done(&["backup", "verify", &text(&file)]).await;
    let expected = tallies(&file);
    assert!(expected.iter().filter(|(_, tally)| tally.rows > 0).count() > 30, "the demo fills too few tables");

    let mut from = first.clone();
    for (number, engine) in [Engine::Postgres, Engine::MariaDb, Engine::Sqlite].into_iter().enumerate() {
        let Some(to) = ground.place("shop", engine).await else { continue };
        from.done(&["copy", "--to", &to.url]).await;
        to.done(&["doctor"]).await;
        let again = ground.file(&format!("again-{number}.zip"));
        to.done(&["backup", "--to", &text(&again)]).await;
        assert_eq!(tallies(&again), expected, "{engine:?}");
        from = to;
    }
    let platform = from.open().await;
    let before = last_order(&platform.ctx).await;
    assert!(sell(&platform.ctx).await > before);
    close(platform).await;
    from.done(&["doctor", "--money"]).await;
    let refusal = from.run(&["copy", "--to", &first.url]).await.expect_err("the target is full");
    assert!(format!("{refusal:#}").contains("not empty"), "{refusal:#}");
    ground.close().await;
}

/// Старая копия не шлёт старых писем: задачи стоят, пока человек не посмотрит.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_shop_holds_its_jobs() {
    let mut ground = Ground::new();
    let (old, new) = (ground.own("old").await, ground.own("new").await);
    old.fill().await;
    let file = ground.file("shop.zip");
    old.done(&["backup", "--to", &text(&file)]).await;
    new.done(&["restore", &text(&file)]).await;
    let platform = new.open().await;
    let ctx = &platform.ctx;
    let waiting = jobs::job_row::Entity::find().count(ctx.db_fresh()).await.expect("jobs");
    assert!(waiting > 0, "the old shop had nothing to send");
    assert!(jobs::is_held(ctx));
    assert_eq!(jobs::run_due(ctx).await.expect("looked"), 0, "a job of the old shop ran");
    assert_eq!(jobs::job_row::Entity::find().count(ctx.db_fresh()).await.expect("jobs"), waiting);
    // Магазин при этом продаёт, и номера не повторяются.
    let before = last_order(ctx).await;
    assert!(sell(ctx).await > before);
    let files = |place: &Place| walk(&place.data.join("files"));
    assert_eq!(files(&new), files(&old));
    assert!(!files(&new).is_empty());
    let key = |place: &Place| std::fs::read(place.data.join("secret.key")).expect("a secret");
    assert_eq!(key(&new), key(&old));
    close(platform).await;

    new.done(&["jobs", "release"]).await;
    let platform = new.open().await;
    assert!(!jobs::is_held(&platform.ctx));
    assert!(jobs::run_due(&platform.ctx).await.expect("ran") > 0);
    close(platform).await;
    new.done(&["doctor", "--money"]).await;
    ground.close().await;
}

/// Файлы папки, сколько бы в ней ни было папок.
fn walk(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path().is_dir() {
            true => found.extend(walk(&entry.path())),
            false => found.push(entry.file_name().to_string_lossy().into_owned()),
        }
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_spares_what_is_already_there() {
    let mut ground = Ground::new();
    let (one, other) = (ground.own("one").await, ground.own("other").await);
    close(one.open().await).await;
    let file = ground.file("one.zip");
    one.done(&["backup", "--to", &text(&file)]).await;
    // Та же папка и та же база: в ней уже магазин.
    let refusal = one.run(&["restore", &text(&file)]).await.expect_err("refused");
    assert!(format!("{refusal:#}").contains("not empty"), "{refusal:#}");
    // В папке секрет другого магазина.
    std::fs::create_dir_all(&other.data).expect("a folder");
    let foreign = other.data.join("secret.key");
    std::fs::write(&foreign, [b'x'; 40]).expect("a secret");
    let refusal = other.run(&["restore", &text(&file)]).await.expect_err("refused");
    assert!(format!("{refusal:#}").contains("belongs to another shop"), "{refusal:#}");
    assert_eq!(std::fs::read(&foreign).expect("a secret"), [b'x'; 40]);
    other.done(&["restore", "--force", &text(&file)]).await;
    assert_ne!(std::fs::read(&foreign).expect("a secret"), [b'x'; 40]);
    assert_eq!(std::fs::read(other.data.join("secret.key.replaced")).expect("the old one"), [b'x'; 40]);
    other.done(&["jobs", "release", "--unchecked"]).await;
    ground.close().await;
}

/// Проверка копии называет беду и кончается кодом 1.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_copy_fails_the_check() {
    let mut ground = Ground::new();
    let shop = ground.own("shop").await;
    let platform = shop.open().await;
    sell(&platform.ctx).await;
    // Деньги не сходятся в самом магазине: строки переносятся верно, а проверки находят беду.
    let spoil = "UPDATE inventory_items SET on_hand = on_hand + 1, available = available + 1";
    platform.ctx.db_handle().write.execute_unprepared(spoil).await.expect("spoiled");
    close(platform).await;
    let file = ground.file("shop.zip");
    shop.done(&["backup", "--to", &text(&file)]).await;
    assert_eq!(shop.run(&["backup", "verify", &text(&file)]).await.expect("checked"), ExitCode::FAILURE);
    ground.close().await;
}

/// Копия по расписанию: сделана, проверена, лишние убраны.
#[tokio::test(flavor = "multi_thread")]
async fn scheduled_copies_are_checked_and_rotated() {
    let mut ground = Ground::new();
    let shop = ground.own("shop").await;
    let cli = shop.cli(&["--set", "backup.every=0 * * * *", "--set", "backup.keep=2", "serve"]);
    let platform = boot::start(&cli.common).await.expect("started");
    let (ctx, folder) = (&platform.ctx, shop.data.join("backups"));
    let mut kept = Vec::new();
    for _ in 0..4 {
        ctx.clock().advance(chrono::TimeDelta::minutes(61));
        while jobs::run_due(ctx).await.expect("ran") > 0 {}
        let names = walk(&folder);
        kept = names.into_iter().filter(|name| name.ends_with(".zip")).collect();
    }
    assert_eq!(kept.len(), 2, "{kept:?}");
    let verified = std::fs::read_to_string(folder.join("last-verified")).expect("verified");
    let last = kept.last().expect("a backup").replace("megashop-", "");
    assert_eq!(
        chrono::DateTime::parse_from_rfc3339(&verified).expect("a moment").format("%Y%m%dT%H%M%SZ.zip").to_string(),
        last
    );
    close(platform).await;
    ground.close().await;
}

/// Магазин продаёт, пока идёт копия: ни одного отказа, в копии всё сходится. Самую долгую покупку тест называет, но не судит.
#[tokio::test(flavor = "multi_thread")]
async fn the_shop_sells_while_it_is_copied() {
    let mut ground = Ground::new();
    let shop = ground.own("shop").await;
    let platform = shop.open().await;
    let ctx = platform.ctx.clone();
    let product = catalog::factories::product(&ctx).stock(1_000_000).create().await.product.id;
    let (stop, worst, sold) =
        (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let buyers: Vec<_> = (0..4)
        .map(|_| {
            let (ctx, stop, worst, sold) = (ctx.clone(), stop.clone(), worst.clone(), sold.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let started = Instant::now();
                    place(&ctx, new_order(product, None)).await.expect("sold");
                    worst.fetch_max(started.elapsed().as_micros() as u64, Ordering::Relaxed);
                    sold.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let mut files = Vec::new();
    for number in 0..3 {
        let before = sold.load(Ordering::Relaxed);
        let file = ground.file(&format!("busy-{number}.zip"));
        shop.done(&["backup", "--to", &text(&file)]).await;
        assert!(sold.load(Ordering::Relaxed) > before, "nothing was sold during the backup");
        files.push(file);
    }
    stop.store(true, Ordering::Relaxed);
    for buyer in buyers {
        buyer.await.expect("no sale was refused");
    }
    let worst = Duration::from_micros(worst.load(Ordering::Relaxed));
    println!("{} sales during 3 backups, the longest took {worst:?}", sold.load(Ordering::Relaxed));
    close(platform).await;
    for file in files {
        shop.done(&["backup", "verify", &text(&file)]).await;
    }
    ground.close().await;
}
