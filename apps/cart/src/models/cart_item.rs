//! Строка корзины: один вариант.

use kernel::{Money, Timestamp};
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_items")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub cart_id: i64,
    pub variant_id: i64,
    pub quantity: i64,
    /// Цена, которую покупатель видел.
    pub price: Money,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[sea_orm(belongs_to, from = "cart_id", to = "id")]
    pub cart: HasOne<super::cart::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
