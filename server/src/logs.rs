//! Журнал: JSON-строки, на терминале — текст.

use std::io::IsTerminal;

use kernel::settings::LogSettings;
use tracing_subscriber::EnvFilter;

/// Включает журнал. Повторный вызов ничего не меняет.
pub fn init(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.level).map_err(|e| anyhow::anyhow!("log.level: {e}"))?;
    let json = match settings.format.as_str() {
        "json" => true,
        "text" => false,
        "" => !std::io::stderr().is_terminal(),
        other => anyhow::bail!("log.format: unknown value `{other}`, expected `json` or `text`"),
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let installed =
        if json { builder.json().flatten_event(true).try_init() } else { builder.with_target(false).try_init() };
    if installed.is_err() {
        tracing::debug!("logging is already set up");
    }
    Ok(())
}
