//! Доля предмета в платеже за несколько предметов.

use kernel::{Money, Subject};
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_parts")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub payment_id: i64,
    pub subject_kind: String,
    pub subject_id: String,
    pub amount: Money,
    /// Возвращено и обещано к возврату из этой доли.
    pub refunded: Money,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub fn subject(&self) -> Subject {
        Subject::new(&self.subject_kind, &self.subject_id)
    }
}
