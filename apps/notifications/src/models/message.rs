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
    /// Адрес почты или телефон E.164.
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
}

/// `waiting → sent | failed`.
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
