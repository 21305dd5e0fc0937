//! Чек 54-ФЗ: значения и арифметика, без базы и провайдеров. Строки чека в сумме — ровно платёж, до копейки.

use kernel::Money;
use serde::{Deserialize, Serialize};

/// Знаков в названии строки чека.
const MAX_NAME: usize = 128;

/// Чек: кому и за что.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    pub lines: Vec<ReceiptLine>,
}

impl Receipt {
    pub fn sum(&self) -> Money {
        self.lines.iter().map(|line| line.amount).sum()
    }
}

/// Строка чека.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptLine {
    /// Как строку зовёт её предмет (номер строки заказа): по нему возвращают за выбранное.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<i64>,
    pub name: String,
    pub quantity: i64,
    /// За все штуки вместе, уже со скидкой.
    pub amount: Money,
    /// Процент НДС; `None` — ставка магазина из настройки.
    pub vat_rate: Option<i32>,
    pub subject: PaymentSubject,
    pub mode: PaymentMode,
}

/// Признак предмета расчёта.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentSubject {
    Goods,
    /// Доставка, курс, услуга, файл.
    Service,
}

/// Признак способа расчёта.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMode {
    /// Полный расчёт: товар отдают.
    FullPayment,
    /// Предоплата 100 %: отдадут потом, тогда будет второй чек.
    FullPrepayment,
    /// Частичная предоплата: задаток или остаток за то, что отдадут потом.
    PartialPrepayment,
}

impl PaymentMode {
    /// Отдадут потом: при передаче нужен второй чек.
    pub fn is_prepayment(self) -> bool {
        self != PaymentMode::FullPayment
    }
}

/// Часть строки, которую вернули: `line` — её номер в чеке платежа.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundPart {
    pub line: usize,
    #[serde(flatten)]
    pub part: ReceiptLine,
}

/// Строка, как её понимает касса: цена одной штуки и количество.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedLine {
    pub name: String,
    pub quantity: i64,
    pub price: Money,
    pub vat_rate: Option<i32>,
    pub subject: PaymentSubject,
    pub mode: PaymentMode,
}

impl ReceiptLine {
    pub fn new(name: &str, quantity: i64, amount: Money, subject: PaymentSubject) -> ReceiptLine {
        let name: String = name.chars().take(MAX_NAME).collect();
        ReceiptLine { item: None, name, quantity, amount, vat_rate: None, subject, mode: PaymentMode::FullPayment }
    }

    /// Часть строки на `amount`: целые штуки, если делится; иначе одна строка «за часть».
    fn part(&self, amount: Money) -> ReceiptLine {
        if amount == self.amount {
            return self.clone();
        }
        let (all, part) = (self.amount.to_minor(), amount.to_minor());
        let unit = all / self.quantity;
        let is_whole = all % self.quantity == 0 && unit > 0 && part % unit == 0;
        ReceiptLine { quantity: if is_whole { part / unit } else { 1 }, amount, ..self.clone() }
    }

    /// Цена × количество. Сумма не делится на количество — строка становится двумя: у части штук цена на копейку больше. Даром
    /// отданное в чек не входит.
    fn priced(&self) -> impl Iterator<Item = PricedLine> {
        let (all, quantity) = (self.amount.to_minor(), self.quantity);
        let (unit, dearer) = (all / quantity, all % quantity);
        let line = |quantity: i64, price: i64| PricedLine {
            name: self.name.clone(),
            quantity,
            price: Money::minor(price),
            vat_rate: self.vat_rate,
            subject: self.subject,
            mode: self.mode,
        };
        let both = [line(quantity - dearer, unit), line(dearer, unit + 1)];
        both.into_iter().filter(|line| line.quantity > 0 && !line.price.is_zero())
    }
}

/// Сколько в каждой строке чека ещё не вернули.
pub fn left(lines: &[ReceiptLine], refunded: &[RefundPart]) -> Vec<Money> {
    let mut left: Vec<Money> = lines.iter().map(|line| line.amount).collect();
    for part in refunded {
        if let Some(amount) = left.get_mut(part.line) {
            *amount -= part.part.amount;
        }
    }
    left
}

/// Строки чека возврата на `amount`: из названных `items` — сколько названо, но не больше оставшегося; прочее — по доле того, что осталось
/// в каждой.
pub fn refund_parts(
    lines: &[ReceiptLine],
    refunded: &[RefundPart],
    amount: Money,
    items: &[(i64, Money)],
) -> Vec<RefundPart> {
    let mut left = left(lines, refunded);
    let mut shares = vec![Money::ZERO; lines.len()];
    let mut rest = amount;
    for (item, wanted) in items {
        for (place, _) in lines.iter().enumerate().filter(|(_, line)| line.item == Some(*item)) {
            let share = (*wanted).min(left[place]).min(rest);
            (shares[place], left[place], rest) = (shares[place] + share, left[place] - share, rest - share);
        }
    }
    let others = rest.spread(&left);
    let shares = shares.into_iter().zip(others).map(|(named, other)| named + other);
    let taken = lines.iter().zip(shares).enumerate().filter(|(_, (_, share))| !share.is_zero());
    taken.map(|(line, (whole, share))| RefundPart { line, part: whole.part(share) }).collect()
}

/// Товар передан, второй чек выдан: дальше это полный расчёт.
pub fn mark_settled(lines: &mut [ReceiptLine]) {
    lines.iter_mut().for_each(|line| line.mode = PaymentMode::FullPayment);
}

/// Строки второго чека: предоплаченное и не возвращённое, теперь — полный расчёт.
pub fn settlement_lines(lines: &[ReceiptLine], refunded: &[RefundPart]) -> Vec<ReceiptLine> {
    let kept = lines.iter().zip(left(lines, refunded));
    let prepaid = kept.filter(|(line, left)| line.mode.is_prepayment() && !left.is_zero());
    prepaid.map(|(line, left)| ReceiptLine { mode: PaymentMode::FullPayment, ..line.part(left) }).collect()
}

/// Строки для кассы, не больше `limit`: сверх предела однородные (НДС, предмет, способ) складываются в одну строку `rest`.
pub fn priced(lines: &[ReceiptLine], limit: usize, rest: &str) -> Vec<PricedLine> {
    let all: Vec<PricedLine> = lines.iter().flat_map(ReceiptLine::priced).collect();
    if all.len() <= limit {
        return all;
    }
    let kinds = all.iter().map(kind).collect::<std::collections::HashSet<_>>().len();
    let (named, crowd) = all.split_at(limit.saturating_sub(kinds));
    let mut named = named.to_vec();
    let start = named.len();
    for line in crowd {
        let amount = line.price.times(line.quantity).unwrap_or(Money::MAX);
        match named[start..].iter_mut().find(|merged| kind(merged) == kind(line)) {
            Some(merged) => merged.price += amount,
            None => named.push(PricedLine { name: rest.to_owned(), quantity: 1, price: amount, ..line.clone() }),
        }
    }
    named
}

fn kind(line: &PricedLine) -> (Option<i32>, PaymentSubject, PaymentMode) {
    (line.vat_rate, line.subject, line.mode)
}
