#![doc = include_str!("../README.md")]

mod admin;
mod api;
pub mod calculations;
mod checks;
pub mod errors;
pub mod events;
pub mod factories;
mod jobs;
mod letters;
mod listeners;
mod migrations;
pub mod models;
pub mod permissions;
pub mod queries;
pub mod schemas;
pub mod services;
pub mod settings;

use kernel::App;

/// Предзаказы: волны, места, лист ожидания.
pub fn app() -> App {
    App::new("preorders", "Предзаказы")
        .needs(&["accounts", "catalog"])
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .settings::<settings::PreorderSettings>("preorders")
        .permissions(permissions::ALL)
        .declare(admin::waves())
        .declare(admin::waves_of_product())
        .declare(settings::editable())
        .group("manager", "Менеджеры", permissions::ALL)
        .table::<models::Wave>()
        .table::<models::Seat>()
        .table::<models::Told>()
        .table::<models::Waiting>()
        .start(|ctx| ctx.provide(services::planner()))
        .declare(notifications::Letters(letters::ALL))
        .routes(api::routes)
        .listener::<listeners::ForgetUser>()
        .every::<jobs::ExpireOffers>("* * * * *")
        .every::<jobs::CloseWaves>("* * * * *")
        .money_check("preorders: seats", |ctx| Box::pin(checks::seats(ctx)))
        .money_check("preorders: product cards", |ctx| Box::pin(checks::cards(ctx)))
}
