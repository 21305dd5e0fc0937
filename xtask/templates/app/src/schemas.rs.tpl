//! Что приходит и что уходит по HTTP.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::item;

#[derive(Clone, Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct %App%ItemIn {
    /// Название, от 1 до 200 знаков.
    #[garde(length(chars, min = 1, max = 200))]
    pub title: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct %App%ItemOut {
    pub id: i64,
    pub title: String,
    pub created_at: DateTime<Utc>,
}

impl From<item::Model> for %App%ItemOut {
    fn from(row: item::Model) -> Self {
        let item::Model { id, user_id: _, title, created_at } = row;
        Self { id, title, created_at: created_at.and_utc() }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct %App%ItemList {
    pub items: Vec<%App%ItemOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}
