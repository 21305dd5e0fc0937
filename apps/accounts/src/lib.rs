#![doc = include_str!("../README.md")]

mod admin;
mod api;
mod argon;
pub mod codes;
pub mod contacts;
mod errors;
pub mod events;
pub mod factories;
pub mod handles;
pub mod hashing;
mod jobs;
pub mod keys;
mod letters;
mod listeners;
mod migrations;
pub mod models;
mod names;
mod old_hashes;
pub mod passwords;
pub mod permissions;
pub mod phones;
pub mod queries;
pub mod schemas;
mod security;
pub mod services;
pub mod settings;
mod start;
pub mod tokens;
pub mod totp;

pub use start::{admin_link, admin_link_is_live, create_admin, start};

use kernel::App;

use models::*;

// Страницы входят теми же дверями, что и клиенты API.
pub use api::{log_in, register, set_up};
pub use errors::WRONG_CODE;
pub use security::BearerAuthenticator;

/// Люди: вход, токены, профиль, роли.
pub fn app() -> App {
    App::new("accounts", "Люди")
        .needs(&["notifications"])
        .migrations(migrations::ALL)
        .texts(include_str!("../texts/ru.toml"), include_str!("../texts/en.toml"))
        .settings::<settings::AuthSettings>("auth")
        .permissions(permissions::ALL)
        .group(group::CUSTOMER, "Покупатели", &[])
        .group(group::TEACHER, "Преподаватели", &[])
        .group(group::MODERATOR, "Модераторы", permissions::MODERATOR)
        .group(group::MANAGER, "Менеджеры", permissions::MANAGER)
        .group(group::ADMIN, "Администраторы", &[])
        .table::<User>()
        .table::<Address>()
        .table::<Group>()
        .table::<GroupPermission>()
        .table::<GroupMember>()
        .table::<AppliedGroupDefault>()
        .table::<Device>()
        .table::<OneTimeCode>()
        .table::<Throttle>()
        .table::<SecondFactor>()
        .table::<RecoveryCode>()
        .authenticator(security::BearerAuthenticator)
        .declare(notifications::Letters(letters::ALL))
        .routes(api::routes)
        .declare(admin::people())
        .declare(admin::users())
        .declare(admin::groups())
        .declare(admin::joined_today())
        .declare(admin::second_factor())
        .declare(admin::settings())
        .listener::<listeners::DeliverCode>()
        .listener::<listeners::ReflectNewsletter>()
        .every::<jobs::CleanUp>("41 3 * * *")
}
