//! Шаблоны: вшиты в программу, разобраны один раз.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, header};
use kernel::texts::format_roubles;
use kernel::{Error, Money, Result};
use minijinja::value::Serde;
use minijinja::{Environment, context};
use serde::Serialize;

use crate::format;

/// Имя и текст каждого шаблона.
#[rustfmt::skip]
const TEMPLATES: [(&str, &str); 15] = [
    ("base.html", include_str!("../templates/base.html")),
    ("cart.html", include_str!("../templates/cart.html")),
    ("catalog.html", include_str!("../templates/catalog.html")),
    ("checkout.html", include_str!("../templates/checkout.html")),
    ("error.html", include_str!("../templates/error.html")),
    ("icons.html", include_str!("../templates/icons.html")),
    ("info.html", include_str!("../templates/info.html")),
    ("leaving.html", include_str!("../templates/leaving.html")),
    ("login.html", include_str!("../templates/login.html")),
    ("notifications.html", include_str!("../templates/notifications.html")),
    ("order.html", include_str!("../templates/order.html")),
    ("orders.html", include_str!("../templates/orders.html")),
    ("parts.html", include_str!("../templates/parts.html")),
    ("pay.html", include_str!("../templates/pay.html")),
    ("product.html", include_str!("../templates/product.html")),
];

#[expect(clippy::expect_used, reason = "шаблоны вшиты: ошибка в них видна в первом же тесте")]
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.add_filter("rub", |kopecks: i64| format_roubles(Money::minor(kopecks)));
    environment.add_filter("phone", |number: String| format::phone(&number));
    environment.add_filter("plural", |number: i64, one: String, few: String, many: String| {
        format::plural(number, &one, &few, &many).to_owned()
    });
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).expect("a built-in template is broken");
    }
    environment
});

/// Страница из шаблона: `base` — общее для всех страниц, `view` — её собственное.
pub fn html(template: &str, base: &impl Serialize, view: &impl Serialize) -> Result<Response> {
    let template = ENVIRONMENT.get_template(template).map_err(Error::internal)?;
    let body = template.render(context! { ..Serde(base), ..Serde(view) }).map_err(Error::internal)?;
    let mut response = Html(body).into_response();
    // На страницах корзина и имя посетителя: общий кэш их хранить не должен.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}
