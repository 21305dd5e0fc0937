//! Слои вокруг маршрутов: номер запроса и язык, журнал и метрики, ошибки, CORS, сжатие, ETag, пределы, заголовки безопасности.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body::Body as _;
use sha2::{Digest, Sha256};
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;

use super::problem;
use super::ready::{Front, Key, Shelf};
use crate::cluster::{Admission, Limit};
use crate::error::Kind;
use crate::settings::{LimitSettings, Network, Rate, ServerSettings};
use crate::texts::Lang;
use crate::{Ctx, Error};

/// Наибольшее тело ответа, для которого считается ETag, байт.
const ETAG_LIMIT: u64 = 512 * 1024;

type Limiter = RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>;

pub(super) struct Outer {
    ctx: Ctx,
    ready: Shelf,
    trusted: Vec<Network>,
    timeout: Duration,
    gate: Option<Gate>,
}

/// Предел частоты и свой счёт; общий счёт, если есть соседи, — у них.
struct Gate {
    limit: Limit,
    own: Limiter,
}

pub(super) fn wrap(ctx: &Ctx, router: Router) -> Router {
    let kernel = &ctx.settings().kernel;
    let outer = Arc::new(Outer {
        ctx: ctx.clone(),
        ready: Shelf::new(&kernel.cache),
        trusted: kernel.server.trusted_proxies.clone(),
        timeout: Duration::from_secs(kernel.server.request_timeout),
        gate: gate(&kernel.limits),
    });
    let router = router
        // Изменяющий запрос идёт в задаче сервера: клиент, повесивший трубку, её не оборвёт.
        .layer(from_fn(megashop_net::detach))
        .layer(DefaultBodyLimit::max(kernel.limits.body))
        .layer(from_fn(etag))
        .layer(CompressionLayer::new().quality(tower_http::CompressionLevel::Fastest))
        .layer(cors(&kernel.server))
        .layer(from_fn_with_state(outer.clone(), request_scope));
    let front = Router::new().fallback_service(Front::new(outer.clone(), router));
    if ctx.shared().neighbours.get().is_none() {
        return front;
    }
    front.layer(from_fn_with_state(outer, ask_neighbours))
}

/// Спрашивает общий предел и кладёт ответ рядом с запросом: дальше его читают там же, где без соседей считают сами.
async fn ask_neighbours(State(outer): State<Arc<Outer>>, mut request: Request, next: Next) -> Response {
    let caller = client_ip(&request, &outer.trusted);
    if let (Some(neighbours), Some(gate), Some(caller)) = (outer.ctx.shared().neighbours.get(), &outer.gate, caller)
        && let Some(admission) = neighbours.admit(caller, gate.limit).await
    {
        request.extensions_mut().insert(admission);
    }
    next.run(request).await
}

impl Outer {
    /// Готовый ответ на этот запрос. Предел частоты действует и здесь; кто за ним, получит отказ обычным путём.
    pub(super) fn ready_answer(&self, key: &Key, request: &Request) -> Option<Response> {
        let found = self.ready.find(key, self.ctx.now())?;
        let allowed = refuse_early(self, request, client_ip(request, &self.trusted)).is_none();
        allowed.then(|| found.answer(request.headers(), &request_id(&self.ctx, request)))
    }
}

fn gate(limits: &LimitSettings) -> Option<Gate> {
    let Rate::PerSecond(rate) = limits.rate else { return None };
    let burst = NonZeroU32::new(limits.burst).unwrap_or(rate);
    let quota = Quota::per_second(rate).allow_burst(burst);
    let own = RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>();
    Some(Gate { limit: Limit { per_second: rate.get(), burst: burst.get() }, own })
}

fn cors(server: &ServerSettings) -> CorsLayer {
    let origins: Vec<HeaderValue> = server.cors_origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let names =
        ["idempotency-key", "if-match", "if-none-match", "x-cart-token", "x-request-id"].map(HeaderName::from_static);
    let headers = [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT_LANGUAGE].into_iter().chain(names);
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(headers.collect::<Vec<_>>())
        .expose_headers(
            ["etag", "x-request-id", "x-cart-token", "retry-after", "idempotency-replayed"]
                .map(HeaderName::from_static),
        )
        .max_age(Duration::from_secs(3600))
}

/// Внешний слой: создаёт `Ctx` запроса, ограничивает, меряет, рисует ошибки.
async fn request_scope(State(outer): State<Arc<Outer>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let client_ip = client_ip(&request, &outer.trusted);
    let id = request_id(&outer.ctx, &request);
    let (lang, stranger) = (Lang::from(request.headers()), is_stranger(request.headers()));
    let ctx = outer.ctx.for_request(id, lang, client_ip, stranger);
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unknown".to_owned(), |path| path.as_str().to_owned());
    let key = request.extensions_mut().remove::<Key>();
    request.extensions_mut().insert(ctx.clone());

    let mut response = match refuse_early(&outer, &request, client_ip) {
        Some(error) => error.into_response(),
        None => match tokio::time::timeout(outer.timeout, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Error::unavailable("server.timeout", 1).into_response(),
        },
    };
    response = problem::render(&ctx, plain_refusal(response));
    finish_headers(&ctx, &mut response);
    // Шаблон адреса знает только разбор путей; слоям снаружи его расскажет ответ.
    if let Some(matched) = matched {
        response.extensions_mut().insert(matched);
    }
    let status = response.status().as_u16();
    let took = started.elapsed();
    let seconds = metrics::histogram!("megashop_http_seconds", "method" => method.to_string(), "route" => route.clone(), "status" => status.to_string());
    seconds.record(took.as_secs_f64());
    tracing::debug!(request.id = ctx.request_id(), http.method = %method, http.route = route, http.status = status,
        duration_ms = took.as_secs_f64() * 1000.0, "request");
    match key {
        Some(key) => outer.ready.keep(key, response, seconds).await,
        None => response,
    }
}

