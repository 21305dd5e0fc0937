//! Способ доставки и его правила цены.

use kernel::{Money, Timestamp};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Куда везём.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
#[schema(as = DeliveryKind)]
pub enum Kind {
    /// По адресу: курьер или своя машина.
    #[sea_orm(string_value = "courier")]
    Courier,
    /// В свой пункт выдачи.
    #[sea_orm(string_value = "pickup")]
    Pickup,
    /// В пункт СДЭК, названный кодом.
    #[sea_orm(string_value = "cdek")]
    Cdek,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery_methods")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub code: String,
    pub kind: Kind,
    pub title: String,
    pub description: String,
    /// `None` — только города из таблицы цен.
    pub price: Option<Money>,
    /// С какой суммы товаров бесплатно.
    pub free_from: Option<Money>,
    pub min_sum: Option<Money>,
    pub max_sum: Option<Money>,
    /// Срок в рабочих днях.
    pub days_min: Option<i32>,
    pub days_max: Option<i32>,
    pub is_active: bool,
    pub position: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[sea_orm(has_many)]
    pub city_prices: HasMany<super::city_price::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
