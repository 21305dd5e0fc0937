//! Настройки отправки.

use serde::{Deserialize, Serialize};

/// `[mail]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailSettings {
    /// `files` — в папку данных, `smtp` — по-настоящему.
    pub transport: String,
    pub host: String,
    pub port: u16,
    /// `starttls`, `tls` или `none` (только для своей машины).
    pub encryption: String,
    pub user: String,
    pub password: String,
    /// Отправитель: `Магазин <shop@example.ru>`.
    pub from: String,
}

impl Default for MailSettings {
    fn default() -> Self {
        MailSettings {
            transport: "files".into(),
            host: "localhost".into(),
            port: 587,
            encryption: "starttls".into(),
            user: String::new(),
            password: String::new(),
            from: "Megashop <shop@localhost>".into(),
        }
    }
}

/// `[sms]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmsSettings {
    /// `console`: SMS пишется в папку данных и никуда не уходит.
    pub provider: String,
}

impl Default for SmsSettings {
    fn default() -> Self {
        SmsSettings { provider: "console".into() }
    }
}