/// Отказы самого axum и слоёв (413, 405 без тела) приводятся к общему виду.
fn plain_refusal(response: Response) -> Response {
    let known =
        response.extensions().get::<Arc<Error>>().is_some() || response.headers().contains_key(header::CONTENT_TYPE);
    if known {
        return response;
    }
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(Kind::TooLarge, "request.too_large").into_response(),
        StatusCode::INTERNAL_SERVER_ERROR => Error::new(Kind::Internal, "server.internal").into_response(),
        _ => response,
    }
}

fn refuse_early(outer: &Outer, request: &Request, ip: Option<IpAddr>) -> Option<Error> {
    let uri = request.uri();
    if uri.path().contains("%00") || uri.query().is_some_and(|query| query.contains("%00")) {
        return Some(Error { kind: Kind::Refused, ..Error::invalid("url", "bad_value") });
    }
    let (gate, ip) = (outer.gate.as_ref()?, ip?);
    let shared = request.extensions().get::<Admission>();
    let wait = match shared {
        Some(Admission::Refused { wait }) => *wait,
        _ => {
            // Свой счёт ведётся и при общем: замолчат соседи — прошедшие здесь уже сочтены.
            let refused = gate.own.check_key(&ip).err()?;
            if shared.is_some() {
                return None;
            }
            refused.wait_time_from(DefaultClock::default().now())
        }
    };
    let seconds = wait.as_secs_f64().ceil() as u64;
    Some(Error::too_many("request.too_many", seconds).with("limit", gate.limit.burst))
}

/// Адрес клиента: заголовку верим, только если запрос пришёл от доверенного прокси.
fn client_ip(request: &Request, trusted: &[Network]) -> Option<IpAddr> {
    let is_proxy = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical())?;
    if !is_proxy(&peer) {
        return Some(peer);
    }
    // Прокси дописывает в конец: словом той же строки или своей строкой (HAProxy). Всё до него мог сочинить клиент.
    let lines: Vec<&str> =
        request.headers().get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).collect();
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    let mut known = hops.filter_map(|hop| Some(hop.trim().parse::<IpAddr>().ok()?.to_canonical()));
    known.find(|hop| !is_proxy(hop)).or(Some(peer))
}

/// Ни пропуска, ни сеанса, ни корзины: своего в магазине у него нет.
fn is_stranger(headers: &HeaderMap) -> bool {
    let marks = [header::AUTHORIZATION, header::COOKIE, HeaderName::from_static("x-cart-token")];
    !marks.iter().any(|mark| headers.contains_key(mark))
}

/// Номер клиента, если он похож на номер; иначе свой.
fn request_id(ctx: &Ctx, request: &Request) -> String {
    let given = request.headers().get("x-request-id").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let fits = (8..=64).contains(&given.len()) && given.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits { given.to_owned() } else { ctx.random().token() }
}

fn finish_headers(ctx: &Ctx, response: &mut Response) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(ctx.request_id()) {
        headers.insert("x-request-id", id);
    }
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        (
            "content-security-policy",
            "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
        ),
    ];
    for (name, value) in fixed {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    let vary = HeaderValue::from_static("authorization, accept-language, accept");
    headers.append(header::VARY, vary);
}

/// ETag тела: первые 128 бит SHA-256.
pub fn etag_of(bytes: &[u8]) -> HeaderValue {
    let hash = Sha256::digest(bytes);
    let text = format!("\"{}\"", hex::encode(&hash[..16]));
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Успешным ответам на GET ставит ETag (если его ещё нет) и отвечает 304, когда клиент уже имеет это тело.
async fn etag(request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let seen = request.headers().get(header::IF_NONE_MATCH).cloned();
    let mut response = next.run(request).await;
    if response.status() != StatusCode::OK || !is_json(&response) {
        return response;
    }
    if !response.headers().contains_key(header::ETAG) {
        response = match hash_body(response).await {
            Ok(response) => response,
            Err(error) => return error.into_response(),
        };
    }
    let Some(etag) = response.headers().get(header::ETAG).cloned() else { return response };
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    if seen.is_some_and(|seen| names(&seen, &etag)) {
        not_modified(&mut response);
    }
    response
}

/// Назван ли этот ETag в `If-None-Match`.
pub(super) fn names(seen: &HeaderValue, etag: &HeaderValue) -> bool {
    seen.to_str()
        .is_ok_and(|list| list.split(',').any(|tag| tag.trim().trim_start_matches("W/").as_bytes() == etag.as_bytes()))
}

/// Тот же ответ без тела: 304.
pub(super) fn not_modified(response: &mut Response) {
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    for name in [header::CONTENT_LENGTH, header::CONTENT_TYPE, header::CONTENT_ENCODING] {
        response.headers_mut().remove(name);
    }
    *response.body_mut() = Body::empty();
}

fn is_json(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

async fn hash_body(response: Response) -> crate::Result<Response> {
    if response.body().size_hint().exact().is_none_or(|size| size > ETAG_LIMIT) {
        return Ok(response);
    }
    let (mut parts, body) = response.into_parts();
    let bytes: Bytes = axum::body::to_bytes(body, ETAG_LIMIT as usize).await.map_err(Error::internal)?;
    parts.headers.insert(header::ETAG, etag_of(&bytes));
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// Просит ли клиент страницу: браузер называет `text/html` раньше всего остального.
pub fn wants_html(headers: &http::HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}
