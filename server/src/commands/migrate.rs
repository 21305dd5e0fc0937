//! `megashop migrate`.

use std::process::ExitCode;

use crate::boot;
use crate::cli::Common;

pub async fn run(common: &Common, dry_run: bool) -> anyhow::Result<ExitCode> {
    let platform = boot::connect(boot::settings(common)?).await?;
    let (db, clock) = (platform.ctx.db_handle(), platform.ctx.clock());
    if dry_run {
        for name in platform.migrator.pending(db).await? {
            println!("{name}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let applied = platform.migrator.run(db, clock).await?;
    println!("applied {applied} migrations");
    Ok(ExitCode::SUCCESS)
}
