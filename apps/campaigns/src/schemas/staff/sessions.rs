//! Сеансы, коды, люди.

use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{Money, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::models::{progress, session, view_event};

/// Отбор сеансов и кодов.
#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionFilter {
    #[garde(skip)]
    pub campaign_id: Option<i64>,
    /// Почта целиком.
    #[garde(length(chars, max = 254))]
    pub email: Option<String>,
    /// Собравшие набор.
    #[garde(skip)]
    pub is_completed: Option<bool>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CampaignSessionOut)]
pub struct SessionOut {
    pub id: Uuid,
    pub campaign_id: i64,
    pub user: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub last_seen: DateTime<Utc>,
    pub score: i64,
    pub pending_email: Option<String>,
    pub is_active: bool,
    pub completed_at: Option<DateTime<Utc>>,
    #[schema(value_type = Object)]
    pub metadata: Value,
}

impl SessionOut {
    pub fn of(row: session::Model, user: Option<Uuid>) -> Result<SessionOut> {
        Ok(SessionOut {
            metadata: object(&row.metadata)?,
            user,
            id: row.id,
            campaign_id: row.campaign_id,
            created_at: row.created_at.and_utc(),
            last_seen: row.last_seen.and_utc(),
            score: row.score,
            pending_email: row.pending_email,
            is_active: row.is_active,
            completed_at: row.completed_at.map(|at| at.and_utc()),
        })
    }
}

/// Объект из столбца; пустой столбец — пустой объект.
pub fn object(text: &Option<String>) -> Result<Value> {
    Ok(match text {
        Some(text) => serde_json::from_str(text)?,
        None => Value::Object(Map::new()),
    })
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionList {
    pub sessions: Vec<SessionOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Виденный актив.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProgressItem {
    pub id: i64,
    pub session: Uuid,
    pub asset: i64,
    pub viewed_at: DateTime<Utc>,
    pub times_viewed: i64,
}

impl From<progress::Model> for ProgressItem {
    fn from(row: progress::Model) -> ProgressItem {
        ProgressItem {
            id: row.id,
            session: row.session_id,
            asset: row.asset_id,
            viewed_at: row.viewed_at.and_utc(),
            times_viewed: row.times_viewed,
        }
    }
}

/// Событие журнала как есть.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ViewEventOut {
    pub id: i64,
    pub session: Uuid,
    pub asset: Option<i64>,
    pub event_type: String,
    pub timestamp: DateTime<Utc>,
    #[schema(value_type = Object)]
    pub raw_payload: Value,
    pub processed: bool,
}

impl ViewEventOut {
    pub fn of(row: view_event::Model) -> Result<ViewEventOut> {
        Ok(ViewEventOut {
            raw_payload: serde_json::from_str(&row.raw_payload)?,
            id: row.id,
            session: row.session_id,
            asset: row.asset_id,
            event_type: row.event_type,
            timestamp: row.occurred_at.and_utc(),
            processed: row.processed,
        })
    }
}

/// Сеанс целиком: виденное и журнал, последние события первыми.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionDetail {
    #[serde(flatten)]
    pub session: SessionOut,
    pub items: Vec<ProgressItem>,
    pub events: Vec<ViewEventOut>,
}

#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionPatch {
    /// `false` — просмотры этого сеанса больше не засчитываются.
    #[garde(skip)]
    pub is_active: bool,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CodeOut {
    pub id: i64,
    pub campaign_id: i64,
    pub code: String,
    pub session: Uuid,
    pub user: Option<Uuid>,
    pub email: Option<String>,
    pub issued_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    /// Когда код занял заказ; отменённый заказ его вернул — `null`.
    pub used_at: Option<DateTime<Utc>>,
    /// Товары этого заказа со скидкой.
    pub revenue: Option<Money>,
    pub discount: Option<Money>,
    /// Магазин этот код больше не примет.
    pub is_revoked: bool,
    #[schema(value_type = Object)]
    pub meta: Value,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CodeList {
    pub codes: Vec<CodeOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Человек, привязавший почту.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignUserOut {
    pub id: Uuid,
    pub email: Option<String>,
    pub is_verified: bool,
    pub verified_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub total_score: i64,
    #[schema(value_type = Object)]
    pub metadata: Value,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignUserList {
    pub users: Vec<CampaignUserOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}
