//! Раздел настроек `[orders]`.

use preorders::models::Status as WaveStatus;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrderSettings {
    /// Начало номера заказа: латиница и цифры, до 10 знаков.
    pub number_prefix: String,
    /// Можно ли заказать без входа.
    pub guest_checkout: bool,
    /// Обязательно ли назвать, куда везти.
    pub delivery_required: bool,
    /// Через сколько минут неоплаченный заказ отменяется сам (кроме оплаты при получении).
    pub unpaid_ttl_minutes: i64,
    /// Корзина и со склада, и из волн: одним заказом (`together`) или двумя, раз они и поедут порознь (`split`).
    pub mixed: Mixed,
    /// До какого состояния должна дойти волна, чтобы попросить остаток после задатка: `production`, `tracking` (вещи готовы), `shipping`.
    pub balance_at: BalanceAt,
    /// Страница заказа на сайте, куда возвращают после оплаты и ведут письма; `{token}` — ключ заказа.
    pub page: String,
    /// Этапы заказа по порядку (мебель: замер, проект, производство, доставка, сборка). Пусто — этапов нет.
    pub stages: Vec<StageSettings>,
}

/// Что делать со смешанной корзиной.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mixed {
    Together,
    Split,
}

/// Когда просят остаток; по порядку состояний волны.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BalanceAt {
    Production,
    Tracking,
    Shipping,
}

impl BalanceAt {
    /// Дошла ли волна.
    pub fn has_come(self, wave: WaveStatus) -> bool {
        match wave {
            WaveStatus::Collecting | WaveStatus::Cancelled => false,
            WaveStatus::Production => self == BalanceAt::Production,
            WaveStatus::Tracking => self != BalanceAt::Shipping,
            WaveStatus::Shipping | WaveStatus::Completed => true,
        }
    }
}

/// Один этап.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageSettings {
    pub code: String,
    /// Как назвать покупателю; без названия — из текстов (`orders.stages.<code>`) или сам код.
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub title_en: String,
}

impl Default for OrderSettings {
    fn default() -> Self {
        OrderSettings {
            number_prefix: "MS".into(),
            guest_checkout: true,
            delivery_required: false,
            unpaid_ttl_minutes: 60,
            mixed: Mixed::Together,
            balance_at: BalanceAt::Tracking,
            page: "/orders/{token}".into(),
            stages: Vec::new(),
        }
    }
}
