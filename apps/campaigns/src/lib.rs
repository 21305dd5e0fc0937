#![doc = include_str!("../README.md")]

mod admin;
mod api;
pub mod calculations;
mod errors;
pub mod factories;
mod letters;
mod listeners;
mod migrations;
pub mod models;
mod pages;
pub mod permissions;
pub mod queries;
pub mod schemas;
pub mod services;
pub mod settings;

use kernel::App;

/// Кампании дополненной реальности: посмотри всё — получи промокод.
pub fn app() -> App {
    App::new("campaigns", "Кампании")
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .settings::<settings::CampaignSettings>("campaigns")
        .permissions(permissions::ALL)
        .group("manager", "Менеджеры", permissions::ALL)
        .table::<models::Pool>()
        .table::<models::Asset>()
        .table::<models::Campaign>()
        .table::<models::Person>()
        .table::<models::Session>()
        .table::<models::Progress>()
        .table::<models::ViewEvent>()
        .table::<models::Code>()
        .declare(notifications::Letters(letters::ALL))
        .routes(api::calls)
        .routes(api::staff)
        .routes(pages::routes)
        .declare(admin::campaigns())
        .declare(admin::pools())
        .declare(admin::assets())
        .declare(admin::sessions())
        .declare(admin::codes())
        .declare(admin::viewer())
        .listener::<listeners::MarkSent>()
        .listener::<listeners::EraseUser>()
}
