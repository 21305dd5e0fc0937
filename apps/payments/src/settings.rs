//! Раздел настроек `[payments]`.

use serde::{Deserialize, Serialize};

/// `[payments]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentSettings {
    /// Чем платят в интернете: `emulator` (показ и проверки, денег не берёт) или `cash` — ничем, только наличными.
    pub provider: String,
    /// Сколько минут покупатель может платить.
    pub pending_ttl_minutes: i64,
    /// Через сколько минут начинать перечитывать неоплаченный платёж у провайдера.
    pub check_after_minutes: i64,
    /// Сначала удержать, списать отдельно.
    pub two_stage: bool,
    /// Сколько рублей одного платежа может вернуть сотрудник; администратор — сколько угодно. 0 — без предела.
    pub staff_refund_limit: i64,
    pub emulator: EmulatorSettings,
}

impl Default for PaymentSettings {
    fn default() -> Self {
        PaymentSettings {
            provider: crate::providers::cash::CODE.into(),
            pending_ttl_minutes: 60,
            check_after_minutes: 2,
            two_stage: false,
            staff_refund_limit: 100_000,
            emulator: EmulatorSettings::default(),
        }
    }
}

/// `[payments.emulator]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmulatorSettings {
    /// Слушаться просьб о неисправностях. Только для проверок.
    pub faults: bool,
    /// На сколько минут опаздывает уведомление при неисправности `late`.
    pub late_minutes: i64,
}

impl Default for EmulatorSettings {
    fn default() -> Self {
        EmulatorSettings { faults: false, late_minutes: 120 }
    }
}
