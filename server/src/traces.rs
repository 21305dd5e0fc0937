//! Следы запросов и задач — в сборщик OpenTelemetry: адрес — `log.otlp_url` (OTLP по HTTP, protobuf).
//!
//! Запрос, задача, транзакция и вызов наружу — отрезки (`span`) с целью [`TARGET`]. Пока сборщик не назван, их некому слушать, и стоят они
//! одну проверку. В отрезке — метод, шаблон адреса, состояние, номер запроса: ни тел, ни параметров, ни имён покупателей.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use kernel::settings::LogSettings;
use opentelemetry::Context;
use opentelemetry::KeyValue;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::span_processor_with_async_runtime::BatchSpanProcessor;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use opentelemetry_sdk::{Resource, runtime};
use tracing::field::Empty;
use tracing::{Instrument, Level, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// Цель всех отрезков магазина.
const TARGET: &str = "megashop::trace";
/// Сколько ждать отправки последних отрезков перед остановкой.
const FLUSH: Duration = Duration::from_secs(2);

/// Живёт, пока жив процесс.
static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// Включает отправку; `None` — слать некуда. Негодный адрес не даёт запуститься. Зовётся внутри tokio: отправляет фоновая задача.
pub fn layer<S>(settings: &LogSettings) -> anyhow::Result<Option<impl Layer<S> + use<S>>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    if settings.otlp_url.is_empty() {
        return Ok(None);
    }
    let bad = |why: String| anyhow::anyhow!("log.otlp_url: {why}");
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(address(&settings.otlp_url).map_err(|e| bad(e.to_string()))?)
        .build()
        .map_err(|e| bad(e.to_string()))?;
    let share = Sampler::TraceIdRatioBased(settings.otlp_share.clamp(0.0, 1.0));
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let provider = SdkTracerProvider::builder()
        .with_span_processor(BatchSpanProcessor::builder(exporter, runtime::Tokio).build())
        .with_sampler(Sampler::ParentBased(Box::new(share)))
        .with_resource(Resource::builder().with_service_name("megashop").with_attribute(version).build())
        .build();
    let tracer = PROVIDER.get_or_init(|| provider).tracer("megashop");
    // Где в коде и в каком потоке — не след.
    let layer = tracing_opentelemetry::layer().with_location(false).with_threads(false).with_target(false);
    let ours = filter_fn(|about| about.target() == TARGET || (about.is_event() && *about.level() <= Level::WARN));
    Ok(Some(layer.with_tracer(tracer).with_filter(ours)))
}

/// Адрес сборщика можно назвать без пути: `http://collector:4318`.
fn address(url: &str) -> anyhow::Result<String> {
    let uri: axum::http::Uri = url.parse()?;
    anyhow::ensure!(uri.scheme().is_some(), "expected http://host:4318 or https://host/v1/traces");
    let bare = matches!(uri.path(), "" | "/");
    Ok(if bare { format!("{}/v1/traces", url.trim_end_matches('/')) } else { url.to_owned() })
}

/// Дослать накопленное: зовётся перед выходом, пока жив tokio.
pub fn flush() {
    if let Some(provider) = PROVIDER.get()
        && let Err(error) = provider.shutdown_with_timeout(FLUSH)
    {
        tracing::warn!(%error, "the last traces were not sent");
    }
}

/// Каждый запрос — отрезок; начавшийся у соседа (`traceparent`) продолжается.
pub fn follow(settings: &LogSettings, router: Router) -> Router {
    if settings.otlp_url.is_empty() { router } else { router.layer(from_fn(request)) }
}

async fn request(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let span = tracing::trace_span!(target: TARGET, "request", otel.kind = "server", http.request.method = %method,
        http.route = Empty, http.response.status_code = Empty, request.id = Empty, otel.status_code = Empty);
    // Отрезок, который уже начат, родителя не меняет; этот только что создан.
    span.set_parent(parent_of(request.headers())).ok();
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if let Some(path) = response.extensions().get::<MatchedPath>() {
        span.record("http.route", path.as_str());
        span.context().span().update_name(format!("{method} {}", path.as_str()));
    }
    if let Some(id) = response.headers().get("x-request-id").and_then(|id| id.to_str().ok()) {
        span.record("request.id", id);
    }
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    response
}

fn parent_of(headers: &HeaderMap) -> Context {
    let words = ["traceparent", "tracestate"].into_iter();
    let given = words.filter_map(|name| Some((name.to_owned(), headers.get(name)?.to_str().ok()?.to_owned())));
    TraceContextPropagator::new().extract(&given.collect::<HashMap<_, _>>())
}
