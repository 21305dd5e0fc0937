//! Цена способа в одном городе.

use kernel::Money;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery_city_prices")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub method_id: i64,
    pub city: String,
    /// Нижний регистр, ё→е, без «г.»: по нему ищут.
    pub city_normalized: String,
    pub price: Money,
    pub free_from: Option<Money>,
    pub days_min: Option<i32>,
    pub days_max: Option<i32>,
    #[sea_orm(belongs_to, from = "method_id", to = "id")]
    pub method: HasOne<super::method::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
