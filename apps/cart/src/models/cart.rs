//! Корзина человека или гостя: у неё ровно один владелец.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "carts")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub user_id: Option<i64>,
    /// SHA-256 ключа гостя.
    #[sea_orm(unique)]
    pub token_hash: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[sea_orm(has_many)]
    pub items: HasMany<super::cart_item::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
