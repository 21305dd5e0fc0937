//! Ошибка → RFC 9457 `application/problem+json` на языке запроса.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde::Serialize;

use crate::error::Kind;
use crate::texts::{Lang, describe};
use crate::{Ctx, Error};

/// Тело ошибки. `code` устойчив и годится для программ, `detail` — для людей.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Ссылка на страницу с объяснением кода.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    #[schema(example = "orders.out_of_stock")]
    pub code: String,
    pub detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
    pub request_id: String,
}

/// Что не так с полем.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemField {
    #[schema(example = "items[0].quantity")]
    pub field: String,
    pub code: String,
    pub message: String,
}

/// Ошибка едет в ответе как есть; тело рисует внешний слой, который знает язык и номер запроса.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Рисует тело ошибки, если ответ — ошибка; пишет её в журнал ровно один раз.
pub(crate) fn render(ctx: &Ctx, response: Response) -> Response {
    let Some(error) = response.extensions().get::<Arc<Error>>().cloned() else {
        return response;
    };
    match error.kind {
        Kind::Internal => tracing::error!(request.id = ctx.request_id(), %error, "request failed"),
        Kind::Unavailable => tracing::warn!(request.id = ctx.request_id(), %error, "request refused"),
        _ => tracing::debug!(request.id = ctx.request_id(), %error, "request refused"),
    }
    let mut rendered = problem_response(ctx, &error);
    for (name, value) in response.headers() {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            rendered.headers_mut().insert(name, value.clone());
        }
    }
    rendered
}

fn problem_response(ctx: &Ctx, error: &Error) -> Response {
    let problem = problem_of(ctx, error);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = error.kind.status();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(ctx.lang().code()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = error.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if error.kind == Kind::Unauthorized {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// Тело ошибки на языке запроса.
pub(crate) fn problem_of(ctx: &Ctx, error: &Error) -> Problem {
    let (detail, fields) = describe(ctx.texts(), ctx.lang(), error);
    let status = error.kind.status();
    let errors = fields.into_iter().map(|field| ProblemField {
        field: field["field"].as_str().unwrap_or_default().to_owned(),
        code: field["code"].as_str().unwrap_or_default().to_owned(),
        message: field["message"].as_str().unwrap_or_default().to_owned(),
    });
    Problem {
        kind: format!("/docs/errors#{}", error.code),
        title: status.canonical_reason().unwrap_or_default().to_owned(),
        status: status.as_u16(),
        code: error.code.to_owned(),
        detail,
        errors: errors.collect(),
        request_id: ctx.request_id().to_owned(),
    }
}

/// Язык по умолчанию, если запроса ещё нет.
impl From<&http::HeaderMap> for Lang {
    fn from(headers: &http::HeaderMap) -> Lang {
        Lang::from_header(headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()))
    }
}
