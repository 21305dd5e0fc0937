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

/// Задаток: `percent` процентов цены, копейка — в пользу магазина.
pub fn deposit_of(price: Money, percent: i32) -> Money {
    Money::minor((price.to_minor() * i64::from(percent) + 99) / 100)
}

/// Доля суммы за следующие `pieces` из `all` штук, когда `done` уже отдали: копейки, которым не делиться, уходят с последними, и все доли
/// вместе — ровно сумма.
pub fn next_share(sum: Money, all: i64, done: i64, pieces: i64) -> Money {
    let upto = |count: i64| i128::from(sum.to_minor()) * i128::from(count) / i128::from(all.max(1));
    Money::minor(i64::try_from(upto(done + pieces) - upto(done)).unwrap_or_default())
}

/// `PREFIX-YYYYMMDD-XXXXXXXX`: дата UTC и 32 случайных бита.
pub fn order_number(prefix: &str, now: DateTime<Utc>, random: [u8; 4]) -> String {
    format!("{prefix}-{}-{:08X}", now.format("%Y%m%d"), u32::from_be_bytes(random))
}

/// Проданное: строка заказа глазами чека.
#[derive(Clone, Debug)]
pub struct Sold {
    /// Номер строки заказа.
    pub item: Option<i64>,
    pub name: String,
    pub quantity: i64,
    /// Цена × количество, до скидки.
    pub amount: Money,
    /// Скидка этой строки.
    pub discount: Money,
    /// Часть, которую платят вторым платежом.
    pub balance: Money,
    pub vat_rate: Option<i32>,
    pub subject: PaymentSubject,
    /// Отдадут потом: предоплата.
    pub is_prepaid: bool,
}

impl Sold {
    fn line(&self, amount: Money) -> ReceiptLine {
        let mode = match (self.is_prepaid, self.balance.is_zero()) {
            (_, false) => PaymentMode::PartialPrepayment,
            (true, true) => PaymentMode::FullPrepayment,
            (false, true) => PaymentMode::FullPayment,
        };
        let line = ReceiptLine::new(&self.name, self.quantity, amount, self.subject);
        ReceiptLine { item: self.item, vat_rate: self.vat_rate, mode, ..line }
    }
}

/// Строки чека первого платежа; в сумме — ровно «товары + доставка − скидка − остаток».
///
/// Скидка заказа, которой нет в строках (бонусы), раскладывается по ним пропорционально цене. Даром отданное в чек не входит. Доставка
/// едет вместе с товаром: если что-то предоплачено, то и она.
pub fn receipt_lines(sold: &[Sold], discount: Money, delivery: Money, delivery_name: &str) -> Vec<ReceiptLine> {
    let prices: Vec<Money> = sold.iter().map(|line| line.amount - line.discount - line.balance).collect();
    let own: Money = sold.iter().map(|line| line.discount).sum();
    let shares = (discount - own).spread(&prices);
    let goods = sold.iter().zip(prices).zip(shares).map(|((line, price), share)| line.line(price - share));
    let is_prepaid = sold.iter().any(|line| line.is_prepaid);
    let carriage = ReceiptLine {
        mode: if is_prepaid { PaymentMode::FullPrepayment } else { PaymentMode::FullPayment },
        ..ReceiptLine::new(delivery_name, 1, delivery, PaymentSubject::Service)
    };
    goods.chain([carriage]).filter(|line| !line.amount.is_zero()).collect()
}

/// Строки чека второго платежа: остатки.
pub fn balance_lines(sold: &[Sold]) -> Vec<ReceiptLine> {
    sold.iter().filter(|line| !line.balance.is_zero()).map(|line| line.line(line.balance)).collect()
}
