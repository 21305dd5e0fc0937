//! `megashop config check|show|init`.

use std::process::ExitCode;

use kernel::Platform;
use kernel::settings::{Settings, Sources};
use megashop_files::Storage;

use crate::cli::Common;
use crate::{apps, boot, output};

/// Читает настройки и пробует всё, на что они указывают.
pub async fn check(common: &Common) -> anyhow::Result<ExitCode> {
    let settings = boot::settings(common)?;
    println!("ok    settings are readable");
    let platform = boot::connect(settings).await?;
    println!("ok    database answers");
    let pending = platform.migrator.pending(platform.ctx.db_handle()).await?.len();
    println!("{} schema: {pending} migrations pending", if pending == 0 { "ok   " } else { "note " });
    let ctx = &platform.ctx;
    let storage = ctx.service::<Storage>().check(ctx.random().uuid(ctx.now())).await;
    let checks = [
        ("files", storage.map(|()| "storage writes, reads and deletes".to_owned()).map_err(anyhow::Error::from)),
        ("cache", megashop_cluster::check_cache(ctx).await),
        ("jobs", megashop_cluster::check_broker(ctx).await),
        ("mail", notifications::check_mail(ctx).await),
        ("sms", notifications::check_sms(ctx).await),
        ("telegram", notifications::check_telegram(ctx).await),
        ("payments", payments::check(ctx).await),
    ];
    let mut code = ExitCode::SUCCESS;
    for (name, result) in checks {
        match result {
            Ok(line) => println!("ok    {name}: {line}"),
            Err(error) => {
                println!("WRONG {name}: {error:#}");
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

/// Все значения и их источник.
pub fn show(common: &Common) -> anyhow::Result<ExitCode> {
    let settings = boot::settings(common)?;
    let row = |(key, value, source): (String, String, String)| format!("{key} = {value}    # {source}\n");
    output::print(&settings.show().into_iter().map(row).collect::<String>())?;
    Ok(ExitCode::SUCCESS)
}

/// Файл настроек со значениями по умолчанию, закомментированными.
pub fn init() -> anyhow::Result<ExitCode> {
    let settings: Settings = Platform::settings(&apps::all(), &Sources::default())?;
    let mut text =
        "# Настройки megashop. Строки с # — значения по умолчанию; раскомментируйте то, что меняете.\n".to_owned();
    let mut section = String::new();
    for (key, value, _) in settings.show() {
        let (head, name) = key.rsplit_once('.').unwrap_or(("", &key));
        if head != section {
            section = head.to_owned();
            text.push_str(&format!("\n[{section}]\n"));
        }
        text.push_str(&format!("# {name} = {value}\n"));
    }
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
