//! Настройки отправки.

use admin::{Choice, Field, SettingsOf};
use chrono::NaiveTime;
use kernel::settings::{Secret, text};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// `[notifications]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotificationSettings {
    /// Тихое время по часам магазина, `22:00`: SMS, Telegram и уведомления браузера ждут его конца. Пусто — шлём всегда.
    #[serde(deserialize_with = "time_of_day")]
    pub quiet_from: String,
    #[serde(deserialize_with = "time_of_day")]
    pub quiet_to: String,
    /// Редакция текста согласия на рекламу: пишется в журнал согласий. Переменили текст — назовите иначе.
    #[serde(deserialize_with = "text")]
    pub document: String,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        NotificationSettings { quiet_from: "22:00".into(), quiet_to: "09:00".into(), document: "1".into() }
    }
}

impl NotificationSettings {
    /// Начало и конец тихого времени; `None` — его нет.
    pub fn quiet(&self) -> Option<(NaiveTime, NaiveTime)> {
        Some((parse_time(&self.quiet_from)?, parse_time(&self.quiet_to)?))
    }
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

fn time_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.is_empty() || parse_time(&text).is_some() {
        true => Ok(text),
        false => Err(D::Error::custom(format!("`{text}` is not a time of day like 22:00"))),
    }
}

/// `[telegram]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelegramSettings {
    /// Токен бота от @BotFather; пусто — Telegram нет.
    pub token: Secret,
    /// Имя бота без `@`: из него ссылка, по которой человек связывает свой Telegram.
    #[serde(deserialize_with = "text")]
    pub bot: String,
    /// Тайное слово, по которому узнаём вести Telegram: 1–256 знаков `A–Z a–z 0–9 _ -`.
    pub secret: Secret,
    pub base_url: String,
}

impl Default for TelegramSettings {
    fn default() -> Self {
        TelegramSettings {
            token: Secret::default(),
            bot: String::new(),
            secret: Secret::default(),
            base_url: "https://api.telegram.org".into(),
        }
    }
}

impl TelegramSettings {
    /// Всё, что нужно, чтобы связывать и писать.
    pub fn is_on(&self) -> bool {
        !self.token.is_empty() && !self.secret.is_empty() && !self.bot.is_empty()
    }
}

/// `[push]`: уведомления в браузере.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushSettings {
    /// Чьим службам рассылки верим: адрес подписки называет браузер, а ходим по нему мы. Узел (с поддоменами) или начало `http://…`.
    pub hosts: Vec<String>,
    /// Кому службе рассылки писать о неполадках: `mailto:…`; пусто — адрес магазина.
    pub contact: String,
}

impl Default for PushSettings {
    fn default() -> Self {
        let hosts = ["fcm.googleapis.com", "push.services.mozilla.com", "push.apple.com", "notify.windows.com"];
        PushSettings { hosts: hosts.map(str::to_owned).to_vec(), contact: String::new() }
    }
}

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

/// Тихое время и согласия.
pub fn editable_notifications() -> SettingsOf {
    SettingsOf::new(
        "notifications",
        ("Уведомления", "Notifications"),
        ("Когда не беспокоить и по какому тексту дают согласие на рекламу.", "Quiet hours and the text of the consent."),
        [
            Field::text("quiet_from", ("Не беспокоить с", "Quiet from")).hint((
                "22:00 по часам магазина. Письма, коды и ответы на действия покупателя уходят и ночью. Пусто — шлём всегда.",
                "22:00 in the shop's time. E-mail, codes and answers to the buyer go at night too. Empty: always send.",
            )),
            Field::text("quiet_to", ("до", "to")).hint(("09:00", "09:00")),
            Field::text("document", ("Редакция согласия на рекламу", "Version of the consent")).hint((
                "Пишется в журнал согласий; переменили текст — назовите иначе.",
                "Goes to the journal of consents; name it anew when the text changes.",
            )),
        ],
    )
}

/// Бот.
pub fn editable_telegram() -> SettingsOf {
    SettingsOf::new(
        "telegram",
        ("Telegram", "Telegram"),
        ("Бот, который пишет покупателям о заказах.", "The bot that writes to buyers about their orders."),
        [
            Field::text("bot", ("Имя бота", "Bot name")).hint(("Без @.", "Without @.")),
            Field::secret("token", ("Токен", "Token")),
            Field::secret("secret", ("Тайное слово", "Secret token")).hint((
                "Любые латинские буквы и цифры: по нему магазин узнаёт вести Telegram.",
                "Any Latin letters and digits: the shop knows Telegram by it.",
            )),
        ],
    )
}
