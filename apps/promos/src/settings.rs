//! Раздел настроек `[promos]`.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PromoSettings {
    /// Сколько незнакомых кодов можно назвать за окно из одной сети (IPv4 /24, IPv6 /64).
    pub guesses: i32,
    /// Окно этого предела, секунд.
    pub guess_window: i64,
}

impl Default for PromoSettings {
    fn default() -> Self {
        PromoSettings { guesses: 30, guess_window: 600 }
    }
}

impl PromoSettings {
    pub fn window(&self) -> TimeDelta {
        TimeDelta::seconds(self.guess_window)
    }
}
