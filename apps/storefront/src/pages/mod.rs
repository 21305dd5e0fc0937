//! Страницы магазина: адреса, общий вид, ошибки словами.

mod account;
mod base;
mod cart;
mod catalog;
mod checkout;
mod failure;
mod info;
mod notifications;
mod order;
mod pay;
mod product;

use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, any, get, post};
use kernel::http::{Routes, csrf};
use kernel::{Access, Ctx};
use tower_http::csrf::CsrfLayer;

use crate::assets;

pub use catalog::home;

/// Адреса витрины. Главная (`/`) здесь не заводится: сервер делит её между браузерами и клиентами API, см. [`home`].
pub fn routes(ctx: &Ctx) -> Routes {
    let pages = Pages { csrf: csrf(ctx), routes: Routes::new("Витрина") };
    pages
        .show("/static/{*path}", get(assets::serve))
        .show("/c/{slug}", get(catalog::show_category))
        .show("/p/{slug}", get(product::show_product))
        .show("/pages/{slug}", get(info::show_page))
        .take("/p/{slug}/wait", post(product::wait_for_product))
        .show("/cart", get(cart::show_cart))
        .take("/cart/items", post(cart::add_item))
        .take("/cart/items/{id}", post(cart::change_item))
        .show("/checkout", get(checkout::show_checkout))
        .take("/checkout", post(checkout::place_order))
        .show("/pay/{payment}", get(pay::show_payment))
        .take("/pay/{payment}", post(pay::pay))
        .show("/orders", get(order::list_orders))
        .show("/orders/{token}", get(order::show_order))
        .take("/orders/{token}/pay", post(order::pay_order))
        .take("/orders/{token}/cancel", post(order::cancel_order))
        .show("/notifications", get(notifications::show_notifications))
        .take("/notifications", post(notifications::save_notifications))
        .take("/notifications/telegram", post(notifications::link_telegram))
        .take("/notifications/push", post(notifications::keep_browser))
        .show("/sw.js", get(assets::service_worker))
        .show("/login", get(account::show_login))
        .take("/login", post(account::log_in))
        .show("/register", get(account::show_register))
        .take("/register", post(account::register))
        .take("/logout", post(account::log_out))
        .routes
        .page("GET", "/{*path}", any(failure::lost), Access::Public)
}

/// Маршруты и общая для них защита.
struct Pages {
    csrf: CsrfLayer,
    routes: Routes,
}

impl Pages {
    fn show(self, path: &str, page: MethodRouter) -> Pages {
        self.add("GET", path, page)
    }

    fn take(self, path: &str, form: MethodRouter) -> Pages {
        self.add("POST", path, form)
    }

    /// Страницы открыты всем: кто вошёл, узнаётся по печенью (`Visitor`), чужого не отдают сами запросы.
    fn add(self, method: &'static str, path: &str, router: MethodRouter) -> Pages {
        let guarded = router.layer(self.csrf.clone()).layer(from_fn(failure::as_page));
        Pages { routes: self.routes.page(method, path, guarded, Access::Public), ..self }
    }
}

/// Свой адрес без имени сайта: магазин может отвечать и не под `server.public_url` (проверка на другом порту).
fn local_path(ctx: &Ctx, url: &str) -> String {
    let site = ctx.settings().kernel.server.public_url.trim_end_matches('/');
    url.strip_prefix(site).filter(|path| path.starts_with('/')).unwrap_or(url).to_owned()
}

/// После формы — на страницу (POST-redirect-GET).
fn see(url: &str) -> Response {
    Redirect::to(url).into_response()
}
