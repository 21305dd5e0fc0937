//! `megashop backup` и `megashop backup verify FILE`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::Common;
use crate::output::Steps;
use crate::{backups, boot};

pub async fn make(common: &Common, to: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let platform = boot::connect(boot::settings(common)?).await?;
    let ctx = &platform.ctx;
    let to = to.unwrap_or_else(|| backups::new_file(ctx));
    let steps = Steps::start("Копирую");
    let manifest = backups::make(ctx, &to, &|what, done| steps.show(what, done)).await?;
    steps.finish();
    ctx.db_handle().clone().close().await;
    let bytes = std::fs::metadata(&to)?.len();
    println!("Копия готова: {} ({:.1} МБ)", to.display(), bytes as f64 / 1e6);
    println!("таблиц {}, строк {}, файлов {}", manifest.tables.len(), manifest.rows(), manifest.files.rows);
    for file in &manifest.missing_files {
        println!("файл удалили, пока шла копия: {file}");
    }
    println!("Внутри данные покупателей и главный секрет магазина, без шифра: храните копию так же, как ключи.");
    println!("Проверить: megashop backup verify {}", to.display());
    Ok(ExitCode::SUCCESS)
}

pub async fn verify(common: &Common, file: &Path) -> anyhow::Result<ExitCode> {
    let settings = boot::settings(common)?;
    let steps = Steps::start("Проверяю");
    let found = backups::verify(&settings, file, &|what, done| steps.show(what, done)).await;
    steps.finish();
    let found = found?;
    if found.is_empty() {
        println!("Копия цела: {}", file.display());
        return Ok(ExitCode::SUCCESS);
    }
    println!("Копия испорчена: {}", file.display());
    found.iter().for_each(|line| println!("  {line}"));
    Ok(ExitCode::FAILURE)
}
