//! Журнал кампаний.

use kernel::{Result, Work};
use sea_orm::{NotSet, Set};
use serde_json::Value;

use crate::models::{session, view_event};

/// Строка журнала о сеансе.
pub(super) fn event(work: &Work, session: &session::Model, event_type: &str, raw: String) -> view_event::ActiveModel {
    view_event::ActiveModel {
        id: NotSet,
        campaign_id: Set(session.campaign_id),
        session_id: Set(session.id),
        asset_id: Set(None),
        event_type: Set(event_type.to_owned()),
        occurred_at: Set(work.timestamp()),
        raw_payload: Set(raw),
        processed: Set(true),
        event_id: Set(None),
        answer: Set(None),
    }
}

/// Пишет одно событие.
pub(super) async fn note(work: &mut Work, session: &session::Model, event_type: &str, payload: Value) -> Result<()> {
    let row = event(work, session, event_type, payload.to_string());
    work.insert_later(vec![row]).await
}
