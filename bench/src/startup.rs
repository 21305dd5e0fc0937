//! Старт на готовой базе и память.

use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use crate::http::Call;
use crate::load::{self, Side, Worker};
use crate::reads::LIST;
use crate::shop::Shop;
use crate::stage::{Place, Stage};
use crate::{cpu, machine, table};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Стартов подряд.
    #[arg(long, default_value_t = 20)]
    starts: usize,
}

pub async fn run(options: Options) -> Result<()> {
    println!("{}", machine::describe());
    println!(
        "start on an existing database, {}, {} products\n",
        options.place.program.engine.name(),
        options.place.products
    );
    let stage = Stage::build(&options.place).await?;
    let polite = starts(&stage, options.starts, false).await?;
    let killed = starts(&stage, options.starts, true).await?;
    table::head(&["what", "median", "worst"]);
    print("start to ready, ms", &polite);
    print("start after kill -9, ms", &killed);
    memory(&stage).await
}

/// От запуска процесса до готовности, мс.
async fn starts(stage: &Stage, count: usize, kill: bool) -> Result<Vec<f64>> {
    let mut took = Vec::with_capacity(count);
    for _ in 0..count {
        let shop = Shop::serve(&stage.setup).await?;
        took.push(shop.ready_after.as_secs_f64() * 1000.0);
        if kill { shop.kill().await? } else { shop.stop().await? }
    }
    took.sort_by(f64::total_cmp);
    Ok(took)
}

fn print(name: &str, took: &[f64]) {
    let worst = took.last().copied().unwrap_or_default();
    table::row([name.to_owned(), format!("{:.0}", took[took.len() / 2]), format!("{worst:.0}")]);
}

/// Память без дела и после того, как каталог почитали.
async fn memory(stage: &Stage) -> Result<()> {
    let shop = Shop::serve(&stage.setup).await?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let idle = cpu::memory(shop.pid()?, "VmRSS").context("the server is gone")?;
    let side = Side {
        meter: stage.meter(&shop)?,
        worker: Box::new(|_| Worker::http(shop.address, Box::new(|| Call::get(LIST)))),
    };
    load::measure(&side, 64, Duration::from_secs(10)).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after = cpu::memory(shop.pid()?, "VmRSS").context("the server is gone")?;
    println!("\nresident memory: idle {idle:.0} MB, after 12 s of 64 clients reading the list {after:.0} MB");
    drop(side);
    shop.stop().await
}
