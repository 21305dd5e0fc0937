//! Новый товар на входе.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::Money;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::rules;
use super::variant_in::{SizeIn, VariantIn};
use crate::models::product::{OrderType, ProductKind};
use crate::models::product_media::MediaKind;

/// Товар целиком. Обязательны `name`, `article`, `price`.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
pub struct ProductIn {
    #[garde(length(chars, max = 255), custom(rules::not_blank))]
    pub name: String,
    /// Единствен в магазине, без учёта регистра.
    #[garde(length(chars, max = 100), custom(rules::not_blank))]
    pub article: String,
    #[garde(custom(rules::positive))]
    pub price: Money,
    #[garde(length(chars, max = 50_000))]
    pub description: Option<String>,
    /// Общий остаток: строки. Свой у каждого размера: объекты `{size, stock_count, price}`.
    #[serde(default)]
    #[garde(length(max = 100), dive)]
    pub sizes: Vec<SizeIn>,
    /// Вместо `sizes`, если у товара не только размеры.
    #[serde(default)]
    #[garde(length(max = 200), dive)]
    pub variants: Vec<VariantIn>,
    #[garde(custom(rules::json_size(20_000)))]
    pub size_table: Option<Map<String, Value>>,
    #[garde(length(chars, max = 10_000))]
    pub care_instructions: Option<String>,
    #[serde(default)]
    #[garde(skip)]
    pub order_type: OrderType,
    /// Остаток, общий для всех размеров без своего остатка.
    #[serde(default)]
    #[garde(range(min = 0, max = 1_000_000_000))]
    pub stock_count: i64,
    #[serde(default)]
    #[garde(range(min = 0, max = 1_000_000))]
    pub preorder_waves_total: i64,
    #[serde(default)]
    #[garde(range(min = 0, max = 1_000_000_000))]
    pub preorder_wave_capacity: i64,
    /// Картинки по порядку.
    #[serde(default)]
    #[garde(length(max = 100), custom(rules::media_urls))]
    pub media_urls: Vec<String>,
    /// Прочая галерея, после `media_urls`.
    #[serde(default)]
    #[garde(length(max = 100), dive)]
    pub media: Vec<MediaIn>,

    #[garde(length(max = 200), custom(rules::slug_if_some))]
    pub slug: Option<String>,
    #[serde(default)]
    #[garde(skip)]
    pub kind: ProductKind,
    #[garde(skip)]
    pub category_id: Option<i64>,
    /// Раздел по его адресу (slug); `category_id` важнее.
    #[garde(length(chars, max = 200))]
    pub category: Option<String>,
    #[garde(skip)]
    pub brand_id: Option<i64>,
    #[garde(custom(rules::positive_if_some))]
    pub old_price: Option<Money>,
    #[garde(custom(rules::not_negative_if_some))]
    pub cost_price: Option<Money>,
    /// Процент НДС; нет — без НДС.
    #[garde(custom(rules::vat_rate))]
    pub vat_rate: Option<i32>,
    /// Граммы.
    #[garde(range(min = 0, max = 100_000_000))]
    pub weight: Option<i64>,
    #[garde(dive)]
    pub dimensions: Option<Dimensions>,
    #[serde(default)]
    #[garde(length(chars, max = 500))]
    pub summary: String,
    #[serde(default)]
    #[garde(length(chars, max = 10_000))]
    pub materials: String,
    #[serde(default)]
    #[garde(length(chars, max = 10_000))]
    pub equipment: String,
    /// Дни.
    #[garde(range(min = 0, max = 3650))]
    pub manufacturing_time: Option<i64>,
    #[serde(default)]
    #[garde(custom(rules::tags))]
    pub tags: Vec<String>,
    /// Единица измерения, по умолчанию «шт».
    #[garde(length(chars, max = 20), custom(rules::not_blank_if_some))]
    pub unit: Option<String>,
    #[serde(default)]
    #[garde(range(min = -1_000_000_000, max = 1_000_000_000))]
    pub priority: i64,
    #[serde(default)]
    #[garde(skip)]
    pub is_new: bool,
    #[serde(default)]
    #[garde(skip)]
    pub is_popular: bool,
    /// По умолчанию — да.
    #[garde(skip)]
    pub is_active: Option<bool>,
    #[garde(skip)]
    pub published_from: Option<DateTime<Utc>>,
    #[garde(skip)]
    pub published_until: Option<DateTime<Utc>>,
    #[serde(default)]
    #[garde(length(chars, max = 255))]
    pub seo_title: String,
    #[serde(default)]
    #[garde(length(chars, max = 500))]
    pub seo_description: String,
    /// Значения характеристик по их slug: `{"color": ["red"], "width": 60, "folding": true}`.
    #[serde(default)]
    #[garde(length(max = 200))]
    pub attributes: BTreeMap<String, AttributeInput>,
}

impl ProductIn {
    /// Галерея по порядку: картинки по адресам, затем остальное.
    pub fn media(&self) -> Vec<MediaIn> {
        let images = self.media_urls.iter().map(|url| MediaIn { url: url.clone(), ..Default::default() });
        images.chain(self.media.iter().cloned()).collect()
    }
}

/// Габариты, миллиметры.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize, Validate, ToSchema)]
pub struct Dimensions {
    #[garde(range(min = 0, max = 1_000_000))]
    pub width: Option<i64>,
    #[garde(range(min = 0, max = 1_000_000))]
    pub height: Option<i64>,
    #[garde(range(min = 0, max = 1_000_000))]
    pub depth: Option<i64>,
}

/// Файл галереи по адресу.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
pub struct MediaIn {
    #[garde(length(chars, max = 500), custom(rules::media_url))]
    pub url: String,
    #[serde(default)]
    #[garde(skip)]
    pub kind: MediaKind,
    /// Что изображено: для тех, кто не видит картинку.
    #[serde(default)]
    #[garde(length(chars, max = 255))]
    pub alt: String,
}

/// Одно значение характеристики или список.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum AttributeInput {
    Many(Vec<Scalar>),
    One(Scalar),
}

impl AttributeInput {
    pub fn values(&self) -> &[Scalar] {
        match self {
            AttributeInput::Many(values) => values,
            AttributeInput::One(value) => std::slice::from_ref(value),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Scalar {
    Boolean(bool),
    /// Не более трёх знаков после запятой.
    #[schema(value_type = f64)]
    Number(serde_json::Number),
    Text(String),
}
