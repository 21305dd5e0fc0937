//! Этап заказа: к какому дню обещан и когда сделан.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_stages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: i64,
    /// Код из настройки `[orders] stages`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub planned_at: Option<Timestamp>,
    pub done_at: Option<Timestamp>,
    pub updated_at: Timestamp,
    #[sea_orm(belongs_to, from = "order_id", to = "id")]
    pub order: HasOne<super::order::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
