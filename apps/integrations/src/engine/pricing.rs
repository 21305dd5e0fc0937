//! Какая из присланных цен — цена товара.

use kernel::Money;

use super::known::Known;
use crate::formats::{PRICE_OLD, PRICE_RETAIL, PriceRecord};
use crate::settings::ImportSettings;

/// Выбранные цены. Ноль в файле — «цены нет».
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Chosen {
    pub retail: Option<Money>,
    pub old: Option<Money>,
}

/// Имена видов цен: `ид → название`.
pub type PriceTypes = Known<String, String>;

/// Цена за базовую единицу, розничная и старая. `Err` — валюта, которой магазин не торгует.
pub fn choose(prices: &[PriceRecord], types: &PriceTypes, settings: &ImportSettings) -> Result<Chosen, String> {
    let is = |price: &PriceRecord, wanted: &str| {
        let name = types.get(&price.type_id).map(String::as_str).unwrap_or_default();
        same(&price.type_id, wanted) || same(name, wanted)
    };
    let first_of = |wanted: &[String], builtin: &str| {
        let per_unit = |price: &&PriceRecord| price.coefficient == 1000;
        let known = wanted.iter().map(String::as_str).chain([builtin]);
        known.into_iter().find_map(|wanted| {
            let mut matching = prices.iter().filter(|price| is(price, wanted));
            let first = matching.clone().next();
            matching.find(per_unit).or(first)
        })
    };
    let old = first_of(&settings.old_price_types, PRICE_OLD);
    let is_old = |price: &&PriceRecord| old.is_some_and(|old| std::ptr::eq(old, *price));
    let fallback = prices.iter().filter(|price| !is_old(price));
    let retail = first_of(&settings.retail_price_types, PRICE_RETAIL)
        .or_else(|| fallback.clone().find(|price| price.coefficient == 1000))
        .or_else(|| fallback.clone().next());
    Ok(Chosen { retail: money(retail)?, old: money(old)? })
}

fn money(price: Option<&PriceRecord>) -> Result<Option<Money>, String> {
    let Some(price) = price else { return Ok(None) };
    match price.currency.as_deref() {
        None | Some(kernel::RUB) => {}
        Some(other) => return Err(other.to_owned()),
    }
    Ok(Some(Money::minor(price.amount)).filter(|money| *money > Money::ZERO && *money <= Money::MAX))
}

fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim().chars(), b.trim().chars());
    // На каждую строку таблицы приходится несколько сравнений: до первой несхожей буквы и без лишней памяти.
    !b.as_str().is_empty() && a.flat_map(char::to_lowercase).eq(b.flat_map(char::to_lowercase))
}
