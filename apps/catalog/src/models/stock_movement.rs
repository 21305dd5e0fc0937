//! Журнал склада: строки только добавляются; остаток — их сумма.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// Пришло на склад.
    #[sea_orm(string_value = "receipt")]
    Receipt,
    /// Отгружено покупателю.
    #[sea_orm(string_value = "sale")]
    Sale,
    /// Вернулось от покупателя.
    #[sea_orm(string_value = "return")]
    Return,
    /// Пересчёт, бой, обмен с учётом.
    #[sea_orm(string_value = "adjust")]
    Adjust,
    /// Занято заказом.
    #[sea_orm(string_value = "reserve")]
    Reserve,
    /// Заказ отпустил.
    #[sea_orm(string_value = "release")]
    Release,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stock_movements")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub inventory_item_id: i64,
    pub kind: MovementKind,
    pub on_hand_delta: i64,
    pub reserved_delta: i64,
    pub owner_kind: Option<String>,
    pub owner_id: Option<String>,
    pub reason: String,
    pub actor: String,
    pub created_at: Timestamp,
    #[sea_orm(belongs_to, from = "inventory_item_id", to = "id")]
    pub inventory_item: HasOne<super::inventory_item::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
