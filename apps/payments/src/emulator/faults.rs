//! Неисправности по просьбе; слушаются, только если `payments.emulator.faults = true`.

use kernel::{Ctx, Result};
use serde::{Deserialize, Serialize};

use crate::errors;
use crate::settings::PaymentSettings;

/// Чем испорчена оплата: её уведомления или ответы о ней.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EmulatorFault)]
pub enum Fault {
    /// Уведомление дважды.
    Twice,
    /// Сто уведомлений разом.
    Hundred,
    /// Ни одного.
    Never,
    /// Уведомление опоздает на `late_minutes`.
    Late,
    /// Вслед за настоящим — устаревшее, о прежнем состоянии.
    OutOfOrder,
    /// Сообщает сумму на копейку меньше.
    WrongAmount,
    /// Сообщает другую валюту.
    WrongCurrency,
    /// Ссылается на чужой заказ.
    OtherReference,
}

impl Fault {
    fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// В столбец.
    pub(super) fn join(faults: &[Fault]) -> String {
        faults.iter().map(|fault| fault.name()).collect::<Vec<_>>().join(",")
    }

    /// Есть ли неисправность в столбце.
    pub(super) fn is_in(self, column: &str) -> bool {
        column.split(',').any(|name| name == self.name())
    }
}

/// Чем испорчен ближайший вызов от магазина.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallFault {
    /// Всё сделано, но ответ потерян.
    LostAnswer,
    /// 500, ничего не сделано.
    ServerError,
}

impl CallFault {
    pub(super) fn name(self) -> &'static str {
        match self {
            CallFault::LostAnswer => "lost_answer",
            CallFault::ServerError => "server_error",
        }
    }
}

/// Отказ, если неисправности не разрешены.
pub(super) fn ensure_allowed(ctx: &Ctx) -> Result<()> {
    if ctx.section::<PaymentSettings>().emulator.faults { Ok(()) } else { Err(errors::faults_off()) }
}
