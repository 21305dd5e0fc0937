#![doc = include_str!("../README.md")]

mod api;
mod export;
mod period;
pub mod permissions;
mod queries;
mod schemas;

use kernel::App;

/// Отчёты: продажи, предзаказы, покупатели, промокоды.
pub fn app() -> App {
    App::new("analytics", "Отчёты")
        .needs(&["accounts", "orders"])
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .permissions(permissions::ALL)
        .group("manager", "Менеджеры", permissions::ALL)
        .routes(api::routes)
}
