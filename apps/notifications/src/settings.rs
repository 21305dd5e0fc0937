//! Настройки отправки.

use admin::{Choice, Field, SettingsOf};
use kernel::settings::{Secret, text};
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
    /// `console` — SMS пишется в папку данных и никуда не уходит; `prostor` — prostor-sms.ru; `smsru` — SMS.ru.
    pub provider: String,
    pub prostor: ProstorSettings,
    pub smsru: SmsRuSettings,
}

impl Default for SmsSettings {
    fn default() -> Self {
        SmsSettings { provider: "console".into(), prostor: ProstorSettings::default(), smsru: SmsRuSettings::default() }
    }
}

/// `[sms.prostor]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProstorSettings {
    #[serde(deserialize_with = "text")]
    pub login: String,
    pub password: Secret,
    /// Одобренное имя отправителя; пусто — имя по умолчанию.
    #[serde(deserialize_with = "text")]
    pub sender: String,
    /// Очередь состояний, 3–16 латинских букв и цифр: из неё раз в минуту узнаём о доставке. Пусто — не узнаём.
    pub queue: String,
    pub base_url: String,
}

impl Default for ProstorSettings {
    fn default() -> Self {
        ProstorSettings {
            login: String::new(),
            password: Secret::default(),
            sender: String::new(),
            queue: "megashop".into(),
            base_url: "https://api.prostor-sms.ru/messages/v2".into(),
        }
    }
}

/// `[sms.smsru]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmsRuSettings {
    pub api_id: Secret,
    /// Одобренное имя отправителя; пусто — имя по умолчанию.
    #[serde(deserialize_with = "text")]
    pub from: String,
    /// Проверять, не отправляя и не платя.
    pub test: bool,
    pub base_url: String,
}

impl Default for SmsRuSettings {
    fn default() -> Self {
        SmsRuSettings { api_id: Secret::default(), from: String::new(), test: false, base_url: "https://sms.ru".into() }
    }
}

const TRANSPORTS: &[Choice] = &[
    Choice::plain("files", ("в папку данных, никому", "to the data folder")),
    Choice::plain("smtp", ("по SMTP", "SMTP")),
];

const ENCRYPTIONS: &[Choice] = &[
    Choice::plain("starttls", ("STARTTLS", "STARTTLS")),
    Choice::plain("tls", ("TLS", "TLS")),
    Choice::plain("none", ("нет (только своя машина)", "none (own machine only)")),
];

const GATEWAYS: &[Choice] = &[
    Choice::plain("console", ("никому: в папку данных", "to the data folder")),
    Choice::plain("prostor", ("prostor-sms.ru", "prostor-sms.ru")),
    Choice::plain("smsru", ("SMS.ru", "SMS.ru")),
];

/// Что владелец меняет сам: письма.
pub fn editable() -> SettingsOf {
    SettingsOf::new(
        "mail",
        ("Письма", "E-mail"),
        ("Через какой сервер уходят письма и от кого.", "The mail server and the sender."),
        [
            Field::choice("transport", ("Как отправлять", "Transport"), TRANSPORTS).required(),
            Field::text("from", ("Отправитель", "From")).hint(("Магазин <shop@example.ru>", "Shop <shop@example.ru>")),
            Field::text("host", ("Сервер", "Host")),
            Field::number("port", ("Порт", "Port")).between(1, 65_535),
            Field::choice("encryption", ("Шифрование", "Encryption"), ENCRYPTIONS).required(),
            Field::text("user", ("Пользователь", "User")),
            Field::secret("password", ("Пароль", "Password")),
        ],
    )
}

/// И СМС.
pub fn editable_sms() -> SettingsOf {
    SettingsOf::new(
        "sms",
        ("СМС", "SMS"),
        ("Через кого уходят СМС.", "The SMS gateway."),
        [
            Field::choice("provider", ("Через кого", "Gateway"), GATEWAYS).required(),
            Field::text("prostor.login", ("Логин", "Login")).section(("prostor-sms.ru", "prostor-sms.ru")),
            Field::secret("prostor.password", ("Пароль", "Password")),
            Field::text("prostor.sender", ("Имя отправителя", "Sender")),
            Field::secret("smsru.api_id", ("Ключ api_id", "api_id")).section(("SMS.ru", "SMS.ru")),
            Field::text("smsru.from", ("Имя отправителя", "Sender")),
            Field::flag("smsru.test", ("Проверять, не отправляя", "Test mode")),
        ],
    )
}
