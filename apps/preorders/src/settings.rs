//! Раздел настроек `[preorders]`.

use admin::{Field, SettingsOf};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PreorderSettings {
    /// Что не поместилось в волну, идёт в следующие; `false` — такой заказ отказывается.
    pub split: bool,
    /// Сколько часов у человека из листа ожидания на покупку предложенного места.
    pub offer_hours: i64,
    /// Куда написать магазину, что места кончились; пусто — не писать (новость `preorders.sold_out` остаётся).
    pub staff_email: String,
    /// Волна не набрала «шьём от» к сроку: `true` — сама отменяется и возвращает деньги, `false` — ждёт решения сотрудника.
    pub refund_below_minimum: bool,
}

impl Default for PreorderSettings {
    fn default() -> Self {
        PreorderSettings { split: true, offer_hours: 24, staff_email: String::new(), refund_below_minimum: false }
    }
}

/// Что владелец меняет сам.
pub fn editable() -> SettingsOf {
    SettingsOf::new(
        "preorders",
        ("Предзаказ", "Pre-orders"),
        ("Что делать, когда мест мало или волна не набралась.", "When seats run out or a wave falls short."),
        [
            Field::flag("split", ("Не поместилось в волну — в следующие", "What does not fit goes to the next waves")),
            Field::number("offer_hours", ("Часов на покупку предложенного места", "Hours to buy an offered seat"))
                .between(1, 720),
            Field::text("staff_email", ("Куда написать, что места кончились", "Sold-out notice to")),
            Field::flag(
                "refund_below_minimum",
                (
                    "Не набралась — сама отменяется и возвращает деньги",
                    "Below the minimum: cancel and refund by itself",
                ),
            ),
        ],
    )
}
