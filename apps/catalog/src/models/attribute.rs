//! Характеристика: что можно сказать о товаре и в каком виде.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Вид значения.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    #[sea_orm(string_value = "text")]
    Text,
    /// Число с тремя знаками после запятой и единицей измерения.
    #[sea_orm(string_value = "number")]
    Number,
    #[sea_orm(string_value = "boolean")]
    Boolean,
    /// Одно или несколько значений из перечня.
    #[sea_orm(string_value = "choice")]
    Choice,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attributes")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    /// Имя в фильтре: `attr_<slug>=…`.
    pub slug: String,
    pub kind: AttributeKind,
    pub unit: Option<String>,
    pub is_filterable: bool,
    pub position: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
