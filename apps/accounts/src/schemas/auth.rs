//! Вход: тела регистрации, входа, кодов, сброса; открытый вход и устройства.

use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::Result;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{UserOut, contact_of};
use crate::contacts::Contact;
use crate::models::device;
use crate::services::{Opened, SentCode};

/// Регистрация: телефон или почта и пароль; вместо пароля (или вместе с ним) — код из СМС или письма.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
pub struct RegisterIn {
    #[schema(example = "+79161234567")]
    #[garde(length(chars, max = 40))]
    pub phone: Option<String>,
    #[garde(length(chars, max = 254))]
    pub email: Option<String>,
    #[schema(format = Password)]
    pub password: Option<String>,
    /// Код, присланный через `/auth/code/send`.
    #[garde(length(chars, max = 20))]
    pub code: Option<String>,
    #[serde(default)]
    #[garde(length(chars, max = 100))]
    pub first_name: String,
    #[serde(default)]
    #[garde(length(chars, max = 100))]
    pub last_name: String,
    #[serde(default)]
    #[garde(length(chars, max = 100))]
    pub patronymic: String,
    #[serde(default)]
    #[garde(length(chars, max = 300))]
    pub full_name: String,
    /// Согласие на рассылку.
    #[serde(default)]
    pub newsletter: bool,
}

/// Вход по паролю: `phone`, `email` или `login` (одно поле на оба).
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
pub struct LoginIn {
    #[schema(example = "+79161234567")]
    #[garde(length(chars, max = 40))]
    pub phone: Option<String>,
    #[garde(length(chars, max = 254))]
    pub email: Option<String>,
    #[serde(alias = "username")]
    #[garde(length(chars, max = 254))]
    pub login: Option<String>,
    #[schema(format = Password)]
    #[garde(length(chars, max = 1000))]
    pub password: String,
    /// Код второго фактора, из приложения или запасной; нужен, если на запрос без него ответили `accounts.second_factor_required`.
    #[garde(length(chars, max = 40))]
    pub code: Option<String>,
}

#[derive(Debug, Deserialize, Validate, ToSchema)]
pub struct RefreshIn {
    #[serde(alias = "refresh")]
    #[garde(length(max = 4000))]
    pub refresh_token: String,
}

/// Выход: без полей — на этом устройстве, `all` — на всех; `refresh_token` — если токен доступа уже истёк.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
#[serde(default)]
pub struct LogoutIn {
    pub all: bool,
    #[serde(alias = "refresh")]
    #[garde(length(max = 4000))]
    pub refresh_token: Option<String>,
}

/// Кому послать код.
#[derive(Debug, Deserialize, Validate, ToSchema)]
pub struct ContactIn {
    #[schema(example = "+79161234567")]
    #[garde(length(chars, max = 40))]
    pub phone: Option<String>,
    #[garde(length(chars, max = 254))]
    pub email: Option<String>,
}

impl ContactIn {
    pub fn contact(&self) -> Result<Contact> {
        contact_of(self.phone.as_deref(), self.email.as_deref(), None)
    }
}

/// Код, который пришёл на этот телефон или почту.
#[derive(Debug, Deserialize, Validate, ToSchema)]
pub struct CodeIn {
    #[schema(example = "+79161234567")]
    #[garde(length(chars, max = 40))]
    pub phone: Option<String>,
    #[garde(length(chars, max = 254))]
    pub email: Option<String>,
    #[schema(example = "123456")]
    #[garde(length(chars, max = 20))]
    pub code: String,
    /// Код второго фактора, если он включён: `code` здесь — из СМС или письма.
    #[garde(length(chars, max = 40))]
    pub second_factor: Option<String>,
}

impl CodeIn {
    pub fn contact(&self) -> Result<Contact> {
        contact_of(self.phone.as_deref(), self.email.as_deref(), None)
    }
}

/// Что вписать в приложение-аутентификатор.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondFactorOut {
    pub secret: String,
    /// `otpauth://…`: для рисунка QR.
    pub url: String,
}

#[derive(Debug, Deserialize, Validate, ToSchema)]
pub struct SecondFactorIn {
    #[schema(example = "123456")]
    #[garde(length(chars, max = 40))]
    pub code: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RecoveryCodesOut {
    /// Каждый заменит код из приложения один раз.
    pub recovery_codes: Vec<String>,
}

/// Новый пароль вместо забытого: токен из письма или телефон с кодом из СМС.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
pub struct ResetConfirmIn {
    #[garde(length(max = 4000))]
    pub token: Option<String>,
    #[garde(length(chars, max = 40))]
    pub phone: Option<String>,
    #[garde(length(chars, max = 20))]
    pub code: Option<String>,
    #[schema(format = Password)]
    #[serde(alias = "new_password")]
    pub password: String,
}

#[derive(Debug, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
pub struct PasswordIn {
    /// Нет у тех, кто входил только по коду.
    #[schema(format = Password)]
    #[garde(length(chars, max = 1000))]
    pub current_password: Option<String>,
    #[schema(format = Password)]
    pub new_password: String,
}

/// Первый администратор по одноразовой ссылке.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
pub struct SetupIn {
    #[garde(length(max = 4000))]
    pub token: String,
    #[garde(length(chars, max = 40))]
    pub phone: Option<String>,
    #[garde(length(chars, max = 254))]
    pub email: Option<String>,
    #[schema(format = Password)]
    pub password: String,
}

/// Открытый вход.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionOut {
    /// JWT; слать в `Authorization: Bearer`.
    pub access_token: String,
    /// Меняется при каждом обновлении; прежний больше не годится.
    pub refresh_token: String,
    #[schema(example = "bearer")]
    pub token_type: &'static str,
    /// Сколько секунд живёт `access_token`.
    pub expires_in: i64,
    pub user: UserOut,
}

impl SessionOut {
    pub fn of(opened: Opened, expires_in: i64) -> SessionOut {
        SessionOut {
            access_token: opened.access_token,
            refresh_token: opened.refresh_token,
            token_type: "bearer",
            expires_in,
            user: UserOut::of(opened.user, opened.roles),
        }
    }
}

/// Код послан, если такому адресату их можно слать: ответ одинаков для известных и неизвестных.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentCodeOut {
    pub success: bool,
    pub expires_at: DateTime<Utc>,
    /// Через сколько секунд можно просить снова.
    pub resend_after: i64,
}

impl From<SentCode> for SentCodeOut {
    fn from(sent: SentCode) -> Self {
        SentCodeOut { success: true, expires_at: sent.expires_at, resend_after: sent.resend_after }
    }
}

/// Вход на одном устройстве.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceOut {
    pub id: i64,
    pub user_agent: String,
    pub ip: String,
    /// Это устройство.
    pub is_current: bool,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
}

impl DeviceOut {
    pub fn of(device: device::Model, current: Option<i64>) -> DeviceOut {
        DeviceOut {
            id: device.id,
            is_current: current == Some(device.id),
            user_agent: device.user_agent,
            ip: device.ip,
            created_at: device.created_at.and_utc(),
            last_seen_at: device.last_seen_at.and_utc(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceList {
    pub devices: Vec<DeviceOut>,
    pub total: u64,
}
