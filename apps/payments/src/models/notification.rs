//! Принятое уведомление провайдера. Тело не хранится: верим только перечитанному.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_notifications")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub provider: String,
    /// Чем повтор узнаётся у этого провайдера; вместе с ним уникален.
    pub event_id: String,
    pub payment_id: i64,
    pub processed_at: Option<Timestamp>,
    pub created_at: Timestamp,
    #[sea_orm(belongs_to, from = "payment_id", to = "id")]
    pub payment: HasOne<super::payment::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
