//! История платежа: кто, когда, что. Только дописывается; суммы строк сверяются со столбцами платежа.

use kernel::{Money, Timestamp};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_events")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub payment_id: i64,
    pub kind: Kind,
    pub amount: Option<Money>,
    pub note: String,
    /// `user:17`, `system:payments`.
    pub actor: String,
    pub created_at: Timestamp,
    #[sea_orm(belongs_to, from = "payment_id", to = "id")]
    pub payment: HasOne<super::payment::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Что случилось.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(30))")]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentEventKind)]
pub enum Kind {
    #[sea_orm(string_value = "created")]
    Created,
    /// Провайдер узнал о платеже.
    #[sea_orm(string_value = "registered")]
    Registered,
    /// Деньги удержаны.
    #[sea_orm(string_value = "authorized")]
    Authorized,
    #[sea_orm(string_value = "capture_requested")]
    CaptureRequested,
    /// Деньги получены; сумма — сколько.
    #[sea_orm(string_value = "captured")]
    Captured,
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
    #[sea_orm(string_value = "failed")]
    Failed,
    #[sea_orm(string_value = "attention")]
    Attention,
    /// Возврат обещан; сумма — сколько.
    #[sea_orm(string_value = "refund_requested")]
    RefundRequested,
    #[sea_orm(string_value = "refunded")]
    Refunded,
    /// Возврат не вышел, обещание снято.
    #[sea_orm(string_value = "refund_failed")]
    RefundFailed,
}
