//! Второй чек: предоплаченное передано покупателю, зачёт предоплаты.

use kernel::{Money, Timestamp};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "settlement_receipts")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub payment_id: i64,
    /// Ключ для провайдера; записан до первого обращения.
    pub idempotence_key: String,
    pub provider_receipt_id: Option<String>,
    pub status: ReceiptStatus,
    /// Почему не вышло.
    pub reason: Option<String>,
    pub amount: Money,
    /// `Vec<ReceiptLine>` в JSON.
    pub receipt_lines: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[sea_orm(belongs_to, from = "payment_id", to = "id")]
    pub payment: HasOne<super::payment::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// `pending → succeeded | failed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
pub enum ReceiptStatus {
    #[sea_orm(string_value = "pending")]
    Pending,
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    #[sea_orm(string_value = "failed")]
    Failed,
}
