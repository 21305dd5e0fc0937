//! Сообщение: одна строка — одна отправка.

use kernel::{Subject, Timestamp};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub channel: Channel,
    /// Адрес почты, телефон E.164, номер чата Telegram или номер подписки браузера.
    pub recipient: String,
    pub template: String,
    pub subject: String,
    pub body: String,
    /// То же письмо разметкой; `None` — письмо только текстом.
    pub html: Option<String>,
    /// О чём письмо: об отправке расскажет новость.
    pub subject_kind: Option<String>,
    pub subject_id: Option<String>,
    /// Текст стирается после отправки: в нём одноразовый код или ссылка.
    pub is_secret: bool,
    pub status: Status,
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    /// Отправку начали, а итог ещё не записан.
    pub attempted_at: Option<Timestamp>,
    /// Кому отдали: `prostor`, `smsru`; под каким именем и что с этим стало.
    pub provider: Option<String>,
    pub provider_id: Option<String>,
    pub delivery: Option<Delivery>,
    /// Чьё; `None` — писали по адресу, не зная человека.
    pub user_id: Option<i64>,
    pub purpose: Purpose,
    /// Ответ на то, что человек делает прямо сейчас: тихое время его не держит.
    pub is_urgent: bool,
    /// Кончится тихое время или позволит провайдер — тогда и уйдёт.
    pub not_before: Option<Timestamp>,
    /// Куда ведёт нажатие на уведомление браузера.
    pub link: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// О чём сообщение.
    pub fn about(&self) -> Option<Subject> {
        self.subject_kind.as_deref().zip(self.subject_id.as_ref()).map(|(kind, id)| Subject::new(kind, id))
    }
}

/// Чем отправляется.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    #[sea_orm(string_value = "email")]
    Email,
    #[sea_orm(string_value = "sms")]
    Sms,
    #[sea_orm(string_value = "telegram")]
    Telegram,
    #[sea_orm(string_value = "push")]
    Push,
}

impl Channel {
    pub const ALL: [Channel; 4] = [Channel::Email, Channel::Sms, Channel::Telegram, Channel::Push];

    pub fn code(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
            Channel::Telegram => "telegram",
            Channel::Push => "push",
        }
    }
}

/// Зачем пишут: о делах самого человека или чтобы он купил ещё. На рекламу нужно согласие.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(12))")]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    #[default]
    #[sea_orm(string_value = "service")]
    Service,
    #[sea_orm(string_value = "advertising")]
    Advertising,
}

/// `waiting → sent | failed | skipped`; `skipped` — писать нельзя: нет согласия.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[sea_orm(string_value = "waiting")]
    Waiting,
    #[sea_orm(string_value = "sent")]
    Sent,
    #[sea_orm(string_value = "failed")]
    Failed,
    #[sea_orm(string_value = "skipped")]
    Skipped,
}

/// Что оператор сказал о доставке.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// В пути.
    #[sea_orm(string_value = "sent")]
    Sent,
    #[sea_orm(string_value = "delivered")]
    Delivered,
    #[sea_orm(string_value = "undelivered")]
    Undelivered,
}
