//! `megashop import PATH`: каталог из файла 1С, CSV или JSONL с ходом и итогом.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use integrations::services::{ImportOptions, OnProgress, Progress, Report, Stage, Tally, import_path};
use kernel::texts::describe;
use kernel::{Ctx, Lang};

use crate::boot;
use crate::cli::Common;

pub async fn run(common: &Common, path: &Path, dry_run: bool, json: bool) -> anyhow::Result<ExitCode> {
    let platform = boot::start(common).await?;
    let ctx = &platform.ctx;
    let bar = progress_bar();
    let options = ImportOptions { dry_run, ..ImportOptions::default() };
    let outcome = import_path(ctx, path, options, on_progress(bar.clone())).await;
    bar.finish_and_clear();
    let report = match outcome {
        Ok(report) => report,
        Err(error) => {
            let (detail, _) = describe(ctx.texts(), Lang::Ru, &error);
            eprintln!("{}: {detail} [{}]", path.display(), error.code);
            return Ok(ExitCode::FAILURE);
        }
    };
    match json {
        true => println!("{}", serde_json::to_string_pretty(&report)?),
        false => print_report(ctx, &report),
    }
    ctx.db_handle().clone().close().await;
    Ok(ExitCode::SUCCESS)
}

fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let style =
        ProgressStyle::with_template("{msg:<22} [{bar:32}] {bytes}/{total_bytes} {bytes_per_sec} осталось {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    bar
}

fn on_progress(bar: ProgressBar) -> OnProgress {
    Arc::new(move |progress: Progress| {
        bar.set_length(progress.bytes_total);
        bar.set_position(progress.bytes_done);
        bar.set_message(match progress.stage {
            Stage::Checking => "Проверка файлов",
            Stage::Loading => "Загрузка",
            Stage::Finishing => "Завершение",
        });
    })
}

fn print_report(ctx: &Ctx, report: &Report) {
    for document in &report.documents {
        println!("{}: {} ({} байт)", document.name, document.format, document.bytes);
    }
    if report.ignored_files > 0 {
        println!("не каталог, пропущено файлов: {}", report.ignored_files);
    }
    let tallies = &report.tallies;
    println!("{:<16} {:>10} {:>12} {:>14}", "", "новых", "изменённых", "без изменений");
    let rows = [
        ("разделы", tallies.categories),
        ("характеристики", tallies.attributes),
        ("товары", tallies.products),
        ("варианты", tallies.variants),
        ("цены", tallies.prices),
        ("остатки", tallies.stocks),
    ];
    for (name, Tally { created, changed, unchanged }) in rows {
        println!("{name:<16} {created:>10} {changed:>12} {unchanged:>14}");
    }
    println!(
        "скрыто {}, ждут своего товара {}, не принято {}, предупреждений {}",
        tallies.hidden, tallies.pending, tallies.refused, tallies.warnings
    );
    for problem in &report.problems {
        println!("  {}", Report::describe(ctx, Lang::Ru, problem));
    }
    if report.dry_run {
        println!("Это была проба: ничего не записано.");
    }
}
