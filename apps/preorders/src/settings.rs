//! Раздел настроек `[preorders]`.

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
