//! Выгрузка заказов: растёт ли память магазина вместе с файлом. Заказы размножает сама база из одного настоящего.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

use crate::catalogue::SIZES;
use crate::engine::Kind;
use crate::http::Call;
use crate::shop::{Setup, Shop};
use crate::stage::{Place, Stage};
use crate::{cpu, customers, machine, table};

#[derive(Args)]
pub struct Options {
    /// Программа магазина.
    #[arg(long)]
    binary: PathBuf,
    #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
    engine: Kind,
    /// Заказов сначала.
    #[arg(long, default_value_t = 10_000)]
    small: usize,
    /// Заказов потом.
    #[arg(long, default_value_t = 1_000_000)]
    large: usize,
}

const ADMIN: usize = 9_000_000;
const EXPORT: &str = "/api/v1/analytics/export/orders";

pub async fn run(options: Options) -> Result<()> {
    ensure!(options.engine != Kind::Mariadb, "orders are seeded on SQLite and PostgreSQL only");
    println!("{}", machine::describe());
    println!("export of orders on {}\n", options.engine.name());
    let stage = Stage::build(&Place { binary: options.binary, engine: options.engine, products: 10 }).await?;
    customers::make_admin(&stage.setup, ADMIN).await?;
    // Задачи выключены: размноженные заказы никто не отменяет.
    let setup = stage.setup.clone().with("MEGASHOP_JOBS__IN_PROCESS", "false");
    place_one(&setup).await?;
    table::head(&[
        "orders",
        "rows",
        "MB",
        "seconds",
        "rows/s",
        "own memory before, MB",
        "peak, MB",
        "with mapped files, MB",
    ]);
    let mut known = 1;
    for orders in [options.small, options.large] {
        seed(options.engine, &stage.url, known, orders).await?;
        known = orders;
        measure(&setup, orders).await?;
    }
    Ok(())
}

/// Один настоящий заказ: образец для остальных.
async fn place_one(setup: &Setup) -> Result<()> {
    let shop = Shop::serve(setup).await?;
    let mut client = shop.client();
    let token = customers::register(&mut client, 1).await?;
    let product = *customers::product_ids(&mut client, 1).await?.first().context("no products")?;
    let body = customers::order(&[(product, SIZES[0])]);
    client.send(&Call::post("/api/v1/orders/", &body).by(&token)).await?.json()?;
    shop.stop().await
}

/// Доводит число заказов до `total`: копии первого, отличаются номером и ключом. Столбцы читаются у базы, поэтому новая миграция замера не
/// сломает.
async fn seed(kind: Kind, url: &str, known: usize, total: usize) -> Result<()> {
    let copied = |columns: Vec<(String,)>| -> String {
        let own = ["id", "number", "access_token"];
        let names: Vec<String> =
            columns.into_iter().map(|(name,)| name).filter(|n| !own.contains(&n.as_str())).collect();
        names.join(", ")
    };
    match kind {
        Kind::Postgres => {
            let mut db = PgConnection::connect(url).await?;
            let columns = "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'orders'";
            let columns = copied(sqlx::query_as(columns).fetch_all(&mut db).await?);
            let sql = format!(
                "INSERT INTO orders (number, access_token, {columns}) \
                 SELECT 'B-' || n, lpad(n::text, 32, '0'), {columns} FROM orders, generate_series({known} + 1, {total}) n \
                 WHERE id = (SELECT min(id) FROM orders)"
            );
            db.execute(AssertSqlSafe(sql)).await?;
            db.execute("ANALYZE orders").await?;
        }
        _ => {
            let mut db = SqliteConnection::connect(url).await?;
            let columns =
                copied(sqlx::query_as("SELECT name FROM pragma_table_info('orders')").fetch_all(&mut db).await?);
            let sql = format!(
                "WITH RECURSIVE series(n) AS (SELECT {known} + 1 UNION ALL SELECT n + 1 FROM series WHERE n < {total}) \
                 INSERT INTO orders (number, access_token, {columns}) \
                 SELECT 'B-' || n, printf('%032d', n), {columns} FROM orders, series WHERE id = (SELECT min(id) FROM orders)"
            );
            db.execute(AssertSqlSafe(sql)).await?;
        }
    }
    Ok(())
}

async fn measure(setup: &Setup, orders: usize) -> Result<()> {
    let shop = Shop::serve(setup).await?;
    let pid = shop.pid()?;
    let mut client = shop.client();
    let session = client.send(&customers::login(ADMIN)).await?.json()?;
    let token = customers::text(&session, "access_token")?;
    let before = own_memory(pid);
    let watcher = tokio::spawn(watch_peak(pid));
    let started = Instant::now();
    let (lines, bytes) = client.read_lines(&Call::get(EXPORT).by(&token)).await?;
    let seconds = started.elapsed().as_secs_f64();
    // Первая строка — шапка.
    ensure!(lines == orders + 1, "{lines} lines instead of {}", orders + 1);
    let resident = cpu::memory(pid, "VmHWM").unwrap_or_default();
    shop.stop().await?;
    // Процесса не стало — и следить не за чем.
    let peak = watcher.await?;
    table::row([
        orders.to_string(),
        (lines - 1).to_string(),
        format!("{:.1}", bytes as f64 / 1024.0 / 1024.0),
        format!("{seconds:.1}"),
        format!("{:.0}", orders as f64 / seconds),
        format!("{before:.0}"),
        format!("{peak:.0}"),
        format!("{resident:.0}"),
    ]);
    Ok(())
}

/// Своя память процесса. Страницы файла базы, отображённые в память (SQLite), принадлежат системе: она отдаст их, кому нужнее.
fn own_memory(pid: u32) -> f64 {
    cpu::memory(pid, "RssAnon").unwrap_or_default()
}

async fn watch_peak(pid: u32) -> f64 {
    let mut peak: f64 = 0.0;
    while let Some(now) = cpu::memory(pid, "RssAnon") {
        peak = peak.max(now);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    peak
}
