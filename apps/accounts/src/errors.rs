//! Отказы приложения; слова — в `texts/*.toml`.

use kernel::{Error, Kind};

use crate::contacts::Contact;

/// Логин занят: 400, не 409 — так отвечала система, чей договор мы держим.
pub fn taken(contact: &Contact) -> Error {
    match contact {
        Contact::Phone(_) => Error::refused("accounts.phone_taken"),
        Contact::Email(_) => Error::refused("accounts.email_taken"),
    }
}

/// Один ответ на неизвестного человека, неверный пароль и пароль, которого нет.
pub fn wrong_credentials() -> Error {
    Error::new(Kind::Unauthorized, "accounts.wrong_credentials")
}

pub fn blocked() -> Error {
    Error::new(Kind::Forbidden, "accounts.blocked")
}

/// Неверный, просроченный, чужой и уже использованный код неотличимы.
pub const WRONG_CODE: &str = "accounts.wrong_code";

pub fn wrong_code() -> Error {
    Error::refused(WRONG_CODE)
}

pub fn wrong_refresh_token() -> Error {
    Error::new(Kind::Unauthorized, "accounts.wrong_refresh_token")
}

/// Пароль верен, но у записи включён второй фактор: прислать то же ещё раз, с `code`.
pub const SECOND_FACTOR_REQUIRED: &str = "accounts.second_factor_required";

pub fn second_factor_required() -> Error {
    Error::new(Kind::Unauthorized, SECOND_FACTOR_REQUIRED).field("code", "required")
}

pub fn wrong_second_factor() -> Error {
    Error::new(Kind::Unauthorized, "accounts.wrong_second_factor").field("code", "accounts.wrong_second_factor")
}

pub fn stale_ticket() -> Error {
    Error::new(Kind::Unauthorized, "accounts.stale_ticket")
}

pub fn last_admin() -> Error {
    Error::refused("accounts.last_admin")
}
