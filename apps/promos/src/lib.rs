#![doc = include_str!("../README.md")]

pub mod admin;
mod api;
pub mod calculations;
mod checks;
mod errors;
pub mod factories;
mod known;
mod migrations;
pub mod models;
pub mod permissions;
pub mod queries;
pub mod schemas;
mod scope;
pub mod services;
pub mod settings;

use kernel::App;

/// Промокоды: условия, расчёт скидки, учёт использований.
pub fn app() -> App {
    App::new("promos", "Промокоды")
        .needs(&["accounts", "catalog"])
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .settings::<settings::PromoSettings>("promos")
        .permissions(permissions::ALL)
        .group("manager", "Менеджеры", permissions::ALL)
        .table::<models::PromoCode>()
        .table::<models::Target>()
        .table::<models::PromoUse>()
        .table::<models::Customer>()
        .routes(api::routes)
        .declare(admin::promo_codes())
        .declare(settings::editable())
        .money_check("promos: uses counted", |ctx| Box::pin(checks::uses(ctx)))
        .money_check("promos: uses by customer", |ctx| Box::pin(checks::customers(ctx)))
}
