//! Занятые места.

use kernel::{Subject, Timestamp};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Держит ли строка места.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
pub enum SeatState {
    #[sea_orm(string_value = "claimed")]
    Claimed,
    #[sea_orm(string_value = "released")]
    Released,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "preorder_seats")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub wave_id: i64,
    pub owner_kind: String,
    pub owner_id: String,
    /// Строка у владельца (строка заказа); 0 — строк у него нет.
    pub line: i64,
    pub quantity: i64,
    pub state: SeatState,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[sea_orm(belongs_to, from = "wave_id", to = "id")]
    pub wave: HasOne<super::wave::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub fn owner(&self) -> Subject {
        Subject { kind: self.owner_kind.clone(), id: self.owner_id.clone() }
    }
}
