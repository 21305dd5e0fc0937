//! Что приходит и уходит.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::models::message::{Channel, Purpose};

/// Правка слов письма: только присланное; пустая часть HTML — письмо только текстом.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct TemplatePatch {
    #[garde(length(chars, max = 300))]
    pub subject: Option<String>,
    #[garde(length(chars, max = 20_000))]
    pub body: Option<String>,
    #[garde(length(chars, max = 100_000))]
    pub html: Option<String>,
    #[garde(length(chars, max = 1_000))]
    pub sms: Option<String>,
    #[garde(length(chars, max = 3_000))]
    pub telegram: Option<String>,
    #[garde(length(chars, max = 1_000))]
    pub push: Option<String>,
}

impl TemplatePatch {
    pub fn parts(&self) -> [(&'static str, Option<&str>); 6] {
        [
            ("subject", self.subject.as_deref()),
            ("body", self.body.as_deref()),
            ("html", self.html.as_deref()),
            ("sms", self.sms.as_deref()),
            ("telegram", self.telegram.as_deref()),
            ("push", self.push.as_deref()),
        ]
    }
}

/// Что у человека включено.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreferencesOut {
    pub email: PreferenceOut,
    pub sms: PreferenceOut,
    pub telegram: PreferenceOut,
    pub push: PreferenceOut,
    /// Связан ли Telegram.
    pub telegram_linked: bool,
    /// Сколько браузеров разрешили уведомления.
    pub browsers: usize,
    /// Редакция текста, по которому сейчас дают согласие на рекламу.
    #[schema(example = "1")]
    pub document: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PreferenceOut {
    /// О своих делах: заказы, доставка.
    pub service: bool,
    /// Реклама: включена, только если человек согласился.
    pub advertising: bool,
}

/// Перемены: только присланное.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferencesPatch {
    #[garde(dive)]
    pub email: Option<PreferencePatch>,
    #[garde(dive)]
    pub sms: Option<PreferencePatch>,
    #[garde(dive)]
    pub telegram: Option<PreferencePatch>,
    #[garde(dive)]
    pub push: Option<PreferencePatch>,
    /// Редакция текста, который человек видел; переменилась — 409, и ничего не меняется.
    #[garde(length(chars, max = 60))]
    pub document: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferencePatch {
    #[garde(skip)]
    pub service: Option<bool>,
    #[garde(skip)]
    pub advertising: Option<bool>,
}

impl PreferencesPatch {
    /// Сказанное, по одному.
    pub fn said(&self) -> Vec<(Channel, Purpose, bool)> {
        let channels = [
            (Channel::Email, &self.email),
            (Channel::Sms, &self.sms),
            (Channel::Telegram, &self.telegram),
            (Channel::Push, &self.push),
        ];
        let mut said = Vec::new();
        for (channel, patch) in channels {
            let Some(patch) = patch else { continue };
            said.extend(patch.service.map(|is_given| (channel, Purpose::Service, is_given)));
            said.extend(patch.advertising.map(|is_given| (channel, Purpose::Advertising, is_given)));
        }
        said
    }
}

/// Ссылка, которую открывают в Telegram.
#[derive(Debug, Serialize, ToSchema)]
pub struct TelegramLinkOut {
    #[schema(example = "https://t.me/megashop_bot?start=5f0c")]
    pub link: String,
    pub expires_at: DateTime<Utc>,
}

/// Открытый ключ магазина для подписки браузера.
#[derive(Debug, Serialize, ToSchema)]
pub struct PushKeyOut {
    pub public_key: String,
}

/// Подписка, какой её отдаёт браузер (`PushSubscription.toJSON()`).
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
pub struct SubscriptionIn {
    #[garde(length(bytes, min = 1, max = 1000))]
    pub endpoint: String,
    #[garde(dive)]
    pub keys: SubscriptionKeys,
}

#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
pub struct SubscriptionKeys {
    #[garde(length(bytes, min = 1, max = 100))]
    pub p256dh: String,
    #[garde(length(bytes, min = 1, max = 40))]
    pub auth: String,
}

impl SubscriptionIn {
    pub fn new(endpoint: &str, p256dh: &str, auth: &str) -> SubscriptionIn {
        let keys = SubscriptionKeys { p256dh: p256dh.to_owned(), auth: auth.to_owned() };
        SubscriptionIn { endpoint: endpoint.to_owned(), keys }
    }
}

/// Какой браузер забыть.
#[derive(Clone, Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SubscriptionFilter {
    #[garde(length(bytes, min = 1, max = 1000))]
    pub endpoint: String,
}

/// Весть Telegram: только то, что мы понимаем.
#[derive(Clone, Debug, Deserialize)]
pub struct Update {
    pub update_id: i64,
    message: Option<Incoming>,
    my_chat_member: Option<Membership>,
}

#[derive(Clone, Debug, Deserialize)]
struct Incoming {
    chat: Chat,
    from: Option<Sender>,
    text: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Membership {
    chat: Chat,
    new_chat_member: Member,
}

#[derive(Clone, Debug, Deserialize)]
struct Member {
    status: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Chat {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Sender {
    language_code: Option<String>,
}

impl Update {
    /// Чат с глазу на глаз и что в нём написали; группам бот не отвечает.
    pub fn private_text(&self) -> Option<(i64, &str)> {
        let message = self.message.as_ref().filter(|message| message.chat.kind == "private")?;
        Some((message.chat.id, message.text.as_deref()?))
    }

    /// Кто заблокировал бота.
    pub fn blocked_by(&self) -> Option<i64> {
        let change = self.my_chat_member.as_ref().filter(|change| change.chat.kind == "private")?;
        (change.new_chat_member.status == "kicked").then_some(change.chat.id)
    }

    /// Язык Telegram у написавшего.
    pub fn lang(&self) -> kernel::Lang {
        let from = self.message.as_ref().and_then(|message| message.from.as_ref());
        kernel::Lang::from_header(from.and_then(|from| from.language_code.as_deref()))
    }
}
