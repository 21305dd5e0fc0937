//! Отказы приложения.

use kernel::{Error, Money};

pub fn unknown_method() -> Error {
    Error::refused("delivery.unknown_method")
}

pub fn address_required() -> Error {
    Error::refused("delivery.address_required")
}

pub fn cdek_point_required() -> Error {
    Error::refused("delivery.cdek_point_required")
}

pub fn pickup_point_required() -> Error {
    Error::refused("delivery.pickup_point_required")
}

pub fn unknown_pickup_point() -> Error {
    Error::refused("delivery.unknown_pickup_point")
}

/// Базовой цены нет, а города нет в таблице.
pub fn city_not_served(city: &str) -> Error {
    Error::refused("delivery.city_not_served").with("city", city)
}

pub fn sum_too_small(min: Money) -> Error {
    Error::refused("delivery.sum_too_small").with("min", rubles(min))
}

pub fn sum_too_big(max: Money) -> Error {
    Error::refused("delivery.sum_too_big").with("max", rubles(max))
}

pub fn code_taken() -> Error {
    Error::refused("delivery.code_taken")
}

/// Для фильтра `money` текстов, которому нужно число рублей.
fn rubles(sum: Money) -> f64 {
    sum.to_minor() as f64 / 100.0
}
