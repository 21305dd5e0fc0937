//! Готовые ответы: отдаются до маршрутов, разбора и сжатия.
//!
//! На полку их кладёт обработчик, чей ответ одинаков для всех ([`crate::cache::CachedBody::for_everyone`]); берут с неё только
//! запросы без пропуска и чужого источника. Правдивы они столько же, сколько тело в кэше: это сверяется при каждой отдаче.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::future::RouteFuture;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::future::Either;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tower::Service;

use super::layers::{Outer, names, not_modified};
use crate::Error;
use crate::cache::Freshness;
use crate::settings::CacheSettings;
use crate::texts::Lang;

/// Тело больше этого, байт до сжатия, на полку не идёт.
pub(super) const BODY_LIMIT: usize = 256 * 1024;
/// `Accept-Encoding` длиннее не бывает у настоящих клиентов.
const ENCODING_LIMIT: usize = 100;
/// Примерный вес строки полки без ключа и тела, байт.
const ENTRY_WEIGHT: usize = 1200;

/// Всё, от чего зависит ответ для всех: язык, сжатие, адрес с параметрами.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(String);

impl Key {
    /// `None` — ответ может зависеть от чего-то ещё.
    fn of(request: &Request) -> Option<Key> {
        let headers = request.headers();
        let personal = [header::AUTHORIZATION, header::COOKIE, header::ORIGIN, header::RANGE];
        if request.method() != Method::GET || personal.iter().any(|name| headers.contains_key(name)) {
            return None;
        }
        let mut encodings = headers.get_all(header::ACCEPT_ENCODING).iter();
        let encoding = encodings.next().map_or(Ok(""), HeaderValue::to_str).ok()?;
        // Сжатие читает все заголовки, ключ — один: повторённый заголовок подсунул бы чужое сжатие.
        if encodings.next().is_some() || encoding.len() > ENCODING_LIMIT {
            return None;
        }
        let address = request.uri().path_and_query()?.as_str();
        let lang = Lang::from(headers).code();
        Some(Key([lang, encoding, address].join("\n")))
    }
}

/// Полка готовых ответов; пустое место, когда кэш выключен.
pub(super) struct Shelf {
    answers: Option<moka::sync::Cache<Key, Arc<Answer>>>,
}

pub(super) struct Answer {
    headers: HeaderMap,
    body: Bytes,
    freshness: Freshness,
    seconds: metrics::Histogram,
}

impl Shelf {
    pub fn new(settings: &CacheSettings) -> Shelf {
        let answers = settings.enabled.then(|| {
            moka::sync::Cache::builder()
                .weigher(|key: &Key, answer: &Arc<Answer>| (key.0.len() + answer.body.len() + ENTRY_WEIGHT) as u32)
                .max_capacity(settings.half_bytes())
                .time_to_live(std::time::Duration::from_millis(settings.ttl_ms))
                .build()
        });
        Shelf { answers }
    }

    pub fn find(&self, key: &Key, now: DateTime<Utc>) -> Option<Arc<Answer>> {
        self.answers.as_ref()?.get(key).filter(|answer| answer.freshness.holds(now))
    }

    /// Кладёт на полку ответ, помеченный «для всех», и отдаёт его дальше.
    pub async fn keep(&self, key: Key, response: Response, seconds: metrics::Histogram) -> Response {
        let (Some(answers), Some(freshness)) = (&self.answers, response.extensions().get::<Freshness>().cloned())
        else {
            return response;
        };
        if response.status() != StatusCode::OK {
            return response;
        }
        let (parts, body) = response.into_parts();
        let body = match axum::body::to_bytes(body, 2 * BODY_LIMIT).await {
            Ok(body) => body,
            Err(error) => return Error::internal(error).into_response(),
        };
        let answer = Answer { headers: parts.headers.clone(), body: body.clone(), freshness, seconds };
        answers.insert(key, Arc::new(answer));
        Response::from_parts(parts, Body::from(body))
    }
}

impl Answer {
    pub fn answer(&self, asked: &HeaderMap, request_id: &str) -> Response {
        let started = Instant::now();
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        if let Ok(id) = HeaderValue::from_str(request_id) {
            response.headers_mut().insert("x-request-id", id);
        }
        let known = asked.get(header::IF_NONE_MATCH).zip(self.headers.get(header::ETAG));
        if known.is_some_and(|(seen, etag)| names(seen, etag)) {
            not_modified(&mut response);
        }
        self.seconds.record(started.elapsed());
        response
    }
}

/// Стоит перед всеми маршрутами: готовое отдаёт сразу, остальное пропускает дальше.
#[derive(Clone)]
pub(super) struct Front {
    outer: Arc<Outer>,
    router: Router,
}

impl Front {
    pub fn new(outer: Arc<Outer>, router: Router) -> Front {
        Front { outer, router }
    }
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, RouteFuture<Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        if let Some(key) = Key::of(&request) {
            if let Some(answer) = self.outer.ready_answer(&key, &request) {
                return Either::Left(ready(Ok(answer)));
            }
            request.extensions_mut().insert(key);
        }
        Either::Right(self.router.call(request))
    }
}
