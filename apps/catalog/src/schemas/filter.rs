//! Параметры списка товаров.

use garde::Validate;
use kernel::Money;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::models::product::{OrderType, ProductKind};

/// Порядок списка. При равных — по id в ту же сторону.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, ToSchema)]
pub enum Sort {
    /// Сначала важные (`priority` больше), среди равных — новые.
    #[default]
    #[serde(rename = "priority")]
    Priority,
    #[serde(rename = "price")]
    Price,
    #[serde(rename = "-price")]
    PriceDown,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDown,
    /// Сначала старые.
    #[serde(rename = "created_at")]
    Created,
    #[serde(rename = "-created_at")]
    CreatedDown,
    /// Сначала популярные.
    #[serde(rename = "popularity")]
    Popularity,
}

/// Отбор. Характеристики — параметрами `attr_<slug>=значение`: повтор одной — «или», разные — «и»;
/// у чисел бывает промежуток `attr_width=60..90`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct ProductFilter {
    /// Раздел (id или slug) вместе с вложенными.
    #[garde(length(chars, max = 200))]
    pub category: Option<String>,
    /// Бренды (id или slug), можно несколько.
    #[garde(length(max = 100))]
    pub brand: Vec<String>,
    #[param(value_type = Option<Money>)]
    #[garde(skip)]
    pub price_min: Option<Money>,
    #[param(value_type = Option<Money>)]
    #[garde(skip)]
    pub price_max: Option<Money>,
    /// Есть ли что продать со склада.
    #[garde(skip)]
    pub in_stock: Option<bool>,
    #[garde(skip)]
    pub is_new: Option<bool>,
    #[garde(skip)]
    pub is_popular: Option<bool>,
    /// Есть ли старая цена.
    #[garde(skip)]
    pub on_sale: Option<bool>,
    #[param(inline)]
    #[garde(skip)]
    pub kind: Option<ProductKind>,
    #[param(inline)]
    #[garde(skip)]
    pub order_type: Option<OrderType>,
    /// Начала слов названия или артикула.
    #[garde(length(chars, max = 200))]
    pub search: Option<String>,
    /// Только сотруднику; покупатель всегда видит одни активные.
    #[garde(skip)]
    pub is_active: Option<bool>,
    /// Только сотруднику; по умолчанию — без архива.
    #[garde(skip)]
    pub is_archived: Option<bool>,
    #[param(inline)]
    #[garde(skip)]
    pub sort: Sort,
}
