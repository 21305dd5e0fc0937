//! Журнал: JSON-строки, на терминале — текст. Ошибки — ещё и в сервер ошибок, следы — в сборщик, если они названы.

use std::io::IsTerminal;

use kernel::settings::LogSettings;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::{reports, traces};

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
    // Уровень журнала отрезкам не указ: у них свой отбор.
    let journal = lines.and_then(reports::layer(settings)?).with_filter(filter);
    let all = tracing_subscriber::registry().with(journal).with(traces::layer(settings)?);
    if all.try_init().is_err() {
        tracing::debug!("logging is already set up");
    }
    Ok(())
}
