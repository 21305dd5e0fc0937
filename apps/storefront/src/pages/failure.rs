//! Отказы и ошибки словами на странице вместо `application/problem+json`.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use kernel::http::wants_html;
use kernel::texts::{Lang, describe};
use kernel::{Ctx, Error, Kind};
use serde::Serialize;
use tower_http::csrf::ProtectionError;

use super::base::{Base, Page};
use super::see;
use crate::render;
use crate::visitor::Visitor;

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
    let (method, url, headers) = (request.method().clone(), request.uri().clone(), request.headers().clone());
    let response = next.run(request).await;
    let Some(ctx) = ctx else { return response };
    if response.extensions().get::<ProtectionError>().is_some() {
        return page(&ctx, &headers, foreign_form()).await;
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
    let mut response = page(&ctx, &headers, failure_of(&ctx, &error)).await;
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// Незнакомый адрес: браузеру — страница, клиенту API — обычный отказ.
pub async fn lost(ctx: Ctx, headers: HeaderMap, url: Uri) -> Response {
    let error = Error::not_found("request.unknown_route");
    match wants_html(&headers) && !url.path().starts_with("/api/") {
        true => page(&ctx, &headers, failure_of(&ctx, &error)).await,
        false => error.into_response(),
    }
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
        // Платёжная система — не магазин: он-то работает.
        Kind::Unavailable if error.code.starts_with("payments.") => ("Оплата пока не открывается", detail),
        Kind::Unavailable => ("Магазин занят", "Попробуйте ещё раз через несколько секунд.".to_owned()),
        Kind::TooManyRequests => ("Слишком часто", detail),
        _ => ("Не получилось", detail),
    };
    let request_id = (error.kind == Kind::Internal).then(|| ctx.request_id().to_owned());
    Failure { status: error.kind.status().as_u16(), title, text, request_id }
}

async fn page(ctx: &Ctx, headers: &HeaderMap, error: Failure) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let base = base(ctx, headers, Page::private(error.title)).await;
    match render::html("error.html", &base, &View { error }) {
        Ok(mut response) => {
            *response.status_mut() = status;
            response
        }
        Err(broken) => broken.into_response(),
    }
}

/// Шапка с корзиной и именем; сломалось и это — без них.
async fn base(ctx: &Ctx, headers: &HeaderMap, about: Page) -> Base {
    let Ok(visitor) = Visitor::of(ctx, headers).await else {
        return Base::plain(ctx, about).await;
    };
    match Base::of(ctx, &visitor, about.clone()).await {
        Ok(base) => base,
        Err(_) => Base::plain(ctx, about).await,
    }
}
