//! Ошибки — в Sentry или в того, кто говорит на его языке: адрес — `log.sentry_dsn`.
//!
//! Уходит только то, что журнал считает ошибкой, и паники: без тел запросов, имён и адресов покупателей (`send_default_pii` выключен, «крошек» из
//! прочих строк журнала нет). Недоступный сервер ошибок никого не задерживает: у отправки своя очередь.

use std::sync::OnceLock;
use std::time::Duration;

use kernel::settings::LogSettings;
use sentry::ClientInitGuard;
use sentry::integrations::tracing::{EventFilter, SentryLayer};
use tracing::{Level, Subscriber};
use tracing_subscriber::registry::LookupSpan;

/// Сколько ждать отправки последних ошибок перед остановкой.
const FLUSH: Duration = Duration::from_secs(2);

/// Живёт, пока жив процесс.
static CLIENT: OnceLock<ClientInitGuard> = OnceLock::new();

/// Включает отправку; `None` — слать некуда. Негодный DSN не даёт запуститься.
pub fn layer<S>(settings: &LogSettings) -> anyhow::Result<Option<SentryLayer<S>>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    if settings.sentry_dsn.is_empty() {
        return Ok(None);
    }
    let dsn = settings.sentry_dsn.expose().parse().map_err(|e| anyhow::anyhow!("log.sentry_dsn: {e}"))?;
    let mut options = sentry::ClientOptions::default();
    options.dsn = Some(dsn);
    options.release = Some(env!("CARGO_PKG_VERSION").into());
    options.environment = Some(settings.sentry_environment.clone().into());
    CLIENT.get_or_init(|| sentry::init(options));
    let only_errors = |metadata: &tracing::Metadata<'_>| match *metadata.level() {
        Level::ERROR => EventFilter::Event,
        _ => EventFilter::Ignore,
    };
    Ok(Some(sentry::integrations::tracing::layer().event_filter(only_errors)))
}

/// Дослать накопленное: зовётся перед выходом.
pub fn flush() {
    if let Some(client) = CLIENT.get() {
        client.flush(Some(FLUSH));
    }
}
