//! О каком состоянии волны заказу уже сообщили.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

use super::Status;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "preorder_statuses")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub wave_id: i64,
    pub owner_kind: String,
    pub owner_id: String,
    pub status: Status,
    pub status_message: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[sea_orm(belongs_to, from = "wave_id", to = "id")]
    pub wave: HasOne<super::wave::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
