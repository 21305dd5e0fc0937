//! Раздел настроек `[admin]`.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdminSettings {
    /// Сдвиг времени магазина от UTC, минут: так показаны и так читаются даты. По умолчанию Москва.
    pub utc_offset_minutes: i64,
    /// Строк в списке.
    pub page_size: u64,
}

impl Default for AdminSettings {
    fn default() -> Self {
        AdminSettings { utc_offset_minutes: 180, page_size: 50 }
    }
}
