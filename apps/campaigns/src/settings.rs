//! Раздел настроек `[campaigns]`.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CampaignSettings {
    /// Через сколько секунд на ту же почту можно попросить письмо ещё раз.
    pub resend_after: i64,
    /// Называть ли код по `user_id` и `email`, как в описании прежней системы. `false` — только своему сеансу и письмом.
    pub code_by_contact: bool,
    /// Ответ `/api/health/`.
    pub health_message: String,
}

impl Default for CampaignSettings {
    fn default() -> Self {
        CampaignSettings { resend_after: 600, code_by_contact: true, health_message: "ok".into() }
    }
}

impl CampaignSettings {
    pub fn resend_window(&self) -> TimeDelta {
        TimeDelta::seconds(self.resend_after)
    }
}
