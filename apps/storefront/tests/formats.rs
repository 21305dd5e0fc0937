//! Русские числа, телефоны и даты.

use chrono::NaiveDate;
use storefront::format::{Moment, decimal, file_size, phone, plural};

#[test]
fn counts_in_russian() {
    let words = |n| plural(n, "товар", "товара", "товаров");
    let expected = [
        (0, "товаров"),
        (1, "товар"),
        (2, "товара"),
        (4, "товара"),
        (5, "товаров"),
        (11, "товаров"),
        (12, "товаров"),
        (14, "товаров"),
        (21, "товар"),
        (22, "товара"),
        (111, "товаров"),
        (1001, "товар"),
        (-2, "товара"),
    ];
    for (number, word) in expected {
        assert_eq!(words(number), word, "{number}");
    }
}

#[test]
fn writes_russian_phones_and_leaves_others_alone() {
    assert_eq!(phone("+79161234567"), "+7\u{a0}916\u{a0}123-45-67");
    assert_eq!(phone("+375291234567"), "+375291234567");
    assert_eq!(phone("+7916"), "+7916");
    assert_eq!(phone(""), "");
}

#[test]
fn writes_decimals_and_sizes() {
    assert_eq!(decimal(1.65), "1,65");
    assert_eq!(decimal(210.0), "210");
    assert_eq!(file_size(1664), "1,7\u{a0}КБ");
    assert_eq!(file_size(49_212), "49\u{a0}КБ");
    assert_eq!(file_size(2_300_000), "2,3\u{a0}МБ");
}

#[test]
fn shows_dates_in_the_time_of_the_shop() {
    let at = NaiveDate::from_ymd_opt(2026, 11, 30).expect("date").and_hms_opt(22, 5, 9).expect("time");
    let moment = Moment::new(at, chrono::TimeDelta::minutes(180));
    assert_eq!(moment.iso, "2026-11-30T22:05:09Z");
    assert_eq!(moment.date, "1\u{a0}декабря\u{a0}2026");
    assert_eq!(moment.full, "1\u{a0}декабря,\u{a0}01:05");
    assert_eq!(moment.time, "01:05");
}
