//! `megashop jobs list|retry|drop`.

use std::process::ExitCode;

use kernel::jobs;

use crate::boot;
use crate::cli::{Common, JobsCommand};

pub async fn run(common: &Common, command: JobsCommand) -> anyhow::Result<ExitCode> {
    let platform = boot::connect(boot::settings(common)?).await?;
    let ctx = &platform.ctx;
    match command {
        JobsCommand::List => {
            let counts = jobs::count(ctx).await?;
            println!("waiting {}, dead {}", counts.waiting, counts.dead);
            for job in jobs::list(ctx, 100).await? {
                let error = job.last_error.unwrap_or_default();
                println!(
                    "{:>8} {:<8} {:<40} tries {:<3} at {} {error}",
                    job.id, job.status, job.name, job.attempts, job.run_at
                );
            }
        }
        JobsCommand::Retry { id } => {
            jobs::retry(ctx, id).await.map_err(|_| anyhow::anyhow!("there is no job {id}"))?;
            println!("job {id} is back in the queue");
        }
        JobsCommand::Drop { id } => {
            jobs::drop_job(ctx, id).await.map_err(|_| anyhow::anyhow!("there is no job {id}"))?;
            println!("job {id} is dropped");
        }
    }
    Ok(ExitCode::SUCCESS)
}
