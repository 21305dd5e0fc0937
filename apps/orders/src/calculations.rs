//! Деньги и номер заказа: чистые функции.

use chrono::{DateTime, Utc};
use kernel::Money;

/// Штук в строке.
pub const MAX_QUANTITY: i64 = 10_000;
/// Строк в заказе.
pub const MAX_LINES: usize = 200;

/// Суммы заказа. `total = items + delivery`, `to_pay = total − discount`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub items: Money,
    pub delivery: Money,
    pub discount: Money,
    pub total: Money,
    pub to_pay: Money,
}

/// Сумма строк (цена за штуку, количество); `None` — больше предела денег.
pub fn items_sum(lines: impl IntoIterator<Item = (Money, i64)>) -> Option<Money> {
    lines.into_iter().try_fold(Money::ZERO, |sum, (price, quantity)| sum.plus(price.times(quantity)?))
}

/// Складывает заказ; `None` — больше предела денег. Скидка не бывает больше суммы товаров.
pub fn totals(items: Money, delivery: Money, discount: Money) -> Option<Totals> {
    let discount = discount.clamp(Money::ZERO, items);
    let total = items.plus(delivery)?;
    Some(Totals { items, delivery, discount, total, to_pay: total - discount })
}

/// `PREFIX-YYYYMMDD-XXXXXXXX`: дата UTC и 32 случайных бита.
pub fn order_number(prefix: &str, now: DateTime<Utc>, random: [u8; 4]) -> String {
    format!("{prefix}-{}-{:08X}", now.format("%Y%m%d"), u32::from_be_bytes(random))
}
