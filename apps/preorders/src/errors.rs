//! Отказы приложения; слова — в `texts/`.

use kernel::Error;

use crate::models::Status;

pub const WAVE_NOT_FOUND: &str = "preorders.wave_not_found";
pub const NOT_WAITING: &str = "preorders.not_waiting";
/// Посчитанных мест уже нет: посчитать и занять заново.
pub const SEATS_GONE: &str = "preorders.seats_gone";
pub const ALREADY_TOLD: &str = "preorders.already_told";

/// Мест столько нет; `index` — номер строки у спросившего.
pub fn no_seats(title: &str, left: i64, index: usize) -> Error {
    Error::refused("preorders.no_seats")
        .with("product", title)
        .with("left", left)
        .field(&format!("items[{index}].quantity"), &format!("preorders.only_left:{left}"))
}

pub fn seats_gone() -> Error {
    Error::refused(SEATS_GONE)
}

/// Строку только что изменил другой: транзакция повторится.
pub fn busy() -> Error {
    Error::unavailable("database.busy", 1)
}

/// Учёт мест не сходится: такого не должно быть; причина уходит в журнал.
pub fn broken_seats(what: &'static str) -> Error {
    Error::internal(std::io::Error::other(what))
}

pub fn illegal_transition(from: Status, to: Status) -> Error {
    Error::refused("preorders.illegal_transition").with("from", from.code()).with("to", to.code())
}

pub fn below_minimum(count: i64, minimum: i64) -> Error {
    Error::refused("preorders.below_minimum").with("count", count).with("minimum", minimum)
}

/// Ни одну волну товара туда не перевести.
pub fn nothing_to_move(to: Status) -> Error {
    Error::refused("preorders.nothing_to_move").with("to", to.code())
}

/// Товар продаётся со склада.
pub fn not_preorder() -> Error {
    Error::refused("preorders.not_preorder")
}

pub fn too_many_waves(limit: i64) -> Error {
    Error::refused("preorders.too_many_waves").with("limit", limit)
}

pub fn wave_has_buyers(number: i32) -> Error {
    Error::refused("preorders.wave_has_buyers").with("number", number)
}

pub fn capacity_below_count(count: i64) -> Error {
    Error::refused("preorders.capacity_below_count").with("count", count).field("capacity", "out_of_range")
}

pub fn minimum_too_big() -> Error {
    Error::refused("preorders.minimum_too_big").field("min_count", "out_of_range")
}

/// Места есть: покупать, а не ждать.
pub fn seats_left() -> Error {
    Error::refused("preorders.seats_left")
}

pub fn already_waiting() -> Error {
    Error::refused("preorders.already_waiting")
}

pub fn already_told() -> Error {
    Error::conflict(ALREADY_TOLD)
}

/// Отмена волны с покупателями возвращает всем деньги: на это нужно согласие.
pub fn is_taken(taken: i64) -> Error {
    Error::refused("preorders.wave_is_taken").with("taken", taken).field("refund", "required")
}
