//! Мелкие тела: галерея, избранное, пакетное изменение, фасеты.

use garde::Validate;
use kernel::Money;
use kernel::http::not_empty;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::patch::given;
use super::product_out::{MediaOut, VariantOut};
use super::rules;
use crate::models::attribute::AttributeKind;
use crate::models::product_media::MediaKind;

#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaOrder {
    /// Все файлы галереи в новом порядке.
    #[garde(length(max = 200), custom(not_empty))]
    pub ids: Vec<i64>,
}

#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaPatch {
    #[garde(length(chars, max = 255))]
    pub alt: Option<String>,
    #[garde(skip)]
    pub kind: Option<MediaKind>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MediaList {
    pub media: Vec<MediaOut>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VariantList {
    pub variants: Vec<VariantOut>,
}

/// Изменение варианта. `price: null` возвращает цену товара.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantPatch {
    #[garde(length(chars, max = 200))]
    pub title: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    #[garde(length(chars, max = 100))]
    pub article: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    #[garde(length(chars, max = 64))]
    pub barcode: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Money>)]
    #[garde(custom(rules::given(rules::positive_if_some)))]
    pub price: Option<Option<Money>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Money>)]
    #[garde(skip)]
    pub price_delta: Option<Option<Money>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    #[garde(range(min = 0, max = 100_000_000))]
    pub weight: Option<Option<i64>>,
    /// Сколько должно быть можно продать; только у варианта со своим остатком.
    #[garde(range(min = 0, max = 1_000_000_000))]
    pub stock_count: Option<i64>,
    #[garde(range(min = 0, max = 1_000_000))]
    pub order: Option<i64>,
    #[garde(skip)]
    pub is_active: Option<bool>,
}

#[derive(Clone, Copy, Debug, Deserialize, Validate, ToSchema)]
pub struct ProductRef {
    #[garde(skip)]
    pub product_id: i64,
}

/// Пакет: каждая строка — товар целиком (новый) или изменения; узнаётся по `id` или `article`.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
pub struct BulkIn {
    #[schema(value_type = Vec<Object>)]
    #[garde(length(max = 500), custom(not_empty))]
    pub products: Vec<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkStatus {
    Created,
    Updated,
    Refused,
}

/// Итог одной строки.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BulkRow {
    /// Номер строки с нуля.
    pub index: usize,
    pub status: BulkStatus,
    pub id: Option<i64>,
    pub article: Option<String>,
    /// Почему отказано.
    pub error: Option<RowProblem>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RowProblem {
    pub code: String,
    pub detail: String,
    pub errors: Vec<RowField>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RowField {
    pub field: String,
    pub code: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BulkOut {
    pub results: Vec<BulkRow>,
    pub created: usize,
    pub updated: usize,
    pub refused: usize,
}

/// Что ещё можно выбрать при данном отборе. Счёт каждой группы не учитывает её собственный отбор.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Facets {
    pub total: u64,
    pub price: PriceRange,
    pub in_stock: u64,
    pub categories: Vec<ShelfFacet>,
    pub brands: Vec<ShelfFacet>,
    pub attributes: Vec<AttributeFacet>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PriceRange {
    pub min: Option<Money>,
    pub max: Option<Money>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShelfFacet {
    pub id: i64,
    pub name: String,
    pub slug: String,
    /// У раздела — вместе с вложенными.
    pub count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<i64>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttributeFacet {
    pub slug: String,
    pub name: String,
    pub kind: AttributeKind,
    pub unit: Option<String>,
    pub values: Vec<ValueFacet>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ValueFacet {
    pub value: String,
    pub title: String,
    pub count: u64,
}
