#![doc = include_str!("../README.md")]

mod admin;
mod api;
mod checks;
pub mod errors;
pub mod events;
pub mod factories;
mod migrations;
pub mod models;
pub mod normalize;
pub mod permissions;
pub mod queries;
pub mod schemas;
pub mod services;

use kernel::App;

/// Каталог: товары, разделы, характеристики, остатки.
pub fn app() -> App {
    App::new("catalog", "Каталог")
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .permissions(permissions::ALL)
        .group("manager", "Менеджеры", permissions::ALL)
        .table::<models::category::Entity>()
        .table::<models::brand::Entity>()
        .table::<models::attribute::Entity>()
        .table::<models::attribute_choice::Entity>()
        .table::<models::product::Entity>()
        .table::<models::inventory_item::Entity>()
        .table::<models::variant::Entity>()
        .table::<models::stock_movement::Entity>()
        .table::<models::stock_claim::Entity>()
        .table::<models::product_media::Entity>()
        .table::<models::attribute_value::Entity>()
        .table::<models::favourite::Entity>()
        .table::<models::recent_view::Entity>()
        .routes(api::routes)
        .declare(admin::products())
        .declare(admin::categories())
        .declare(admin::brands())
        .declare(admin::variants())
        .declare(admin::gallery())
        .job::<services::files::DeleteFiles>()
        .money_check("stock ledger", |ctx| Box::pin(checks::stock_ledger(ctx)))
}
