//! Страница кампании `/ar/{кампания}`: активы в 3D, ход, код. Скрипты, стили и просмотрщик вшиты в программу.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::{HeaderValue, header};
use kernel::http::{PathParam, Routes, etag_of};
use kernel::{Access, Ctx, Error, Result};
use minijinja::value::Serde;
use minijinja::{Environment, context};
use rust_embed::RustEmbed;
use serde_json::{Map, Value, json};

use crate::api::showcase;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/static"]
struct Static;

/// Единственный встроенный стиль просмотрщика; при смене его версии отпечаток считается заново.
pub const VIEWER_STYLE: &str = "'sha256-PXtZZkJMMyc18o/DN1ZEFOJ2qEGq95IQbVaJFMOXOb0='";

/// Политика страницы. Просмотрщик рисует текстуры из `blob:`, распаковывает сжатые модели в WebAssembly (`wasm-unsafe-eval` разрешает
/// только его, не `eval`) и ставит один встроенный стиль — он назван отпечатком; больше ничего своего и чужого страница не выполняет.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' {VIEWER_STYLE}; img-src 'self' blob: data:; \
        connect-src 'self' blob: data:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; \
        form-action 'self'"
    )
});

/// Слова страницы: ключи раздела `[page]` текстов.
const WORDS: [&str; 25] = [
    "views",
    "of",
    "look",
    "seen",
    "in_ar",
    "loading",
    "watching",
    "counted",
    "reward",
    "copy",
    "copied",
    "use_it",
    "shop",
    "email_label",
    "email_hint",
    "send",
    "emailed",
    "finished",
    "empty",
    "no_script",
    "failed",
    "no_model",
    "no_show",
    "retry",
    "used",
];

/// Отпечаток вшитых файлов: часть их адреса, поэтому после обновления браузер берёт новые.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let files = ["ar.css", "ar.js", "model-viewer.min.js"].into_iter().filter_map(Static::get);
    let bytes: Vec<u8> = files.flat_map(|file| file.data.into_owned()).collect();
    let etag = etag_of(&bytes);
    etag.to_str().unwrap_or_default().trim_matches('"').chars().take(10).collect()
});

#[expect(clippy::expect_used, reason = "шаблон вшит: ошибка в нём видна в первом же тесте")]
static PAGE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.add_template("ar.html", include_str!("../templates/ar.html")).expect("the built-in template is broken");
    environment
});

pub fn routes(_: &Ctx) -> Routes {
    Routes::new("Страница кампании").page("GET", "/ar/{slug}", get(show_campaign), Access::Public).page(
        "GET",
        "/ar/static/{*path}",
        get(serve_static),
        Access::Public,
    )
}

async fn show_campaign(ctx: Ctx, PathParam(slug): PathParam<String>) -> Result<Response> {
    let show = showcase(&ctx, &slug).await?;
    let word = |name: &str| {
        (name.to_owned(), ctx.texts().get(ctx.lang(), &format!("campaigns.page.{name}"), &json!({})).into())
    };
    let words: Map<String, Value> = WORDS.into_iter().map(word).collect();
    let template = PAGE.get_template("ar.html").map_err(Error::internal)?;
    let view = context! { show => Serde(&show), words => Serde(&words), lang => ctx.lang().code(), version => VERSION.as_str() };
    let body = template.render(view).map_err(Error::internal)?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&POLICY).map_err(Error::internal)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    Ok((headers, Html(body)).into_response())
}

async fn serve_static(PathParam(path): PathParam<String>) -> Result<Response> {
    let Some(file) = Static::get(&path) else {
        return Err(Error::not_found("request.unknown_route"));
    };
    let kind = match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=2592000, immutable")),
    ];
    Ok((headers, file.data.into_owned()).into_response())
}
