//! Виденное в сеансе.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_progress")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub session_id: Uuid,
    pub asset_id: i64,
    /// Первый просмотр.
    pub viewed_at: Timestamp,
    pub times_viewed: i64,
}

impl ActiveModelBehavior for ActiveModel {}
