//! Что приходит и что уходит.

use catalog::queries::Sellable;
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{Money, RUB};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::models::cart_item;

/// Что положить. Товар без размеров размера не просит.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
pub struct CartItemIn {
    #[garde(skip)]
    pub product_id: i64,
    #[garde(length(chars, max = 50))]
    pub size: Option<String>,
    #[garde(range(min = 1, max = 10_000))]
    #[serde(default = "one")]
    pub quantity: i64,
}

fn one() -> i64 {
    1
}

/// Новое количество.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
pub struct CartItemPatch {
    #[garde(range(min = 1, max = 10_000))]
    pub quantity: i64,
}

/// Строка корзины по сегодняшней цене.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CartItemOut {
    pub id: i64,
    pub product_id: i64,
    pub variant_id: i64,
    pub size: Option<String>,
    pub quantity: i64,
    pub created_at: DateTime<Utc>,
    pub product_name: String,
    /// Цена за штуку.
    pub product_price: Money,
    pub product_article: String,
    pub product_slug: String,
    /// Как назвать вариант; пусто у товара без размеров.
    pub variant_title: String,
    pub image_url: Option<String>,
    pub amount: Money,
    pub currency: String,
    /// Можно заказать как есть: продаётся и хватает остатка.
    pub is_available: bool,
}

impl CartItemOut {
    pub fn of(item: &cart_item::Model, good: &Sellable, is_available: bool) -> CartItemOut {
        CartItemOut {
            id: item.id,
            product_id: good.product_id,
            variant_id: good.variant_id,
            size: good.size.clone(),
            quantity: item.quantity,
            created_at: item.created_at.and_utc(),
            product_name: good.product_name.clone(),
            product_price: good.price,
            product_article: good.article.clone(),
            product_slug: good.slug.clone(),
            variant_title: good.variant_title.clone(),
            image_url: good.image_url.clone(),
            amount: good.price.times(item.quantity).unwrap_or(Money::MAX),
            currency: good.currency.clone(),
            is_available,
        }
    }
}

/// Корзина. Суммы — только по строкам, которые можно заказать.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CartOut {
    /// `null` — корзины ещё нет: она появится вместе с первой строкой.
    pub id: Option<i64>,
    pub user_id: Option<Uuid>,
    pub created_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
    pub items: Vec<CartItemOut>,
    /// Штук.
    pub total_items: i64,
    pub total_amount: Money,
    pub currency: String,
    /// Что переменилось с тех пор, как строку меняли.
    pub notices: Vec<Notice>,
}

impl CartOut {
    pub fn empty() -> CartOut {
        CartOut {
            id: None,
            user_id: None,
            created_at: None,
            updated_at: None,
            items: Vec::new(),
            total_items: 0,
            total_amount: Money::ZERO,
            currency: RUB.to_owned(),
            notices: Vec::new(),
        }
    }
}

/// Что переменилось.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeCode {
    PriceChanged,
    /// Остаток меньше, чем в строке.
    NotEnough,
    /// Снят с продажи.
    Unavailable,
}

impl NoticeCode {
    pub fn name(self) -> &'static str {
        match self {
            NoticeCode::PriceChanged => "price_changed",
            NoticeCode::NotEnough => "not_enough",
            NoticeCode::Unavailable => "unavailable",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CartNotice)]
pub struct Notice {
    pub code: NoticeCode,
    pub item_id: i64,
    pub product_id: i64,
    pub old_price: Money,
    pub new_price: Money,
    /// Сколько осталось.
    pub available: i64,
    /// Словами, на языке запроса.
    pub message: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CartCount {
    /// Штук в корзине.
    pub count: i64,
}
