//! Страница об объекте: печатный лист или письмо в песочнице, у каждого своя политика.

use std::sync::Arc;

use axum::response::{Html, IntoResponse, Response};
use http::header;
use kernel::{Actor, Ctx, Error};

use super::detail::NOT_FOUND;
use crate::declare::{Document, DocumentKind};
use crate::screen::AnyModel;

/// Лист на печать: свои стили и картинки.
const SHEET: &str = "default-src 'none'; style-src 'self'; img-src 'self' https: data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";
/// Письмо — чужая вёрстка со стилями внутри: песочница запрещает ей всё остальное.
const LETTER: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'self'";

pub(super) async fn show(ctx: Ctx, actor: Actor, model: Arc<dyn AnyModel>, document: Document, id: i64) -> super::Page {
    if model.labels(&ctx, &actor, &[id]).await?.is_empty() {
        return Err(Error::not_found(NOT_FOUND));
    }
    let text = (document.draw)(&ctx, id).await?;
    Ok(match document.kind {
        DocumentKind::Sheet => page(SHEET, "DENY", text),
        DocumentKind::Letter => letter(text),
        DocumentKind::Csv => file(&format!("{}-{id}.csv", document.name), text),
    })
}

/// Вёрстка письма в песочнице.
pub(super) fn letter(html: String) -> Response {
    page(LETTER, "SAMEORIGIN", html)
}

fn page(policy: &'static str, frame: &'static str, html: String) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_FRAME_OPTIONS, frame),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    (headers, Html(html)).into_response()
}

fn file(name: &str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, text).into_response()
}
