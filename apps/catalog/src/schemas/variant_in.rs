//! Размеры и варианты на входе.

use std::collections::BTreeMap;

use garde::Validate;
use kernel::Money;
use serde::Deserialize;
use utoipa::ToSchema;

use super::rules;

/// Размер: строка (остаток общий, `stock_count` товара) или объект со своим остатком.
#[derive(Clone, Debug, PartialEq, Deserialize, Validate, ToSchema)]
#[serde(untagged)]
pub enum SizeIn {
    Name(#[garde(length(chars, max = 50), custom(rules::not_blank))] String),
    Own(#[garde(dive)] OwnSize),
}

/// Размер со своим остатком и, если нужно, ценой.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Validate, ToSchema)]
pub struct OwnSize {
    #[garde(length(chars, max = 50), custom(rules::not_blank))]
    pub size: String,
    #[garde(range(min = 0, max = 1_000_000_000))]
    pub stock_count: Option<i64>,
    #[garde(custom(rules::positive_if_some))]
    pub price: Option<Money>,
}

/// Вариант: размер, цвет, любые свойства.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Validate, ToSchema)]
pub struct VariantIn {
    /// Как назвать покупателю; иначе — размер и свойства через косую черту.
    #[garde(length(chars, max = 200), custom(rules::not_blank_if_some))]
    pub title: Option<String>,
    #[garde(length(chars, max = 50))]
    pub size: Option<String>,
    /// `{"цвет": "синий"}`, не больше пяти свойств.
    #[serde(default)]
    #[garde(custom(few_options))]
    pub options: BTreeMap<String, String>,
    #[garde(length(chars, max = 100), custom(rules::not_blank_if_some))]
    pub article: Option<String>,
    #[garde(length(chars, max = 64), custom(rules::not_blank_if_some))]
    pub barcode: Option<String>,
    /// Своя цена; вместе с `price_delta` не задаётся.
    #[garde(custom(rules::positive_if_some))]
    pub price: Option<Money>,
    /// Прибавка к цене товара, может быть меньше нуля.
    #[garde(custom(one_price(&self.price)))]
    pub price_delta: Option<Money>,
    /// Граммы.
    #[garde(range(min = 0, max = 100_000_000))]
    pub weight: Option<i64>,
    /// Свой остаток; не задан — вариант продаётся из общего остатка товара.
    #[garde(range(min = 0, max = 1_000_000_000))]
    pub stock_count: Option<i64>,
    #[garde(skip)]
    pub is_active: Option<bool>,
}

fn one_price(price: &Option<Money>) -> impl FnOnce(&Option<Money>, &()) -> garde::Result + '_ {
    move |delta, _| {
        if delta.is_some() && price.is_some() { Err(garde::Error::new("catalog.price_and_delta")) } else { Ok(()) }
    }
}

/// Свойства помещаются в ключ варианта (500 знаков) вместе с размером.
fn few_options(options: &BTreeMap<String, String>, _: &()) -> garde::Result {
    let good = |(name, value): (&String, &String)| {
        (1..=30).contains(&name.trim().chars().count()) && (1..=50).contains(&value.trim().chars().count())
    };
    if options.len() <= 5 && options.iter().all(good) { Ok(()) } else { Err(garde::Error::new("catalog.bad_options")) }
}
