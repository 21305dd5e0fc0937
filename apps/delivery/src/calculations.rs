//! Цена доставки: чистая арифметика.

use kernel::{Money, error::Result};

use crate::errors;

/// Цена и порог бесплатной доставки.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceRule {
    pub price: Money,
    pub free_from: Option<Money>,
}

impl PriceRule {
    /// Порог включительно: ровно на `free_from` уже бесплатно.
    pub fn price_for(self, subtotal: Money) -> Money {
        match self.free_from {
            Some(threshold) if subtotal >= threshold => Money::ZERO,
            _ => self.price,
        }
    }
}

/// Границы суммы товаров, при которых способ годится (обе включительно).
pub fn check_sum(min: Option<Money>, max: Option<Money>, subtotal: Money) -> Result<()> {
    if let Some(min) = min.filter(|min| subtotal < *min) {
        return Err(errors::sum_too_small(min));
    }
    if let Some(max) = max.filter(|max| subtotal > *max) {
        return Err(errors::sum_too_big(max));
    }
    Ok(())
}

/// Город для поиска: `« Г. Орёл »` → `орел`.
pub fn normalize_city(city: &str) -> String {
    let lower = city.trim().to_lowercase().replace('ё', "е");
    let bare = ["г.", "г ", "город "].iter().find_map(|prefix| lower.strip_prefix(prefix)).unwrap_or(&lower);
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Какие города мог назвать покупатель: поле «город» и части адреса между запятыми (первые пять).
pub fn possible_cities(city: Option<&str>, address: Option<&str>) -> Vec<String> {
    let named = city.map(str::trim).filter(|city| !city.is_empty());
    let parts: Vec<&str> = match named {
        Some(city) => vec![city],
        None => address.unwrap_or_default().split(',').take(5).collect(),
    };
    parts.into_iter().map(normalize_city).filter(|city| !city.is_empty()).collect()
}
