//! Изменение товара: PUT и PATCH одинаково частичны.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::Money;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::patch::given;
use super::product_in::{AttributeInput, Dimensions};
use super::rules;
use super::variant_in::SizeIn;
use crate::models::product::{OrderType, ProductKind};

/// Присланные поля меняются, остальные нет.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
pub struct ProductPatch {
    #[garde(length(chars, max = 255), custom(rules::not_blank_if_some))]
    pub name: Option<String>,
    #[garde(length(chars, max = 100), custom(rules::not_blank_if_some))]
    pub article: Option<String>,
    #[garde(custom(rules::positive_if_some))]
    pub price: Option<Money>,
    #[garde(length(chars, max = 50_000))]
    pub description: Option<String>,
    /// Новый набор размеров; пропавшие скрываются, новые берут общий остаток, если не прислан свой.
    #[garde(length(max = 100), dive)]
    pub sizes: Option<Vec<SizeIn>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    #[garde(custom(rules::given(rules::json_size(20_000))))]
    pub size_table: Option<Option<Map<String, Value>>>,
    #[garde(length(chars, max = 10_000))]
    pub care_instructions: Option<String>,
    #[garde(skip)]
    pub order_type: Option<OrderType>,
    /// Сколько должно быть можно продать; если у размеров свои остатки — 400.
    #[garde(range(min = 0, max = 1_000_000_000))]
    pub stock_count: Option<i64>,
    #[garde(range(min = 0, max = 1_000_000))]
    pub preorder_waves_total: Option<i64>,
    #[garde(range(min = 0, max = 1_000_000_000))]
    pub preorder_wave_capacity: Option<i64>,
    #[garde(skip)]
    pub is_active: Option<bool>,
    /// `true` заодно снимает с продажи.
    #[garde(skip)]
    pub is_archived: Option<bool>,

    #[garde(length(max = 200), custom(rules::slug_if_some))]
    pub slug: Option<String>,
    #[garde(skip)]
    pub kind: Option<ProductKind>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    #[garde(skip)]
    pub category_id: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    #[garde(skip)]
    pub brand_id: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Money>)]
    #[garde(custom(rules::given(rules::positive_if_some)))]
    pub old_price: Option<Option<Money>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Money>)]
    #[garde(custom(rules::given(rules::not_negative_if_some)))]
    pub cost_price: Option<Option<Money>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>)]
    #[garde(custom(rules::given(rules::vat_rate)))]
    pub vat_rate: Option<Option<i32>>,
    /// Граммы.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    #[garde(range(min = 0, max = 100_000_000))]
    pub weight: Option<Option<i64>>,
    #[garde(dive)]
    pub dimensions: Option<Dimensions>,
    #[garde(length(chars, max = 500))]
    pub summary: Option<String>,
    #[garde(length(chars, max = 10_000))]
    pub materials: Option<String>,
    #[garde(length(chars, max = 10_000))]
    pub equipment: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    #[garde(range(min = 0, max = 3650))]
    pub manufacturing_time: Option<Option<i64>>,
    #[garde(custom(rules::given(rules::tags)))]
    pub tags: Option<Vec<String>>,
    #[garde(length(chars, max = 20), custom(rules::not_blank_if_some))]
    pub unit: Option<String>,
    #[garde(range(min = -1_000_000_000, max = 1_000_000_000))]
    pub priority: Option<i64>,
    #[garde(skip)]
    pub is_new: Option<bool>,
    #[garde(skip)]
    pub is_popular: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub published_from: Option<Option<DateTime<Utc>>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub published_until: Option<Option<DateTime<Utc>>>,
    #[garde(length(chars, max = 255))]
    pub seo_title: Option<String>,
    #[garde(length(chars, max = 500))]
    pub seo_description: Option<String>,
    /// Заменяет значения названных характеристик; `[]` убирает характеристику.
    #[garde(length(max = 200))]
    pub attributes: Option<BTreeMap<String, AttributeInput>>,
}
