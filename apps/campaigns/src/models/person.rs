//! Что кампании помнят о человеке.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// Кэш: обновляется, когда привязана почта и когда спросили его прогресс.
    pub total_score: i64,
    /// Объект JSON текстом.
    pub metadata: Option<String>,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
