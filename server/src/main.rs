//! `megashop` — магазин одной программой.

use std::process::ExitCode;

use clap::Parser;
use megashop::cli::{self, Cli};
use megashop::{reports, traces};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(cli::run(cli));
            traces::flush();
            outcome
        }
        Err(error) => Err(error.into()),
    };
    reports::flush();
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
