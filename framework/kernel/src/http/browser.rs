//! Что нужно страницам для браузера: печенье и проверка, откуда пришла форма.

use http::HeaderMap;
use http::header::COOKIE;
use tower_http::csrf::CsrfLayer;

use crate::Ctx;

/// Значение печенья; пустое — как будто его нет.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// Форму принимаем только со своих страниц: браузер сам говорит, откуда она пришла (Origin, Sec-Fetch-Site).
pub fn csrf(ctx: &Ctx) -> CsrfLayer {
    let own = ctx.settings().kernel.server.public_url.trim_end_matches('/');
    CsrfLayer::new().add_trusted_origin(own).unwrap_or_else(|error| {
        tracing::warn!(%error, url = own, "server.public_url is not an origin: forms are checked against Host only");
        CsrfLayer::new()
    })
}
