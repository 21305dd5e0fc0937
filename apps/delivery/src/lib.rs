#![doc = include_str!("../README.md")]

mod api;
pub mod calculations;
mod errors;
pub mod factories;
mod known_offers;
mod migrations;
pub mod models;
pub mod permissions;
pub mod queries;
pub mod schemas;
pub mod services;

use kernel::App;

/// Доставка: способы, цены, пункты выдачи.
pub fn app() -> App {
    App::new("delivery", "Доставка")
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .permissions(permissions::ALL)
        .group("manager", "Менеджеры", permissions::ALL)
        .table::<models::method::Entity>()
        .table::<models::city_price::Entity>()
        .table::<models::pickup_point::Entity>()
        .routes(api::routes)
}
