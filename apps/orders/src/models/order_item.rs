//! Строка заказа: снимок товара на момент покупки.

use kernel::{Money, Timestamp};
use sea_orm::entity::prelude::*;

use crate::calculations::next_share;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_items")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub order_id: i64,
    pub product_id: i64,
    pub variant_id: i64,
    /// `None` — остаток не ведётся.
    pub inventory_item_id: Option<i64>,
    pub product_name: String,
    pub article: String,
    pub variant_title: String,
    pub size: Option<String>,
    pub image_url: Option<String>,
    pub quantity: i64,
    /// За штуку.
    pub price: Money,
    pub amount: Money,
    /// Доля скидки заказа.
    pub discount_amount: Money,
    /// Сколько от строки (за вычетом скидки) платят потом, вторым платежом.
    pub balance_amount: Money,
    /// Процент НДС; `None` — без НДС.
    pub vat_rate: Option<i32>,
    /// Граммы за штуку.
    pub weight: Option<i64>,
    pub is_preorder: bool,
    pub preorder_wave: Option<i32>,
    /// Магазин отменил строку (её волна не состоялась).
    pub cancelled_at: Option<Timestamp>,
    /// Отменил до оплаты: в суммах заказа строки больше нет.
    pub is_dropped: bool,
    /// За сколько штук деньги уже вернули или обещали вернуть.
    pub refunded_quantity: i64,
    /// Сколько штук снова у магазина: не поехали или вернулись на склад.
    pub restocked_quantity: i64,
    pub created_at: Timestamp,
    #[sea_orm(belongs_to, from = "order_id", to = "id")]
    pub order: HasOne<super::order::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Что платят первым платежом.
    pub fn due_now(&self) -> Money {
        self.amount - self.discount_amount - self.balance_amount
    }

    /// Штуки, за которые деньги ещё не возвращали.
    pub fn kept(&self) -> i64 {
        self.quantity - self.refunded_quantity
    }

    /// Доля суммы строки за следующие `pieces` невозвращённых штук.
    pub fn share_of(&self, sum: Money, pieces: i64) -> Money {
        next_share(sum, self.quantity, self.refunded_quantity, pieces)
    }

    /// «Худи «Туман», Big».
    pub fn title(&self) -> String {
        match self.variant_title.as_str() {
            "" => self.product_name.clone(),
            variant => format!("{}, {variant}", self.product_name),
        }
    }
}
