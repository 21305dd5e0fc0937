//! Что мы сообщаем другим. В новостях — id и факты, без личных данных: журнал переживает стирание человека.

use kernel::{Event, Subject};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Вид предмета «человек»; id — числовой.
pub const USER: &str = "accounts.user";

/// Человек зарегистрировался.
#[derive(Debug, Serialize, Deserialize)]
pub struct UserRegistered {
    pub user_id: i64,
}

/// Человек вошёл.
#[derive(Debug, Serialize, Deserialize)]
pub struct UserLoggedIn {
    pub user_id: i64,
    pub device_id: i64,
    /// `password`, `code`, `setup` или `registration`.
    pub method: String,
}

/// Личные данные стёрты: приложения выше стирают свои.
#[derive(Debug, Serialize, Deserialize)]
pub struct UserErased {
    pub user_id: i64,
}

/// Сотрудник заблокировал или разблокировал человека.
#[derive(Debug, Serialize, Deserialize)]
pub struct UserBlocked {
    pub user_id: i64,
    pub is_active: bool,
}

/// Сменились группы прав человека.
#[derive(Debug, Serialize, Deserialize)]
pub struct UserGroupsChanged {
    pub user_id: i64,
    pub groups: Vec<String>,
}

/// Сменился пароль; все прежние входы закончены.
#[derive(Debug, Serialize, Deserialize)]
pub struct PasswordChanged {
    pub user_id: i64,
}

/// Доказан телефон или почта.
#[derive(Debug, Serialize, Deserialize)]
pub struct ContactProven {
    pub user_id: i64,
    /// `phone` или `email`.
    pub kind: String,
}

/// Сотрудник смотрел личные данные.
#[derive(Debug, Serialize, Deserialize)]
pub struct UserViewed {
    pub user_id: i64,
}

/// Прислан уже сменённый refresh-токен: вход на этом устройстве закончен.
#[derive(Debug, Serialize, Deserialize)]
pub struct RefreshTokenReused {
    pub user_id: i64,
    pub device_id: i64,
}

/// Попросили код: слушатель разберётся, кому и что слать.
#[derive(Debug, Serialize, Deserialize)]
pub struct CodeRequested {
    pub code_id: Uuid,
    /// `ru` или `en`.
    pub lang: String,
}

/// Изменились права группы.
#[derive(Debug, Serialize, Deserialize)]
pub struct GroupChanged {
    pub code: String,
    pub permissions: Vec<String>,
}

/// Человек включил или выключил второй фактор.
#[derive(Debug, Serialize, Deserialize)]
pub struct SecondFactorChanged {
    pub user_id: i64,
    pub is_on: bool,
}

impl Event for SecondFactorChanged {
    const NAME: &'static str = "accounts.second_factor_changed";

    fn subject(&self) -> Subject {
        Subject::new(USER, self.user_id)
    }
}

impl Event for UserRegistered {
    const NAME: &'static str = "accounts.user_registered";

    fn subject(&self) -> Subject {
        Subject::new(USER, self.user_id)
    }
}

impl Event for UserLoggedIn {
    const NAME: &'static str = "accounts.user_logged_in";

    fn subject(&self) -> Subject {
        Subject::new(USER, self.user_id)
    }
}

impl Event for UserErased {
    const NAME: &'static str = "accounts.user_erased";

    fn subject(&self) -> Subject {
        Subject::new(USER, self.user_id)
    }
}

impl Event for UserBlocked {
    const NAME: &'static str = "accounts.user_blocked";

    fn subject(&self) -> Subject {
        Subject::new(USER, self.user_id)
    }
}

impl Event for UserGroupsChanged {
    const NAME: &'static str = "accounts.user_groups_changed";

    fn subject(&self) -> Subject {
        Subject::new(USER, self.user_id)
    }
}

impl Event for PasswordChanged {
    const NAME: &'static str = "accounts.password_changed";

    fn subject(&self) -> Subject {
        Subject::new(USER, self.user_id)
    }
}

impl Event for ContactProven {
    const NAME: &'static str = "accounts.contact_proven";

    fn subject(&self) -> Subject {
        Subject::new(USER, self.user_id)
    }
}

impl Event for UserViewed {
    const NAME: &'static str = "accounts.user_viewed";

    fn subject(&self) -> Subject {
        Subject::new(USER, self.user_id)
    }
}

impl Event for RefreshTokenReused {
    const NAME: &'static str = "accounts.refresh_token_reused";

    fn subject(&self) -> Subject {
        Subject::new(USER, self.user_id)
    }
}

impl Event for CodeRequested {
    const NAME: &'static str = "accounts.code_requested";

    fn subject(&self) -> Subject {
        Subject::new("accounts.code", self.code_id)
    }
}

impl Event for GroupChanged {
    const NAME: &'static str = "accounts.group_changed";

    fn subject(&self) -> Subject {
        Subject::new("accounts.group", &self.code)
    }
}
