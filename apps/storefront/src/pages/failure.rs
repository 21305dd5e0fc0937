//! Отказы и ошибки словами на странице вместо `application/problem+json`.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{Method, StatusCode, header};
use kernel::texts::{Lang, describe};
use kernel::{Ctx, Error, Kind};
use serde::Serialize;
use tower_http::csrf::ProtectionError;

use super::base::{Base, Page};
use super::see;
use crate::render;

#[derive(Serialize)]
struct View {
    error: Failure,
}

#[derive(Serialize)]
struct Failure {
    status: u16,
    title: &'static str,
    text: String,
    request_id: Option<String>,
}

/// Слой вокруг каждой страницы.
pub async fn as_page(request: Request, next: Next) -> Response {
    let ctx = request.extensions().get::<Ctx>().cloned();
    let (method, url) = (request.method().clone(), request.uri().clone());
    let response = next.run(request).await;
    let Some(ctx) = ctx else { return response };
    if response.extensions().get::<ProtectionError>().is_some() {
        return page(&ctx, foreign_form()).await;
    }
    let Some(error) = response.extensions().get::<Arc<Error>>().cloned() else {
        return response;
    };
    if error.kind == Kind::Unauthorized && method == Method::GET {
        let here: String = url::form_urlencoded::byte_serialize(url.path().as_bytes()).collect();
        return see(&format!("/login?next={here}"));
    }
    if error.kind == Kind::Internal {
        tracing::error!(request.id = ctx.request_id(), %error, "page failed");
    }
    let mut response = page(&ctx, failure_of(&ctx, &error)).await;
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn foreign_form() -> Failure {
    Failure {
        status: StatusCode::FORBIDDEN.as_u16(),
        title: "Форма пришла с другого сайта",
        text: "Откройте страницу магазина и отправьте форму ещё раз.".to_owned(),
        request_id: None,
    }
}

fn failure_of(ctx: &Ctx, error: &Error) -> Failure {
    let (detail, _) = describe(ctx.texts(), Lang::Ru, error);
    let (title, text) = match error.kind {
        Kind::NotFound => ("Такой страницы нет", "Может быть, товар сняли с продажи или в адресе опечатка.".to_owned()),
        Kind::Internal => ("Что-то сломалось", "Мы уже знаем об этом. Попробуйте ещё раз через минуту.".to_owned()),
        Kind::Unavailable => ("Магазин занят", "Попробуйте ещё раз через несколько секунд.".to_owned()),
        Kind::TooManyRequests => ("Слишком часто", detail),
        _ => ("Не получилось", detail),
    };
    let request_id = (error.kind == Kind::Internal).then(|| ctx.request_id().to_owned());
    Failure { status: error.kind.status().as_u16(), title, text, request_id }
}

async fn page(ctx: &Ctx, error: Failure) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let base = Base::plain(ctx, Page::private(error.title)).await;
    match render::html("error.html", &base, &View { error }) {
        Ok(mut response) => {
            *response.status_mut() = status;
            response
        }
        Err(broken) => axum::response::IntoResponse::into_response(broken),
    }
}
