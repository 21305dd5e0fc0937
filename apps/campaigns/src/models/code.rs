//! Код за собранный набор.

use kernel::{Subject, Timestamp};
use sea_orm::entity::prelude::*;

/// Вид предмета «код кампании».
pub const SUBJECT: &str = "campaigns.code";

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_codes")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub campaign_id: i64,
    /// Код у сеанса один.
    #[sea_orm(unique)]
    pub session_id: Uuid,
    pub user_id: Option<i64>,
    pub email: Option<String>,
    /// Промокод магазина: его скидка, срок и использования — там.
    #[sea_orm(unique)]
    pub promo_id: i64,
    #[sea_orm(unique)]
    pub code: String,
    pub issued_at: Timestamp,
    /// Сколько писем поставлено и когда последнее.
    pub letters: i32,
    pub letter_at: Option<Timestamp>,
    /// Когда последнее ушло.
    pub sent_at: Option<Timestamp>,
    /// Объект JSON текстом.
    pub meta: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub fn subject(&self) -> Subject {
        Subject::new(SUBJECT, self.id)
    }
}
