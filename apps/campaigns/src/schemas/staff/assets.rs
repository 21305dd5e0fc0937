//! Активы.

use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::{check_slug, check_slug_if_any};
use crate::models::asset;

/// Новый актив; файлы загружаются потом.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetIn {
    /// Один на весь магазин: по нему засчитывается просмотр.
    #[garde(length(chars, max = 50), custom(check_slug))]
    pub slug: String,
    #[garde(length(chars, min = 1, max = 255))]
    pub name: String,
    #[serde(rename = "type", default)]
    #[garde(length(chars, max = 50))]
    pub kind: String,
    /// Пул (в прежней системе поле звалось так же); без поля — `default`.
    #[garde(length(chars, max = 100))]
    pub campaign: Option<String>,
    #[serde(default)]
    #[schema(value_type = Object)]
    #[garde(skip)]
    pub meta: Map<String, Value>,
    #[serde(default)]
    #[garde(skip)]
    pub position: i32,
    #[garde(skip)]
    pub is_active: Option<bool>,
}

/// Изменение актива: только присланное.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetPatch {
    #[garde(length(chars, max = 50), custom(check_slug_if_any))]
    pub slug: Option<String>,
    #[garde(length(chars, min = 1, max = 255))]
    pub name: Option<String>,
    #[serde(rename = "type")]
    #[garde(length(chars, max = 50))]
    pub kind: Option<String>,
    #[garde(length(chars, max = 100))]
    pub campaign: Option<String>,
    #[schema(value_type = Option<Object>)]
    #[garde(skip)]
    pub meta: Option<Map<String, Value>>,
    #[garde(skip)]
    pub position: Option<i32>,
    #[garde(skip)]
    pub is_active: Option<bool>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssetOut {
    pub id: i64,
    pub slug: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// Пул.
    pub campaign: String,
    #[schema(value_type = Object)]
    pub meta: Value,
    pub position: i32,
    pub is_active: bool,
    pub model_url: Option<String>,
    pub ios_model_url: Option<String>,
    pub preview_url: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl AssetOut {
    pub fn of(row: asset::Model, pool: &str) -> Result<AssetOut> {
        Ok(AssetOut {
            meta: serde_json::from_str(&row.meta)?,
            campaign: pool.to_owned(),
            id: row.id,
            slug: row.slug,
            name: row.name,
            kind: row.kind,
            position: row.position,
            is_active: row.is_active,
            model_url: row.model_url,
            ios_model_url: row.ios_model_url,
            preview_url: row.preview_url,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssetList {
    pub assets: Vec<AssetOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AssetFilter {
    /// Пул.
    #[garde(length(chars, max = 100))]
    pub campaign: Option<String>,
    #[garde(skip)]
    pub is_active: Option<bool>,
}
