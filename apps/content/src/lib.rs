#![doc = include_str!("../README.md")]

mod admin;
mod api;
mod errors;
mod html;
mod migrations;
pub mod models;
pub mod permissions;
pub mod queries;
pub mod schemas;
pub mod services;

use kernel::App;

/// Содержание: страницы, приветствия.
pub fn app() -> App {
    App::new("content", "Содержание")
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .permissions(permissions::ALL)
        .group("manager", "Менеджеры", permissions::ALL)
        .table::<models::page::Entity>()
        .table::<models::splash::Entity>()
        .declare(admin::pages())
        .routes(api::routes)
}
