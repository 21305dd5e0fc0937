//! Товар.

use kernel::{Money, Timestamp};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Что это: от вида зависит, что происходит после оплаты.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
pub enum ProductKind {
    #[default]
    #[sea_orm(string_value = "goods")]
    Goods,
    #[sea_orm(string_value = "digital")]
    Digital,
    #[sea_orm(string_value = "course")]
    Course,
    #[sea_orm(string_value = "service")]
    Service,
}

/// Как продаётся: со склада, волнами предзаказа, все волны полны.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
pub enum OrderType {
    #[default]
    #[sea_orm(string_value = "order")]
    Order,
    #[sea_orm(string_value = "preorder")]
    Preorder,
    #[sea_orm(string_value = "waiting")]
    Waiting,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub name_key: String,
    pub slug: String,
    pub article: String,
    pub article_key: String,
    pub kind: ProductKind,
    pub order_type: OrderType,
    pub category_id: Option<i64>,
    pub brand_id: Option<i64>,
    /// Ноль допустим только у скрытого товара: цена ещё не пришла из учёта.
    pub price: Money,
    pub old_price: Option<Money>,
    /// Закупочная; покупателям не показывается никогда.
    pub cost_price: Option<Money>,
    pub currency: String,
    /// Процент НДС; `None` — без НДС.
    pub vat_rate: Option<i32>,
    pub summary: String,
    pub description: String,
    pub materials: String,
    pub equipment: String,
    pub care_instructions: String,
    /// JSON-объект, как его прислали.
    pub size_table: Option<String>,
    /// JSON-список строк.
    pub tags: String,
    pub unit: String,
    /// Граммы.
    pub weight: Option<i64>,
    /// Миллиметры.
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub depth: Option<i64>,
    /// Дни.
    pub manufacturing_time: Option<i64>,
    pub preorder_waves_total: i64,
    pub preorder_wave_capacity: i64,
    pub current_wave: i64,
    pub current_wave_count: i64,
    /// Чем больше, тем выше в списке.
    pub priority: i64,
    /// Продано штук.
    pub popularity: i64,
    pub is_new: bool,
    pub is_popular: bool,
    pub is_active: bool,
    /// Архивный товар не бывает активным.
    pub is_archived: bool,
    pub published_from: Option<Timestamp>,
    pub published_until: Option<Timestamp>,
    pub seo_title: String,
    pub seo_description: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[sea_orm(belongs_to, from = "category_id", to = "id")]
    pub category: HasOne<super::category::Entity>,
    #[sea_orm(belongs_to, from = "brand_id", to = "id")]
    pub brand: HasOne<super::brand::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Виден ли товар покупателю в этот момент.
    pub fn is_public(&self, now: Timestamp) -> bool {
        self.is_active && in_window(self.published_from, self.published_until, now)
    }
}

/// Попадает ли момент в окно показа; конец не входит.
pub fn in_window(from: Option<Timestamp>, until: Option<Timestamp>, now: Timestamp) -> bool {
    from.is_none_or(|from| from <= now) && until.is_none_or(|until| now < until)
}
