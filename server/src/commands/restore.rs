//! `megashop restore FILE`: магазин из копии, в пустой базе. Задачи после этого стоят.

use std::path::Path;
use std::process::ExitCode;

use kernel::Platform;
use kernel::app::Overrides;
use kernel::data::Db;
use kernel::jobs;
use megashop_backup::Archive;
use megashop_files::Storage;
use payments::models::{Payment, Status, payment};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::cli::Common;
use crate::output::Steps;
use crate::{apps, boot, files, secret};

/// Сколько строк показывать в каждом списке.
const SHOWN: u64 = 20;

pub async fn run(common: &Common, file: &Path, force: bool) -> anyhow::Result<ExitCode> {
    let settings = boot::settings(common)?;
    let archive = Archive::open(file)?;
    let db = Db::connect(&settings.database_url(), &settings.kernel.database).await?;
    let storage = files::open(&settings)?;
    let key = archive.secret()?;
    // Чужой секрет узнаётся до того, как в базе что-то появилось; пишется — когда строки уже на месте.
    secret::compare(settings.data_dir(), &key, force)?;
    let platform = Platform::assemble(apps::all(), settings, db, key.clone(), Overrides::default())?;
    platform.ctx.provide(storage);
    let ctx = &platform.ctx;
    let steps = Steps::start("Восстанавливаю");
    let progress = |what: &str, done| steps.show(what, done);
    megashop_backup::restore(&archive, ctx.db_handle(), &platform.migrator, ctx.clock(), &progress).await?;
    megashop_backup::put_back(&archive, Some(&ctx.service::<Storage>()), &progress).await?;
    steps.finish();
    secret::replace(ctx.settings().data_dir(), &key)?;
    jobs::hold(ctx, true).await?;
    megashop_backup::finish(ctx.db_handle()).await?;
    report(&platform, &archive).await?;
    ctx.db_handle().clone().close().await;
    Ok(ExitCode::SUCCESS)
}

async fn report(platform: &Platform, archive: &Archive) -> anyhow::Result<()> {
    let (ctx, manifest) = (&platform.ctx, &archive.manifest);
    println!("Магазин восстановлен, каким он был {}.", manifest.created_at.format("%d.%m.%Y %H:%M UTC"));
    println!("таблиц {}, строк {}, файлов {}", manifest.tables.len(), manifest.rows(), manifest.files.rows);
    println!("\nЗадачи стоят: письма и обращения наружу, которые ждали в копии, могли уже уйти.");
    for state in jobs::states(ctx).await? {
        println!("  {:<44} ждут {}", state.name, state.ready + state.scheduled + state.running);
    }
    let open = Payment::find().filter(payment::Column::Status.is_in([Status::Pending, Status::WaitingForCapture]));
    let open = open.order_by_desc(payment::Column::Id).limit(SHOWN).all(ctx.db_fresh()).await?;
    if !open.is_empty() {
        println!("\nПоследние неоплаченные платежи, о которых провайдер может знать больше нас:");
    }
    for payment in open {
        println!("  {} {} от {}", payment.public_id, payment.amount, payment.created_at.format("%d.%m.%Y %H:%M"));
    }
    println!("\nПосмотреть задачи: megashop jobs list; удалить ненужную: megashop jobs drop НОМЕР");
    println!("Сверить платежи с провайдером и пустить остальное: megashop jobs release");
    Ok(())
}
