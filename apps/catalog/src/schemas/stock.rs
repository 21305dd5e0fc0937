//! Остатки и журнал склада.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::stock_movement::MovementKind;

/// Приход или поправка. Позиция — по `inventory_item_id` или `variant_id`; у товара с одним остатком не нужна.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockIn {
    #[serde(default)]
    #[garde(skip)]
    pub inventory_item_id: Option<i64>,
    #[serde(default)]
    #[garde(skip)]
    pub variant_id: Option<i64>,
    #[garde(skip)]
    pub kind: StockInKind,
    /// На сколько; у прихода больше нуля, у поправки бывает меньше нуля.
    #[serde(default)]
    #[garde(range(min = -1_000_000_000, max = 1_000_000_000))]
    pub quantity: Option<i64>,
    /// Только у поправки, вместо `quantity`: сколько насчитали на складе.
    #[serde(default)]
    #[garde(range(min = 0, max = 1_000_000_000))]
    pub set_to: Option<i64>,
    #[garde(length(chars, min = 3, max = 300))]
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StockInKind {
    Receipt,
    Adjust,
}

/// Складская позиция товара.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StockItemOut {
    pub inventory_item_id: i64,
    /// Кто продаётся из этого остатка.
    pub variants: Vec<StockVariant>,
    pub on_hand: i64,
    pub reserved: i64,
    pub available: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StockVariant {
    pub id: i64,
    pub title: String,
    pub is_active: bool,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StockOut {
    pub product_id: i64,
    pub items: Vec<StockItemOut>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MovementOut {
    pub id: i64,
    pub inventory_item_id: i64,
    pub kind: MovementKind,
    pub on_hand_delta: i64,
    pub reserved_delta: i64,
    /// Чьё это: `orders.order`, `42`.
    pub owner_kind: Option<String>,
    pub owner_id: Option<String>,
    pub reason: String,
    pub actor: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Ledger {
    pub movements: Vec<MovementOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}
