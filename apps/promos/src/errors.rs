//! Отказы приложения; слова — в `texts/`. Код названного поля тот же, чтобы страница подписала именно поле промокода.

use kernel::texts::format_roubles;
use kernel::{Error, Money};

pub const NOT_FOUND: &str = "promos.not_found";
pub const TOO_MANY_GUESSES: &str = "promos.too_many_guesses";

/// Отказ коду.
#[track_caller]
fn refused(code: &'static str) -> Error {
    Error::refused(code).field("promo_code", code)
}

pub fn unknown() -> Error {
    refused("promos.unknown")
}

/// Выключен или ещё не начался: чужому незачем знать, что он начнётся.
pub fn inactive() -> Error {
    refused("promos.inactive")
}

pub fn expired() -> Error {
    refused("promos.expired")
}

/// Все использования розданы.
pub fn used_up() -> Error {
    refused("promos.used_up")
}

/// Этот покупатель своё уже использовал.
pub fn already_used() -> Error {
    refused("promos.already_used")
}

/// Код с пределом на покупателя, а покупатель неизвестен.
pub fn customer_unknown() -> Error {
    refused("promos.customer_unknown")
}

/// Ни одной покрытой строки.
pub fn not_for_goods() -> Error {
    refused("promos.not_for_goods")
}

/// `min` — с какой суммы действует.
pub fn sum_too_small(min: Money) -> Error {
    let min = format_roubles(min);
    let field = format!("promos.sum_too_small:{min}");
    Error::refused("promos.sum_too_small").with("arg", min).field("promo_code", &field)
}

/// Такой код уже есть.
pub fn code_taken() -> Error {
    Error::refused("promos.code_taken").field("code", "promos.code_taken")
}

/// Меньше, чем уже занято.
pub fn max_uses_below(used: i64) -> Error {
    Error::refused("promos.max_uses_below").with("used", used).field("max_uses", &format!("too_small:{used}"))
}

/// Ни процента, ни суммы.
pub fn no_discount() -> Error {
    Error::invalid("discount_percent", "promos.no_discount")
}

/// Учёт не сходится: такого не должно быть; причина уходит в журнал.
#[track_caller]
pub fn broken_count(what: &str) -> Error {
    Error::internal(anyhow::anyhow!("promo counters are broken: {what}"))
}
