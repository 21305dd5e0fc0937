//! Лист ожидания.

use kernel::{Subject, Timestamp};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Вид предмета «предложение»: им занимаются предложенные места.
pub const OFFER: &str = "preorders.offer";

/// `waiting → offered → bought`; не купил в срок — `expired`, ушёл сам — `left`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
pub enum WaitingStatus {
    #[sea_orm(string_value = "waiting")]
    Waiting,
    /// Места отложены для него до `offered_until`.
    #[sea_orm(string_value = "offered")]
    Offered,
    #[sea_orm(string_value = "bought")]
    Bought,
    #[sea_orm(string_value = "expired")]
    Expired,
    #[sea_orm(string_value = "left")]
    Left,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "preorder_waiting")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub product_id: i64,
    pub user_id: i64,
    pub quantity: i64,
    pub status: WaitingStatus,
    /// `товар:человек`, пока ждёт или думает.
    pub active_key: Option<String>,
    pub offered_until: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// Ключ столбца `active_key`.
pub fn active_key(product_id: i64, user_id: i64) -> String {
    format!("{product_id}:{user_id}")
}

impl Model {
    /// Предложение как владелец мест.
    pub fn offer(&self) -> Subject {
        Subject::new(OFFER, self.id)
    }
}
