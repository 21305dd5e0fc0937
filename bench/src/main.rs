//! Замеры магазина: скорость в отношении к голым образцам, процессорное время на запрос, живучесть при `kill -9`.
//! Что и как меряется и что намерено — в `bench/README.md`.

mod catalogue;
mod crash;
mod customers;
mod engine;
mod http;
mod machine;
mod shop;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// kill -9 в случайные моменты и сверка
    Crash(crash::Options),
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().verb {
        Verb::Crash(options) => crash::run(options).await,
    }
}
