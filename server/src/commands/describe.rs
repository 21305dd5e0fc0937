//! Команды, которые только рассказывают о программе: `routes`, `openapi`, `licenses`.

use std::process::ExitCode;

use crate::aliases::ALIASES;
use crate::cli::Common;
use crate::{boot, output};

pub async fn routes(common: &Common) -> anyhow::Result<ExitCode> {
    let platform = boot::describe(common).await?;
    let mut routes = platform.mount(ALIASES).routes;
    routes.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
    let row = |r: &kernel::http::RouteInfo| {
        format!("{:<7} {:<60} {:<36} {}\n", r.method, r.path, r.access.label(), r.operation)
    };
    output::print(&routes.iter().map(row).collect::<String>())?;
    Ok(ExitCode::SUCCESS)
}

pub async fn openapi(common: &Common) -> anyhow::Result<ExitCode> {
    let platform = boot::describe(common).await?;
    output::print(&(platform.mount(ALIASES).openapi.to_pretty_json()? + "\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Список составляет `cargo xtask licenses`.
pub fn licenses() -> anyhow::Result<ExitCode> {
    output::print(include_str!("../../licenses.txt"))?;
    Ok(ExitCode::SUCCESS)
}
