//! Раздел настроек `[admin]`.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdminSettings {
    /// Строк в списке.
    pub page_size: u64,
}

impl Default for AdminSettings {
    fn default() -> Self {
        AdminSettings { page_size: 50 }
    }
}
