//! Раздел настроек `[cart]`.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CartSettings {
    /// Через сколько дней без изменений корзина гостя выбрасывается.
    pub guest_ttl_days: i64,
}

impl Default for CartSettings {
    fn default() -> Self {
        CartSettings { guest_ttl_days: 60 }
    }
}
