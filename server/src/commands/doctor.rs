//! `megashop doctor`: пересчитывает данные и называет первую неверную строку. Код выхода 1, если что-то не сошлось.

use std::process::ExitCode;

use kernel::Platform;
use serde_json::json;

use crate::boot;
use crate::cli::Common;

pub async fn run(common: &Common, money: bool, as_json: bool) -> anyhow::Result<ExitCode> {
    let platform = boot::connect(boot::settings(common)?).await?;
    let mut wrong = 0;
    let mut report = Vec::new();
    for check in platform.checks.iter().filter(|check| check.money || !money) {
        let found = (check.run)(&platform.ctx).await?;
        wrong += found.len();
        if !as_json {
            println!("{} {}", if found.is_empty() { "ok   " } else { "WRONG" }, check.name);
            found.iter().for_each(|line| println!("      {line}"));
        }
        report.push(json!({"check": check.name, "found": found}));
    }
    if !money {
        let pending = platform.migrator.pending(platform.ctx.db_handle()).await?.len();
        let dead = kernel::jobs::count(&platform.ctx).await?.dead as usize;
        wrong += pending;
        if !as_json {
            println!(
                "{} migrations: {pending} pending (cure: megashop migrate)",
                if pending == 0 { "ok   " } else { "WRONG" }
            );
            println!("{} jobs: {dead} dead (see: megashop jobs list)", if dead == 0 { "ok   " } else { "note " });
        }
        report.push(json!({"check": "migrations", "pending": pending}));
        report.push(json!({"check": "jobs", "dead": dead}));
    }
    if as_json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Всё, что нашли проверки, по строке на беду.
pub async fn found(platform: &Platform) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for check in &platform.checks {
        let found = (check.run)(&platform.ctx).await?;
        lines.extend(found.iter().map(|line| format!("{}: {line}", check.name)));
    }
    Ok(lines)
}
