//! Деньги и номер заказа: чистые функции.

use chrono::{DateTime, Utc};
use kernel::Money;
use payments::receipts::{PaymentMode, PaymentSubject, ReceiptLine};

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

/// Проданное: строка заказа глазами чека.
#[derive(Clone, Debug)]
pub struct Sold {
    pub name: String,
    pub quantity: i64,
    /// Цена × количество, до скидки.
    pub amount: Money,
    /// Скидка этой строки.
    pub discount: Money,
    pub vat_rate: Option<i32>,
    pub subject: PaymentSubject,
    /// Отдадут потом: предоплата.
    pub is_prepaid: bool,
}

/// Строки чека заказа; в сумме — ровно «товары + доставка − скидка».
///
/// Скидка заказа, которой нет в строках (бонусы), раскладывается по ним пропорционально цене. Даром отданное в чек не входит. Доставка
/// едет вместе с товаром: если что-то предоплачено, то и она.
pub fn receipt_lines(sold: &[Sold], discount: Money, delivery: Money, delivery_name: &str) -> Vec<ReceiptLine> {
    let prices: Vec<Money> = sold.iter().map(|line| line.amount - line.discount).collect();
    let own: Money = sold.iter().map(|line| line.discount).sum();
    let shares = (discount - own).spread(&prices);
    let mode = |is_prepaid| if is_prepaid { PaymentMode::FullPrepayment } else { PaymentMode::FullPayment };
    let goods = sold.iter().zip(prices).zip(shares).map(|((line, price), share)| ReceiptLine {
        vat_rate: line.vat_rate,
        mode: mode(line.is_prepaid),
        ..ReceiptLine::new(&line.name, line.quantity, price - share, line.subject)
    });
    let carriage = ReceiptLine {
        mode: mode(sold.iter().any(|line| line.is_prepaid)),
        ..ReceiptLine::new(delivery_name, 1, delivery, PaymentSubject::Service)
    };
    goods.chain([carriage]).filter(|line| !line.amount.is_zero()).collect()
}
