//! История заказа: кто, когда, что и почему.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::Status;

/// О чём запись.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderHistoryKind)]
pub enum Kind {
    /// Переход состояния.
    #[sea_orm(string_value = "status")]
    Status,
    /// Случилось с деньгами.
    #[sea_orm(string_value = "payment")]
    Payment,
    /// Этап: назначена дата, сделан, снят.
    #[sea_orm(string_value = "stage")]
    Stage,
    /// Сотрудник поправил адрес или трек-номер.
    #[sea_orm(string_value = "change")]
    Change,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_history")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub order_id: i64,
    pub kind: Kind,
    pub from_status: Option<Status>,
    pub to_status: Option<Status>,
    pub stage: Option<String>,
    /// Код причины: слова — в текстах, `orders.reasons.<код>`.
    pub reason: Option<String>,
    /// Слова сотрудника или покупателя.
    pub note: String,
    /// `user:17`, `system:…`, `anonymous`.
    pub actor: String,
    pub created_at: Timestamp,
    #[sea_orm(belongs_to, from = "order_id", to = "id")]
    pub order: HasOne<super::order::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
