//! Раздел настроек `[orders]`.

use admin::{Choice, Field, SettingsOf};
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
    /// Сколько раз напомнить о неоплаченном остатке; 0 — не напоминать.
    pub balance_reminders: i32,
    /// Через сколько дней после просьбы напомнить впервые, и потом ещё через столько же.
    pub balance_reminder_days: i64,
    /// Напоминания уходят не раньше этого часа по времени магазина…
    pub reminders_from_hour: u32,
    /// …и раньше этого: ночью покупателя не будят.
    pub reminders_to_hour: u32,
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
            balance_reminders: 2,
            balance_reminder_days: 3,
            reminders_from_hour: 9,
            reminders_to_hour: 21,
            page: "/orders/{token}".into(),
            stages: Vec::new(),
        }
    }
}

const MIXED: &[Choice] = &[
    Choice::plain("together", ("одним заказом", "one order")),
    Choice::plain("split", ("двумя заказами", "two orders")),
];

const BALANCE_AT: &[Choice] = &[
    Choice::plain("production", ("когда волна ушла в производство", "when the wave goes into production")),
    Choice::plain("tracking", ("когда вещи готовы", "when the goods are ready")),
    Choice::plain("shipping", ("когда волна отправляется", "when the wave ships")),
];

/// Что владелец меняет сам.
pub fn editable() -> SettingsOf {
    SettingsOf::new(
        "orders",
        ("Заказы", "Orders"),
        ("Кто и как может заказать.", "Who can order and how."),
        [
            Field::flag("guest_checkout", ("Можно заказать без входа", "Guests may order")),
            Field::flag("delivery_required", ("Обязательно назвать, куда везти", "A delivery is required")),
            Field::number(
                "unpaid_ttl_minutes",
                ("Через сколько минут отменять неоплаченный заказ", "Minutes until an unpaid order is cancelled"),
            )
            .between(5, 100_000)
            .hint(("Кроме оплаты при получении.", "Except payment on delivery.")),
            Field::choice("mixed", ("Корзина и со склада, и из волн", "A cart of stock and pre-orders"), MIXED)
                .required(),
            Field::choice(
                "balance_at",
                ("Когда просить остаток после задатка", "When to ask for the balance"),
                BALANCE_AT,
            )
            .required(),
            Field::number("balance_reminders", ("Сколько раз напомнить об остатке", "Reminders of the balance"))
                .between(0, 10)
                .hint(("0 — не напоминать.", "0: never.")),
            Field::number("balance_reminder_days", ("Через сколько дней напоминать", "Days between the reminders"))
                .between(1, 90)
                .hint(("Считая от просьбы или прошлого напоминания.", "Since the request or the last reminder.")),
            Field::number("reminders_from_hour", ("Напоминать не раньше, часов", "Remind not before, o'clock"))
                .between(0, 23),
            Field::number("reminders_to_hour", ("Напоминать до, часов", "Remind until, o'clock"))
                .between(1, 24)
                .hint(("По времени магазина; ночью письма и СМС ждут утра.", "Shop time; at night they wait.")),
        ],
    )
}
