//! Как витрина пишет даты, телефоны и число предметов по-русски. Чистые функции, без часов и базы.

use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike};
use serde::Serialize;

/// Неразрывный пробел: число не отрывается от единицы.
const NBSP: char = '\u{a0}';

#[rustfmt::skip]
const MONTHS: [&str; 12] = [
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
];

/// Русское множественное число: 1 товар, 2 товара, 5 товаров, 11 товаров.
pub fn plural<'a>(number: i64, one: &'a str, few: &'a str, many: &'a str) -> &'a str {
    let tail = number.unsigned_abs() % 100;
    match (tail, tail % 10) {
        (11..=14, _) => many,
        (_, 1) => one,
        (_, 2..=4) => few,
        _ => many,
    }
}

/// Телефон E.164 → «+7 916 123-45-67»; чужие номера остаются как есть.
pub fn phone(number: &str) -> String {
    let digits = match number.strip_prefix("+7") {
        Some(rest) if rest.len() == 10 && rest.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => return number.to_owned(),
    };
    let (code, rest) = digits.split_at(3);
    let (first, rest) = rest.split_at(3);
    let (second, third) = rest.split_at(2);
    format!("+7{NBSP}{code}{NBSP}{first}-{second}-{third}")
}

/// Число с запятой: `1.65` → «1,65».
pub fn decimal(number: f64) -> String {
    format!("{}", (number * 1000.0).round() / 1000.0).replace('.', ",")
}

/// Размер файла: «1,6 КБ», «48 КБ», «2,3 МБ».
pub fn file_size(bytes: u64) -> String {
    let (size, unit) = if bytes < 1_000_000 { (bytes as f64 / 1000.0, "КБ") } else { (bytes as f64 / 1e6, "МБ") };
    let rounded = if size < 10.0 { (size * 10.0).round() / 10.0 } else { size.round() };
    format!("{}{NBSP}{unit}", decimal(rounded))
}

/// Момент во всех видах, какие нужны страницам; по времени магазина.
#[derive(Clone, Debug, Serialize)]
pub struct Moment {
    /// Для атрибута `datetime`, UTC.
    pub iso: String,
    /// «21 ноября 2026».
    pub date: String,
    /// «14:05».
    pub time: String,
    /// «21 ноября, 14:05».
    pub full: String,
}

impl Moment {
    /// `offset` — сдвиг времени магазина от UTC.
    pub fn new(at: NaiveDateTime, offset: TimeDelta) -> Moment {
        let local = at + offset;
        let (day, month) = (local.day(), MONTHS[local.month0() as usize]);
        let time = format!("{:02}:{:02}", local.hour(), local.minute());
        Moment {
            iso: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            date: format!("{day}{NBSP}{month}{NBSP}{}", local.year()),
            full: format!("{day}{NBSP}{month},{NBSP}{time}"),
            time,
        }
    }
}
