//! Счётчик попыток в окне времени.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "throttles")]
pub struct Model {
    /// Что считаем: `login:+79161234567`, `sms:203.0.113.0/24`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bucket: String,
    pub hits: i32,
    pub window_started_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
