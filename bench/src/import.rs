//! Загрузка каталога из CSV: время и наибольшая память процесса.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::cpu::Meter;
use crate::engine::Engine;
use crate::shop::Setup;
use crate::stage::Place;
use crate::{catalogue, cpu, machine};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Вариантов у товара.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..))]
    variants: u8,
}

pub async fn run(Options { place, variants }: Options) -> Result<()> {
    println!("{}", machine::describe());
    let engine = Engine::start(place.program.engine).await?;
    let url = engine.create_database("shop").await?;
    let setup = Setup::new(&place.program.binary, &engine.dir().join("data"), &url);
    let file = engine.dir().join("catalogue.csv");
    catalogue::write_csv_of(&file, place.products, usize::from(variants))?;
    setup.run(&["migrate"]).await?;
    for what in ["first import", "the same file again"] {
        let Import { took, cpu, peak } = import(&setup, &engine, &file.to_string_lossy()).await?;
        println!(
            "{what}: {} products of {variants} variant(s) on {}: {:.1} s, {:.1} s of CPU, {:.0} products/s, peak memory {peak:.0} MB",
            place.products,
            engine.kind.name(),
            took.as_secs_f64(),
            cpu.as_secs_f64(),
            place.products as f64 / took.as_secs_f64(),
        );
    }
    Ok(())
}

struct Import {
    took: Duration,
    /// Загрузки и сервера базы вместе.
    cpu: Duration,
    /// Наибольшая память загрузки, мегабайт.
    peak: f64,
}

async fn import(setup: &Setup, engine: &Engine, file: &str) -> Result<Import> {
    let started = Instant::now();
    let mut child = setup.command(&["import", file]).stdout(std::process::Stdio::null()).spawn()?;
    let meter = Meter { app: child.id().context("the import ended at once")?, database: engine.pid() };
    let before = meter.spent()?;
    let (mut cpu, mut peak) = (Duration::ZERO, 0.0);
    loop {
        // Ушедшего процесса в `/proc` уже нет: остаётся последнее увиденное.
        if let (Ok(spent), Some(memory)) = (meter.spent(), cpu::memory(meter.app, "VmHWM")) {
            (cpu, peak) = (spent.saturating_sub(before), memory);
        }
        if let Some(status) = child.try_wait()? {
            ensure!(status.success(), "the import ended with {status}");
            return Ok(Import { took: started.elapsed(), cpu, peak });
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
