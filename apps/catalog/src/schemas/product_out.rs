//! Товар на выходе. Поля контракта (§2.3) — первыми.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::Money;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::product_in::Dimensions;
use super::shelves::ShelfRef;
use crate::models::attribute::AttributeKind;
use crate::models::product::{OrderType, ProductKind};
use crate::models::product_media::MediaKind;

/// Товар в списке.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProductOut {
    pub id: i64,
    pub name: String,
    pub description: String,
    pub article: String,
    pub price: Money,
    /// Названия размеров по порядку; остатки по размерам — в `variants`.
    pub sizes: Vec<String>,
    #[schema(value_type = Object, nullable)]
    pub size_table: Option<Value>,
    pub care_instructions: String,
    pub order_type: OrderType,
    /// Сколько штук можно заказать сейчас, всех размеров вместе.
    pub stock_count: i64,
    pub preorder_waves_total: i64,
    pub preorder_wave_capacity: i64,
    pub current_wave: i64,
    pub current_wave_count: i64,
    pub is_active: bool,
    pub is_archived: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub media: Vec<MediaOut>,

    pub slug: String,
    pub kind: ProductKind,
    pub category_id: Option<i64>,
    pub brand_id: Option<i64>,
    pub currency: String,
    pub old_price: Option<Money>,
    /// Процент НДС; `null` — без НДС.
    pub vat_rate: Option<i32>,
    /// Граммы.
    pub weight: Option<i64>,
    /// Миллиметры.
    pub dimensions: Dimensions,
    pub summary: String,
    pub materials: String,
    pub equipment: String,
    /// Дни.
    pub manufacturing_time: Option<i64>,
    pub tags: Vec<String>,
    pub unit: String,
    pub priority: i64,
    pub popularity: i64,
    pub is_new: bool,
    pub is_popular: bool,
    pub published_from: Option<DateTime<Utc>>,
    pub published_until: Option<DateTime<Utc>>,
    pub seo_title: String,
    pub seo_description: String,
    pub variants: Vec<VariantOut>,
    /// Закупочная цена: только сотруднику.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_price: Option<Money>,
}

/// Страница товара: товар, его полки и характеристики.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProductDetail {
    #[serde(flatten)]
    pub product: ProductOut,
    pub category: Option<ShelfRef>,
    pub brand: Option<ShelfRef>,
    pub attributes: Vec<AttributeOfProduct>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MediaOut {
    pub id: i64,
    pub url: String,
    pub order: i64,
    pub created_at: DateTime<Utc>,
    pub kind: MediaKind,
    pub alt: String,
    /// Ширина в точках → адрес уменьшенной копии.
    pub thumbnails: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VariantOut {
    pub id: i64,
    pub title: String,
    pub size: Option<String>,
    pub options: BTreeMap<String, String>,
    pub article: Option<String>,
    pub barcode: Option<String>,
    /// Цена этого варианта.
    pub price: Money,
    /// Своя цена, если она отличается от цены товара.
    pub own_price: Option<Money>,
    pub price_delta: Option<Money>,
    /// Граммы.
    pub weight: Option<i64>,
    pub stock_count: i64,
    /// Остаток общий с другими вариантами.
    pub shared_stock: bool,
    pub order: i64,
    pub is_active: bool,
}

/// Характеристика товара со значениями.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttributeOfProduct {
    pub id: i64,
    pub slug: String,
    pub name: String,
    pub kind: AttributeKind,
    pub unit: Option<String>,
    pub values: Vec<ValueOut>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ValueOut {
    /// По чему фильтровать: `attr_<slug>=<value>`.
    pub value: String,
    /// Как показать.
    pub title: String,
}

/// Список товаров.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProductList {
    pub products: Vec<ProductOut>,
    /// Точное до 1000 товаров; больше — не старше секунды.
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
    /// Для глубоких страниц: `cursor` следующего запроса; `null` — дальше пусто.
    pub next_cursor: Option<String>,
}

/// Короткий список без страниц: похожие, «берут вместе», недавно просмотренные.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProductShelf {
    pub products: Vec<ProductOut>,
}
