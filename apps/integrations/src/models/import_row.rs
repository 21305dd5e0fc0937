//! Исход одной строки загрузки. Строки без изменений не записываются.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_rows")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub run_id: i64,
    /// `product`, `variant`, `price`, `stock`, `group`, `property`; пусто, если отказ не разобран до записи.
    pub entity: String,
    pub external_id: String,
    pub entity_id: Option<i64>,
    pub outcome: Outcome,
    pub file: String,
    pub line: i64,
    /// Код отказа или предупреждения.
    pub code: Option<String>,
    /// Подстановки текста, JSON.
    pub detail: String,
    #[sea_orm(belongs_to, from = "run_id", to = "id")]
    pub run: HasOne<super::import_run::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    #[sea_orm(string_value = "created")]
    Created,
    #[sea_orm(string_value = "changed")]
    Changed,
    /// В полной выгрузке его больше нет.
    #[sea_orm(string_value = "hidden")]
    Hidden,
    #[sea_orm(string_value = "pending")]
    Pending,
    #[sea_orm(string_value = "refused")]
    Refused,
    #[sea_orm(string_value = "warning")]
    Warning,
}
