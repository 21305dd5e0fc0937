//! Стили, скрипт и шрифты: вшиты в программу, отдаются с долгим кэшем.

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
pub static VERSION: LazyLock<String> = LazyLock::new(|| {
    let files = ["shop.css", "shop.js", "push.js"].into_iter().filter_map(Static::get);
    let bytes: Vec<u8> = files.flat_map(|file| file.data.into_owned()).collect();
    let etag = etag_of(&bytes);
    etag.to_str().unwrap_or_default().trim_matches('"').chars().take(10).collect()
});

/// Служебный скрипт браузера: он правит только адресами своей папки, поэтому лежит в корне.
pub async fn service_worker() -> Result<Response> {
    let mut response = file("sw.js")?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// Отдать файл из папки `static`.
pub async fn serve(PathParam(path): PathParam<String>) -> Result<Response> {
    file(&path)
}

fn file(path: &str) -> Result<Response> {
    let Some(file) = Static::get(path) else {
        return Err(Error::not_found("request.unknown_route"));
    };
    let kind = match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "text/plain; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=2592000")),
    ];
    Ok((headers, file.data.into_owned()).into_response())
}
