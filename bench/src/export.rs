//! Выгрузка заказов: растёт ли память магазина вместе с файлом.

use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Args;

use crate::http::Call;
use crate::shop::{Setup, Shop};
use crate::stage::{Program, Stage};
use crate::{cpu, customers, machine, many_orders, table};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    program: Program,
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
    println!("{}", machine::describe());
    let kind = options.program.engine;
    println!("export of orders on {}\n", kind.name());
    let stage = Stage::build_with(&options.program, 10).await?;
    customers::make_admin(&stage.setup, ADMIN).await?;
    // Задачи выключены: размноженные заказы никто не отменяет.
    let setup = stage.setup.clone().with("MEGASHOP_JOBS__IN_PROCESS", "false");
    many_orders::place_one(&setup).await?;
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
        many_orders::seed(kind, &stage.url, known, orders, &many_orders::keys(kind)).await?;
        known = orders;
        measure(&setup, orders).await?;
    }
    Ok(())
}

async fn measure(setup: &Setup, orders: usize) -> Result<()> {
    let shop = Shop::serve(setup).await?;
    let pid = shop.pid()?;
    let mut client = shop.client();
    let session = client.send(&customers::login(ADMIN)).await?.json()?;
    let token = customers::text(&session, "access_token")?;
    let before = cpu::own_memory(pid);
    let watcher = tokio::spawn(cpu::peak_memory(pid));
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
