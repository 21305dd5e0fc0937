//! Журнал: JSON-строки, на терминале — текст. Ошибки — ещё и в сервер ошибок, если он назван.

use std::io::IsTerminal;

use kernel::settings::LogSettings;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::reports;

/// Включает журнал. Повторный вызов ничего не меняет.
pub fn init(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.level).map_err(|e| anyhow::anyhow!("log.level: {e}"))?;
    let json = match settings.format.as_str() {
        "json" => true,
        "text" => false,
        "" => !std::io::stderr().is_terminal(),
        other => anyhow::bail!("log.format: unknown value `{other}`, expected `json` or `text`"),
    };
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if json { lines.json().flatten_event(true).boxed() } else { lines.with_target(false).boxed() };
    let all = tracing_subscriber::registry().with(lines).with(reports::layer(settings)?).with(filter);
    if all.try_init().is_err() {
        tracing::debug!("logging is already set up");
    }
    Ok(())
}
