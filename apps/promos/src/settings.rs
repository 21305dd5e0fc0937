//! Раздел настроек `[promos]`.

use admin::{Field, SettingsOf};
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

/// Что владелец меняет сам.
pub fn editable() -> SettingsOf {
    SettingsOf::new(
        "promos",
        ("Промокоды", "Promo codes"),
        ("Защита от подбора кодов.", "Protection against guessing."),
        [
            Field::number("guesses", ("Незнакомых кодов из одной сети за окно", "Unknown codes per network"))
                .between(3, 10_000),
            Field::number("guess_window", ("Окно, секунд", "Window, seconds")).between(60, 86_400),
        ],
    )
}
