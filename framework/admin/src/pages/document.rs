//! Страница об объекте: печатный лист или письмо в песочнице, у каждого своя политика.

use std::sync::Arc;

use axum::response::{Html, IntoResponse};
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
    let html = (document.draw)(&ctx, id).await?;
    let (policy, frame) = match document.kind {
        DocumentKind::Sheet => (SHEET, "DENY"),
        DocumentKind::Letter => (LETTER, "SAMEORIGIN"),
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_FRAME_OPTIONS, frame),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, Html(html)).into_response())
}
