//! Складская позиция: общий остаток вариантов товара или остаток одного варианта.

use sea_orm::entity::prelude::*;

/// Код общей позиции товара; у собственной позиции варианта код — его `variant_key`.
pub const SHARED: &str = "";

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inventory_items")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub product_id: i64,
    pub code: String,
    /// Лежит на складе; меньше нуля — учётная система отгрузила больше, чем принято здесь.
    pub on_hand: i64,
    /// Занято неотгруженными заказами.
    pub reserved: i64,
    /// Можно продать: `on_hand - reserved`, но не меньше нуля.
    pub available: i64,
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: HasOne<super::product::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
