//! Журнал согласий: строка на каждую перемену.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::message::{Channel, Purpose};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consents")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i64,
    pub channel: Channel,
    pub purpose: Purpose,
    pub is_given: bool,
    /// Редакция текста согласия, действовавшая в тот миг.
    pub document: String,
    pub source: Source,
    /// Откуда пришёл запрос; стирается вместе с человеком.
    pub ip: Option<String>,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// Где человек это сказал.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
pub enum Source {
    #[sea_orm(string_value = "profile")]
    Profile,
    #[sea_orm(string_value = "registration")]
    Registration,
    /// Ссылка отписки в письме.
    #[sea_orm(string_value = "unsubscribe")]
    Unsubscribe,
    /// Команда боту.
    #[sea_orm(string_value = "telegram")]
    Telegram,
    /// Разрешение в браузере.
    #[sea_orm(string_value = "browser")]
    Browser,
    /// Бота заблокировали.
    #[sea_orm(string_value = "blocked")]
    Blocked,
    /// Дано до того, как завели журнал.
    #[sea_orm(string_value = "before_journal")]
    BeforeJournal,
}
