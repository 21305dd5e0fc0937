//! `megashop jobs list|retry|drop|hold|release`.

use std::process::ExitCode;

use anyhow::Context;
use kernel::{Ctx, jobs};
use payments::services::Recheck;

use crate::boot;
use crate::cli::{Common, JobsCommand};

pub async fn run(common: &Common, command: JobsCommand) -> anyhow::Result<ExitCode> {
    let platform = boot::connect(boot::settings(common)?).await?;
    let ctx = &platform.ctx;
    kernel::overrides::reload(ctx).await?;
    match command {
        JobsCommand::List => {
            let counts = jobs::count(ctx).await?;
            println!("waiting {}, dead {}", counts.waiting, counts.dead);
            if jobs::is_held(ctx) {
                println!("jobs are held: nothing runs until `megashop jobs release`");
            }
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
        JobsCommand::Hold => {
            jobs::hold(ctx, true).await?;
            println!("jobs are held; `megashop jobs release` lets them go");
        }
        JobsCommand::Release { unchecked } => release(ctx, unchecked).await?,
        JobsCommand::Drop { id } => {
            jobs::drop_job(ctx, id).await.map_err(|_| anyhow::anyhow!("there is no job {id}"))?;
            println!("job {id} is dropped");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Сначала узнаёт у провайдера, что стало с платежами: отмена просроченного и возвраты не должны начаться раньше.
async fn release(ctx: &Ctx, unchecked: bool) -> anyhow::Result<()> {
    if !jobs::is_held(ctx) {
        println!("jobs are not held");
        return Ok(());
    }
    if !unchecked {
        let seen = payments::services::recheck(ctx).await;
        report(&seen.context("the payments cannot be checked; with --unchecked jobs are released without it")?);
    }
    jobs::hold(ctx, false).await?;
    anyhow::ensure!(!jobs::is_held(ctx), "jobs.held is also set in the config file, the environment or a flag");
    println!("jobs are released");
    Ok(())
}

fn report(seen: &Recheck) {
    println!("payments checked {}, changed {}", seen.checked, seen.changed.len());
    for payment in &seen.changed {
        println!("  {} {} is {:?}, refunded {}", payment.public_id, payment.amount, payment.status, payment.refunded);
    }
    for remote in &seen.unknown {
        println!("  only the provider knows: {} {} {:?}", remote.id, remote.amount, remote.status);
    }
}
