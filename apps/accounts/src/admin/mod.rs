//! Админка: люди, их входы и роли, группы прав; вход в саму админку и второй фактор.

mod entry;
mod groups;
mod second_factor;
mod users;

pub use entry::people;
pub use groups::groups;
pub use second_factor::second_factor;
pub use users::{joined_today, users};

use admin::{Field, SettingsOf};

/// Настройки входа, которые владелец меняет сам.
pub fn settings() -> SettingsOf {
    SettingsOf::new(
        "auth",
        ("Вход", "Sign-in"),
        ("Пароли и второй фактор.", "Passwords and the second factor."),
        [
            Field::number("password_min_length", ("Наименьшая длина пароля", "Shortest password")).between(6, 64),
            Field::flag("staff_second_factor", ("Второй фактор обязателен сотрудникам", "Staff must have a second factor")).hint((
                "Сотрудник без второго фактора входит, но прав у него нет, пока он его не заведёт. Сперва заведите свой.",
                "Staff without it can log in but have no rights until they enrol. Enrol yourself first.",
            )),
            Field::number("login_attempts", ("Неудачных входов в одну запись за окно", "Failed logins per account")).between(3, 10_000),
        ],
    )
}
