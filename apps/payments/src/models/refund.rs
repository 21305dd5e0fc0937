//! Возврат, полный или частичный.

use kernel::{Money, Result, Subject, Timestamp};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::receipts::RefundPart;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refunds")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub payment_id: i64,
    /// Ключ того, кто просил: та же просьба — тот же возврат.
    pub refund_key: String,
    /// Ключ для провайдера; записан до первого обращения.
    pub idempotence_key: String,
    pub provider_refund_id: Option<String>,
    pub status: RefundStatus,
    pub amount: Money,
    pub reason: String,
    pub actor: String,
    /// `Vec<RefundPart>` в JSON; `None` — чеков провайдер не выдаёт.
    pub receipt_parts: Option<String>,
    /// Из чьей доли, если платёж за несколько предметов.
    pub part_kind: Option<String>,
    pub part_id: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[sea_orm(belongs_to, from = "payment_id", to = "id")]
    pub payment: HasOne<super::payment::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Из чьей доли возвращено; `None` — платёж за один предмет.
    pub fn part(&self) -> Option<Subject> {
        Some(Subject::new(self.part_kind.as_deref()?, self.part_id.as_deref()?))
    }

    /// Что вернули по строкам чека.
    pub fn parts(&self) -> Result<Vec<RefundPart>> {
        Ok(self.receipt_parts.as_deref().map_or(Ok(Vec::new()), serde_json::from_str)?)
    }
}

/// `pending → succeeded | failed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    #[sea_orm(string_value = "pending")]
    Pending,
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    #[sea_orm(string_value = "failed")]
    Failed,
}
