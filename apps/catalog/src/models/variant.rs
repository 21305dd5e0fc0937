//! Вариант товара: размер, цвет, любые свойства. У товара без размеров ровно один вариант с пустым ключом.

use std::collections::BTreeMap;

use kernel::{Money, Timestamp};
use sea_orm::entity::prelude::*;

/// Ключ варианта товара без размеров.
pub const DEFAULT: &str = "";

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "variants")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub product_id: i64,
    pub inventory_item_id: i64,
    /// Нормализованные размер и свойства: единственны внутри товара.
    pub variant_key: String,
    /// Как назвать покупателю: `M`, `Big / синий`; пусто у единственного варианта.
    pub title: String,
    pub size: Option<String>,
    /// JSON-объект `{"цвет": "синий"}`.
    pub options: String,
    pub article: Option<String>,
    pub article_key: Option<String>,
    pub barcode: Option<String>,
    /// Своя цена; иначе цена товара плюс `price_delta`.
    pub price: Option<Money>,
    pub price_delta: Option<Money>,
    /// Граммы; иначе вес товара.
    pub weight: Option<i64>,
    pub position: i64,
    pub is_active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: HasOne<super::product::Entity>,
    #[sea_orm(belongs_to, from = "inventory_item_id", to = "id")]
    pub inventory_item: HasOne<super::inventory_item::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Цена варианта при данной цене товара.
pub fn effective_price(base: Money, own: Option<Money>, delta: Option<Money>) -> Money {
    own.unwrap_or_else(|| base + delta.unwrap_or_default())
}

impl Model {
    pub fn price_at(&self, base: Money) -> Money {
        effective_price(base, self.price, self.price_delta)
    }

    pub fn options(&self) -> BTreeMap<String, String> {
        serde_json::from_str(&self.options).unwrap_or_default()
    }
}
