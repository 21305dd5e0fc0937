//! `megashop copy --to ADDRESS`: база магазина в другую, пустую.

use std::process::ExitCode;

use kernel::data::Db;
use kernel::settings::DatabaseSettings;
use megashop_backup::Snapshot;

use crate::boot;
use crate::cli::Common;
use crate::output::Steps;

pub async fn run(common: &Common, to: &str) -> anyhow::Result<ExitCode> {
    let platform = boot::connect(boot::settings(common)?).await?;
    let (ctx, migrator) = (&platform.ctx, &platform.migrator);
    let own = ctx.settings();
    anyhow::ensure!(to != own.database_url(), "--to is the shop's own database");
    let settings = DatabaseSettings { replica_urls: Vec::new(), ..own.kernel.database.clone() };
    let target = Db::connect(to, &settings).await?;
    let snapshot = Snapshot::open(ctx.db_handle(), migrator, ctx.clock()).await?;
    let steps = Steps::start("Переношу");
    let progress = |what: &str, done| steps.show(what, done);
    let tables = megashop_backup::copy(&snapshot, &target, migrator, ctx.clock(), &progress).await?;
    steps.finish();
    snapshot.close().await?;
    megashop_backup::finish(&target).await?;
    target.close().await;
    ctx.db_handle().clone().close().await;
    for (table, tally) in &tables {
        println!("{:<32} {:>12}  {:032x}", table.name, tally.rows, tally.hash);
    }
    println!("Перенесено таблиц: {}; строк и отпечатков в обеих базах поровну.", tables.len());
    println!(
        "База прочитана на один момент: заказов, сделанных позже, в новой нет. Переезжая, остановите магазин заранее."
    );
    println!("Теперь укажите новый адрес в megashop.toml (файлы и secret.key остаются на месте):");
    println!("\n[database]\nurl = \"{to}\"");
    Ok(ExitCode::SUCCESS)
}
