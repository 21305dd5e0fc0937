#![doc = include_str!("../README.md")]

mod assets;
mod checkout;
mod demo;
pub mod format;
mod forms;
mod order_words;
mod pages;
mod preorder;
mod render;
mod settings;
mod views;
mod visitor;

pub use demo::{DemoLogin, PRESET, Step, demo_campaign_path, demo_logins, load_demo};
pub use pages::home;
pub use settings::StorefrontSettings;
pub use visitor::set_session;

use kernel::App;

/// Витрина: страницы магазина для покупателя.
pub fn app() -> App {
    App::new("storefront", "Витрина")
        .settings::<StorefrontSettings>("storefront")
        .declare(settings::editable())
        .routes(pages::routes)
        .needs(&["accounts", "cart", "catalog", "content", "delivery", "notifications", "orders", "payments"])
}
