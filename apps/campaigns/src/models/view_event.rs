//! Журнал кампаний как есть.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

pub const SESSION_STARTED: &str = "session_started";
/// Каждый просмотр; содержимое — запрос целиком.
pub const VIEWED_ASSET: &str = "viewed_asset";
pub const FIRST_VIEW_AWARDED: &str = "first_view_awarded";
pub const EMAIL_SUBMITTED: &str = "email_submitted";
pub const PROGRESS_VIEWED: &str = "progress_viewed";
pub const PROMO_ISSUED: &str = "promo_issued";
pub const PROMO_CHECKED: &str = "promo_checked";
pub const PROMO_SENT: &str = "promo_sent";

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_view_events")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub campaign_id: i64,
    pub session_id: Uuid,
    pub asset_id: Option<i64>,
    pub event_type: String,
    /// В JSON — `timestamp`.
    pub occurred_at: Timestamp,
    /// JSON текстом.
    pub raw_payload: String,
    pub processed: bool,
    /// Имя события от клиента; в сеансе оно одно.
    pub event_id: Option<String>,
    /// Что ответили на событие с именем: повтор получит это же.
    pub answer: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
