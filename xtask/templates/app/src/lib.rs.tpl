#![doc = include_str!("../README.md")]

mod api;
mod errors;
mod migrations;
pub mod models;
pub mod queries;
pub mod schemas;
pub mod services;

use kernel::App;

/// %title%.
pub fn app() -> App {
    App::new("%app%", "%title%")
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .table::<models::item::Entity>()
        .routes(api::routes)
}
