//! Кампании и пулы.

use catalog::schemas::given as sent;
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::Result;
use promos::schemas::Moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Reward, check_slug, check_slug_if_any};
use crate::models::{campaign, pool};

/// Новая кампания.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignIn {
    #[garde(length(chars, max = 100), custom(check_slug))]
    pub slug: String,
    #[garde(length(chars, min = 1, max = 255))]
    pub title: String,
    #[serde(default)]
    #[garde(length(chars, max = 2000))]
    pub description: String,
    /// Пул активов; без поля — `default`.
    #[garde(length(chars, max = 100))]
    pub pool: Option<String>,
    #[garde(dive)]
    pub reward: Reward,
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub starts_at: Option<Moment>,
    /// Этот миг ещё входит.
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub ends_at: Option<Moment>,
    #[garde(skip)]
    pub is_active: Option<bool>,
    /// Отвечать вызовам, где кампания не названа; прежняя кампания по умолчанию перестаёт ею быть.
    #[serde(default)]
    #[garde(skip)]
    pub is_default: bool,
    /// Сколько секунд смотреть актив; 0 — сколько угодно.
    #[garde(range(min = 0, max = 3600))]
    pub min_dwell: Option<i32>,
    #[garde(range(min = 1))]
    pub views_per_minute: Option<i32>,
    #[garde(range(min = 1))]
    pub address_views_per_minute: Option<i32>,
    #[garde(range(min = 1))]
    pub address_sessions_per_hour: Option<i32>,
    #[serde(default)]
    #[garde(skip)]
    pub needs_view_token: bool,
}

/// Изменение кампании: только присланное; `null` в пределе или сроке снимает его.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignPatch {
    #[garde(length(chars, max = 100), custom(check_slug_if_any))]
    pub slug: Option<String>,
    #[garde(length(chars, min = 1, max = 255))]
    pub title: Option<String>,
    #[garde(length(chars, max = 2000))]
    pub description: Option<String>,
    #[garde(length(chars, max = 100))]
    pub pool: Option<String>,
    /// Новые условия целиком; выданных кодов не касаются.
    #[garde(dive)]
    pub reward: Option<Reward>,
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub starts_at: Option<Option<Moment>>,
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    #[garde(skip)]
    pub ends_at: Option<Option<Moment>>,
    #[garde(skip)]
    pub is_active: Option<bool>,
    /// `true` — сделать кампанией по умолчанию; перестаёт ею быть та, когда назначат другую.
    #[garde(skip)]
    pub is_default: Option<bool>,
    #[garde(range(min = 0, max = 3600))]
    pub min_dwell: Option<i32>,
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<i32>)]
    #[garde(range(min = 1))]
    pub views_per_minute: Option<Option<i32>>,
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<i32>)]
    #[garde(range(min = 1))]
    pub address_views_per_minute: Option<Option<i32>>,
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<i32>)]
    #[garde(range(min = 1))]
    pub address_sessions_per_hour: Option<Option<i32>>,
    #[garde(skip)]
    pub needs_view_token: Option<bool>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignOut {
    pub id: i64,
    pub slug: String,
    pub title: String,
    pub description: String,
    pub pool: String,
    pub reward: Reward,
    pub starts_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
    pub is_active: bool,
    pub is_default: bool,
    pub min_dwell: i32,
    pub views_per_minute: Option<i32>,
    pub address_views_per_minute: Option<i32>,
    pub address_sessions_per_hour: Option<i32>,
    pub needs_view_token: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl CampaignOut {
    pub fn of(row: campaign::Model, pool: &str) -> Result<CampaignOut> {
        Ok(CampaignOut {
            reward: serde_json::from_str(&row.reward)?,
            pool: pool.to_owned(),
            id: row.id,
            slug: row.slug,
            title: row.title,
            description: row.description,
            starts_at: row.starts_at.map(|at| at.and_utc()),
            ends_at: row.ends_at.map(|at| at.and_utc()),
            is_active: row.is_active,
            is_default: row.default_mark.is_some(),
            min_dwell: row.min_dwell,
            views_per_minute: row.views_per_minute,
            address_views_per_minute: row.address_views_per_minute,
            address_sessions_per_hour: row.address_sessions_per_hour,
            needs_view_token: row.needs_view_token,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignList {
    pub campaigns: Vec<CampaignOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Новый пул.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolIn {
    #[garde(length(chars, max = 100), custom(check_slug))]
    pub slug: String,
    #[garde(length(chars, min = 1, max = 255))]
    pub title: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PoolOut {
    pub id: i64,
    pub slug: String,
    pub title: String,
    pub created_at: DateTime<Utc>,
}

impl From<pool::Model> for PoolOut {
    fn from(row: pool::Model) -> PoolOut {
        PoolOut { id: row.id, slug: row.slug, title: row.title, created_at: row.created_at.and_utc() }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PoolList {
    pub pools: Vec<PoolOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}
