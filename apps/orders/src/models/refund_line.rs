//! За сколько штук строки просили вернуть деньги, одной просьбой.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_refund_lines")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub order_id: i64,
    pub item_id: i64,
    /// Имя просьбы у платежей; оплаченное двумя платежами возвращается двумя возвратами с одним именем.
    pub refund_key: String,
    pub quantity: i64,
    pub created_at: Timestamp,
    /// Провайдер отказал: штуки снова не возвращены.
    pub released_at: Option<Timestamp>,
    #[sea_orm(belongs_to, from = "item_id", to = "id")]
    pub item: HasOne<super::order_item::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
