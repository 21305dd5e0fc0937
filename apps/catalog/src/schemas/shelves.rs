//! Разделы, бренды, характеристики: на входе и на выходе.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::patch::given;
use super::rules;
use crate::models::attribute::AttributeKind;

/// Ссылка на раздел или бренд.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShelfRef {
    pub id: i64,
    pub name: String,
    pub slug: String,
}

#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CategoryIn {
    #[garde(length(chars, max = 200), custom(rules::not_blank))]
    pub name: String,
    /// Иначе — из названия.
    #[garde(length(max = 200), custom(rules::slug_if_some))]
    pub slug: Option<String>,
    #[garde(skip)]
    pub parent_id: Option<i64>,
    #[garde(length(chars, max = 20_000))]
    pub description: String,
    #[garde(length(chars, max = 500), custom(rules::media_url_if_some))]
    pub image_url: Option<String>,
    #[garde(length(chars, max = 500))]
    pub icon: Option<String>,
    /// Порядок среди соседей, меньшие — раньше.
    #[garde(range(min = -1_000_000, max = 1_000_000))]
    pub position: i64,
    /// По умолчанию — да.
    #[garde(skip)]
    pub is_visible: Option<bool>,
    #[garde(skip)]
    pub is_popular: bool,
    #[garde(length(chars, max = 255))]
    pub seo_title: String,
    #[garde(length(chars, max = 500))]
    pub seo_description: String,
}

/// Изменение раздела; `parent_id: null` переносит ветвь в корень.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryPatch {
    #[garde(length(chars, max = 200), custom(rules::not_blank_if_some))]
    pub name: Option<String>,
    #[garde(length(max = 200), custom(rules::slug_if_some))]
    pub slug: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    #[garde(skip)]
    pub parent_id: Option<Option<i64>>,
    #[garde(length(chars, max = 20_000))]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    #[garde(length(chars, max = 500), custom(rules::given(rules::media_url_if_some)))]
    pub image_url: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    #[garde(length(chars, max = 500))]
    pub icon: Option<Option<String>>,
    #[garde(range(min = -1_000_000, max = 1_000_000))]
    pub position: Option<i64>,
    #[garde(skip)]
    pub is_visible: Option<bool>,
    #[garde(skip)]
    pub is_popular: Option<bool>,
    #[garde(length(chars, max = 255))]
    pub seo_title: Option<String>,
    #[garde(length(chars, max = 500))]
    pub seo_description: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CategoryOut {
    pub id: i64,
    pub parent_id: Option<i64>,
    pub name: String,
    pub slug: String,
    pub description: String,
    pub image_url: Option<String>,
    pub icon: Option<String>,
    pub position: i64,
    pub is_visible: bool,
    pub is_popular: bool,
    pub seo_title: String,
    pub seo_description: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Раздел вместе с вложенными.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CategoryNode {
    #[serde(flatten)]
    pub category: CategoryOut,
    #[schema(no_recursion)]
    pub children: Vec<CategoryNode>,
}

/// Все разделы подряд, в порядке дерева.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CategoryList {
    pub categories: Vec<CategoryOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CategoryTree {
    pub categories: Vec<CategoryNode>,
}

#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BrandIn {
    #[garde(length(chars, max = 200), custom(rules::not_blank))]
    pub name: String,
    #[garde(length(max = 200), custom(rules::slug_if_some))]
    pub slug: Option<String>,
    #[garde(length(chars, max = 20_000))]
    pub description: String,
    #[garde(length(chars, max = 500), custom(rules::media_url_if_some))]
    pub image_url: Option<String>,
    #[garde(range(min = -1_000_000, max = 1_000_000))]
    pub position: i64,
}

#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BrandPatch {
    #[garde(length(chars, max = 200), custom(rules::not_blank_if_some))]
    pub name: Option<String>,
    #[garde(length(max = 200), custom(rules::slug_if_some))]
    pub slug: Option<String>,
    #[garde(length(chars, max = 20_000))]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    #[garde(length(chars, max = 500), custom(rules::given(rules::media_url_if_some)))]
    pub image_url: Option<Option<String>>,
    #[garde(range(min = -1_000_000, max = 1_000_000))]
    pub position: Option<i64>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BrandOut {
    pub id: i64,
    pub name: String,
    pub slug: String,
    pub description: String,
    pub image_url: Option<String>,
    pub position: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BrandList {
    pub brands: Vec<BrandOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributeIn {
    #[garde(length(chars, max = 200), custom(rules::not_blank))]
    pub name: String,
    #[serde(default)]
    #[garde(length(max = 100), custom(rules::slug_if_some))]
    pub slug: Option<String>,
    #[garde(skip)]
    pub kind: AttributeKind,
    #[serde(default)]
    #[garde(length(chars, max = 30))]
    pub unit: Option<String>,
    #[serde(default)]
    #[garde(skip)]
    pub is_filterable: bool,
    #[serde(default)]
    #[garde(range(min = -1_000_000, max = 1_000_000))]
    pub position: i64,
    /// Перечень, если вид — `choice`.
    #[serde(default)]
    #[garde(length(max = 1000), dive)]
    pub choices: Vec<ChoiceIn>,
}

/// Изменение характеристики; вид не меняется. `choices` заменяет перечень: чего нет, то удаляется.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributePatch {
    #[garde(length(chars, max = 200), custom(rules::not_blank_if_some))]
    pub name: Option<String>,
    #[garde(length(max = 100), custom(rules::slug_if_some))]
    pub slug: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    #[garde(length(chars, max = 30))]
    pub unit: Option<Option<String>>,
    #[garde(skip)]
    pub is_filterable: Option<bool>,
    #[garde(range(min = -1_000_000, max = 1_000_000))]
    pub position: Option<i64>,
    #[garde(length(max = 1000), dive)]
    pub choices: Option<Vec<ChoiceIn>>,
}

#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceIn {
    #[garde(length(chars, max = 200), custom(rules::not_blank))]
    pub title: String,
    /// Иначе — из названия.
    #[serde(default)]
    #[garde(length(max = 200), custom(rules::slug_if_some))]
    pub slug: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttributeOut {
    pub id: i64,
    pub name: String,
    pub slug: String,
    pub kind: AttributeKind,
    pub unit: Option<String>,
    pub is_filterable: bool,
    pub position: i64,
    pub choices: Vec<ChoiceOut>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChoiceOut {
    pub id: i64,
    pub title: String,
    pub slug: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttributeList {
    pub attributes: Vec<AttributeOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}
