//! Вход по печенью: слой снаружи стража маршрута кладёт пропуск в запрос, а отказ превращает в страницу.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::MethodRouter;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderValue, Method, StatusCode};
use kernel::http::{cookie, wants_html};
use kernel::texts::describe;
use kernel::{Actor, Ctx, Error, Kind, Result};
use serde::Serialize;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tower_http::csrf::ProtectionError;

use crate::declare::Pass;
use crate::input::Form;
use crate::render::{self, Page};

/// Печенье админки: только её страницам, скрипту недоступно.
const COOKIE: &str = "admin_session";
/// Поле каждой формы.
const CSRF_FIELD: &str = "_csrf";

/// Слой снаружи стража.
pub(crate) fn outside(router: MethodRouter) -> MethodRouter {
    router.layer(from_fn(around))
}

async fn around(mut request: Request, next: Next) -> Response {
    let pass =
        cookie(request.headers(), COOKIE).and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
    if let Some(pass) = pass {
        request.headers_mut().entry(AUTHORIZATION).or_insert(pass);
    }
    let Some(ctx) = request.extensions().get::<Ctx>().cloned() else { return next.run(request).await };
    let (method, url, html) = (request.method().clone(), request.uri().clone(), wants_html(request.headers()));
    let response = next.run(request).await;
    if response.extensions().get::<ProtectionError>().is_some() {
        return if html { failure(&ctx, &foreign()) } else { foreign().into_response() };
    }
    let Some(error) = response.extensions().get::<Arc<Error>>().cloned().filter(|_| html) else {
        return response;
    };
    if error.kind == Kind::Unauthorized {
        let here =
            if method == Method::GET { url.path_and_query().map_or("/admin", |path| path.as_str()) } else { "/admin" };
        let here: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
        return Redirect::to(&format!("/admin/login?next={here}")).into_response();
    }
    failure(&ctx, &error)
}

#[derive(Serialize)]
struct Failure {
    status: u16,
    text: String,
    fields: Vec<String>,
    request_id: Option<String>,
}

/// Отказ словами. Номер запроса — только у поломки: с ним идут к тому, кто чинит.
fn failure(ctx: &Ctx, error: &Error) -> Response {
    if error.kind == Kind::Internal {
        tracing::error!(request.id = ctx.request_id(), %error, "admin page failed");
    }
    let (text, fields) = describe(ctx.texts(), ctx.lang(), error);
    let status = error.kind.status();
    let view = Failure {
        status: status.as_u16(),
        text,
        fields: fields.iter().filter_map(|field| field["message"].as_str().map(str::to_owned)).collect(),
        request_id: (error.kind == Kind::Internal).then(|| ctx.request_id().to_owned()),
    };
    let title = status.canonical_reason().unwrap_or_default();
    let mut response = match render::html(ctx, &Actor::Anonymous, "error.html", Page::new(title), &view) {
        Ok(page) => page,
        Err(broken) => return broken.into_response(),
    };
    *response.status_mut() = status;
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

fn foreign() -> Error {
    Error::new(Kind::Forbidden, "admin.foreign_form")
}

/// Знак сеанса, без которого форма не принимается: его не знает ни чужой сайт, ни другой сеанс.
#[expect(clippy::expect_used, reason = "HMAC принимает ключ любой длины")]
pub(crate) fn csrf_token(ctx: &Ctx, actor: &Actor) -> String {
    let Actor::User(user) = actor else { return String::new() };
    let mut mac = Hmac::<Sha256>::new_from_slice(&ctx.secret("admin.csrf")).expect("hmac takes any key");
    mac.update(format!("{}:{}", user.id, user.session.unwrap_or_default()).as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Отказ форме без верного знака.
pub(crate) fn check_csrf(ctx: &Ctx, actor: &Actor, form: &Form) -> Result<()> {
    let known = csrf_token(ctx, actor);
    let fits = !known.is_empty() && bool::from(known.as_bytes().ct_eq(form.get(CSRF_FIELD).as_bytes()));
    if fits { Ok(()) } else { Err(foreign()) }
}

/// Кладёт пропуск в печенье; `None` стирает.
pub(crate) fn set_pass(ctx: &Ctx, response: &mut Response, pass: Option<&Pass>) -> Result<()> {
    let secure = if ctx.settings().kernel.server.public_url.starts_with("https:") { "; Secure" } else { "" };
    let (token, seconds) = pass.map_or(("", 0), |pass| (pass.token.as_str(), pass.seconds));
    let cookie = format!("{COOKIE}={token}; Path=/admin; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    response.headers_mut().append(SET_COOKIE, HeaderValue::from_str(&cookie).map_err(Error::internal)?);
    Ok(())
}

/// Возвращаем только на страницы админки: чужой адрес в `next` — приманка.
pub(crate) fn local(next: &str) -> &str {
    let own = (next == "/admin" || next.starts_with("/admin/")) && !next.contains(['\\', '\r', '\n']);
    if own && !next.contains("//") { next } else { "/admin" }
}

/// Форма показана снова, с отказом: статус — его.
pub(crate) fn with_status(mut response: Response, status: StatusCode) -> Response {
    *response.status_mut() = status;
    response
}
