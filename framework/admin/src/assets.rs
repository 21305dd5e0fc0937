//! Стили и скрипт: вшиты в программу, отдаются с долгим кэшем.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use kernel::http::{PathParam, etag_of};
use kernel::{Error, Result};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/static"]
struct Static;

/// Отпечаток стилей и скрипта: часть их адреса, поэтому после обновления браузер берёт новые.
pub(crate) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let bytes: Vec<u8> =
        Static::iter().filter_map(|name| Static::get(&name)).flat_map(|f| f.data.into_owned()).collect();
    let etag = etag_of(&bytes);
    etag.to_str().unwrap_or_default().trim_matches('"').chars().take(10).collect()
});

pub(crate) async fn serve(PathParam(name): PathParam<String>) -> Result<Response> {
    let Some(file) = Static::get(&name) else {
        return Err(Error::not_found("request.unknown_route"));
    };
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=2592000")),
    ];
    Ok((headers, file.data.into_owned()).into_response())
}
