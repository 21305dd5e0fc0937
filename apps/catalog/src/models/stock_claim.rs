//! Сколько и чего занял заказ (или другой владелец).

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

/// `held → released | sold`; проданное может вернуться на склад (`restocked`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum ClaimState {
    #[sea_orm(string_value = "held")]
    Held,
    #[sea_orm(string_value = "released")]
    Released,
    #[sea_orm(string_value = "sold")]
    Sold,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stock_claims")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub owner_kind: String,
    pub owner_id: String,
    pub inventory_item_id: i64,
    pub quantity: i64,
    /// Сколько из проданного вернулось на склад.
    pub restocked: i64,
    pub state: ClaimState,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[sea_orm(belongs_to, from = "inventory_item_id", to = "id")]
    pub inventory_item: HasOne<super::inventory_item::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
