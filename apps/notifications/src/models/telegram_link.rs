//! Telegram человека.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "telegram_links")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i64,
    /// Чат с ботом; `None` — ещё не связан.
    pub chat_id: Option<i64>,
    /// След одноразового кода из ссылки.
    pub code_hash: Option<String>,
    pub code_expires_at: Option<Timestamp>,
    pub linked_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
