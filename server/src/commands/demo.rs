//! `megashop demo`: готовый магазин с товарами и входами. Второй запуск на той же папке ничего не теряет.

use std::path::PathBuf;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use storefront::{Step, demo_campaign_path, demo_logins, load_demo};

use crate::cli::Common;
use crate::{boot, serve};

/// Папка данных демонстрации, если не названа другая.
const FOLDER: &str = "demo-data";

pub async fn run(common: &Common) -> anyhow::Result<ExitCode> {
    let mut common = common.clone();
    common.data_dir.get_or_insert_with(|| PathBuf::from(FOLDER));
    let platform = boot::start_with_preset(&common, storefront::PRESET).await?;
    load(&platform.ctx).await?;
    let listen = platform.ctx.settings().kernel.server.listen.clone();
    let address = listen.replace("127.0.0.1", "localhost").replace("0.0.0.0", "localhost");
    println!("\nВитрина:    http://{address}/");
    if let Some(path) = demo_campaign_path() {
        println!("AR-кампания: http://{address}{path}");
    }
    println!("API:        http://{address}/docs/");
    println!("Данные:     {}", platform.ctx.settings().data_dir().display());
    println!("Письма и SMS: {}", platform.ctx.settings().data_dir().join("mail").display());
    println!("\nВходы (только для демонстрации):");
    for login in demo_logins() {
        println!("  {:<16} {:<28} {:<14} {}", login.name, login.login, login.phone, login.password);
    }
    println!("\nОстановить: Ctrl+C\n");
    serve::run(platform).await
}

async fn load(ctx: &kernel::Ctx) -> anyhow::Result<()> {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("Загружаю демонстрацию: {msg:<10} [{bar:32}] {pos}/{len}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    let shown = bar.clone();
    let mut progress = move |step: Step| {
        shown.set_length(step.total as u64);
        shown.set_position(step.done as u64);
        shown.set_message(step.what);
    };
    load_demo(ctx, &mut progress).await?;
    bar.finish_and_clear();
    println!("Демонстрация загружена.");
    Ok(())
}
