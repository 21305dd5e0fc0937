//! Запись покупателя.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "%app%_items")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Чья запись.
    pub user_id: i64,
    pub title: String,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
