#![doc = include_str!("../README.md")]

mod admin;
mod engine;
pub mod formats;
mod jobs;
mod migrations;
pub mod models;
pub mod permissions;
pub mod services;
mod settings;

pub use settings::ImportSettings;

use kernel::App;

/// Загрузка каталогов из 1С и таблиц.
pub fn app() -> App {
    App::new("integrations", "Обмен и загрузка")
        .needs(&["catalog"])
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .settings::<ImportSettings>("integrations")
        .permissions(permissions::ALL)
        .group("manager", "Менеджеры", permissions::ALL)
        .declare(admin::files())
        .declare(admin::imports())
        .declare(admin::rows())
        .declare(admin::settings())
        .job::<jobs::ProcessFile>()
        .every::<jobs::ForgetFiles>("23 4 * * *")
        .table::<models::import_file::Entity>()
        .table::<models::import_run::Entity>()
        .table::<models::import_row::Entity>()
        .table::<models::import_link::Entity>()
        .table::<models::import_pending::Entity>()
        .table::<models::import_price_type::Entity>()
}
