#![doc = include_str!("../README.md")]

mod actors;
mod assets;
mod cell;
mod declare;
mod input;
mod keyset;
mod log;
mod own;
mod pages;
mod query;
mod render;
mod screen;
mod session;
mod settings;
mod words;

pub use cell::{Cell, Choice, Tone, badge};
pub use declare::{
    Action, Document, Entry, Field, Figures, Filter, Inside, Panel, PanelOf, Pass, People, Row, Table, Tile, Viewer,
};
pub use declare::{Block, Model, Page, PageForm, Screen, SettingsOf};
pub use input::Input;
pub use log::entity as log_row;
pub use own::permissions;
pub use settings::AdminSettings;
pub use words::Words;

use kernel::{App, Migration};

const MIGRATIONS: &[Migration] =
    &[Migration::new("m0001_admin_log", include_str!("../migrations/m0001_admin_log.sql"))];

/// Админка: страницы по объявлениям приложений (`App::declare(admin::Screen)`), вход, журнал, задачи.
pub fn app() -> App {
    App::new("admin", "Админка")
        .migrations(MIGRATIONS)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .settings::<AdminSettings>("admin")
        .permissions(permissions::ALL)
        .group("manager", "Менеджеры", permissions::MANAGER)
        .group("moderator", "Модераторы", permissions::MODERATOR)
        .table::<log::entity::Entity>()
        .declare(own::jobs())
        .declare(own::log())
        .declare(own::waiting_jobs())
        .routes(pages::routes)
}
