#![doc = include_str!("../README.md")]

mod api;
mod errors;
mod jobs;
mod listeners;
mod migrations;
pub mod models;
pub mod owner;
pub mod queries;
pub mod schemas;
pub mod services;
pub mod settings;

pub use owner::{CartOwner, GuestToken};

use kernel::App;

/// Корзина гостя и покупателя.
pub fn app() -> App {
    App::new("cart", "Корзина")
        .needs(&["accounts", "catalog"])
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .settings::<settings::CartSettings>("cart")
        .table::<models::cart::Entity>()
        .table::<models::cart_item::Entity>()
        .routes(api::routes)
        .listener::<listeners::DropErased>()
        .every::<jobs::PurgeGuestCarts>("23 4 * * *")
}
