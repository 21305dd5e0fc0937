//! Какие варианты нужны товару: из `sizes`, `variants` и `stock_count` — чистая функция, без базы.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Error, Money, Result};

use crate::models::variant;
use crate::normalize;
use crate::schemas::{SizeIn, VariantIn};

/// Вариант до записи.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VariantPlan {
    pub key: String,
    pub title: String,
    pub size: Option<String>,
    pub options: BTreeMap<String, String>,
    pub article: Option<String>,
    pub barcode: Option<String>,
    pub price: Option<Money>,
    pub price_delta: Option<Money>,
    pub weight: Option<i64>,
    /// Свой остаток; `None` — общий остаток товара.
    pub own_stock: Option<i64>,
    pub is_active: bool,
}

/// Варианты товара по порядку. Ни размеров, ни вариантов — один вариант с пустым ключом.
pub fn plan_variants(sizes: &[SizeIn], variants: &[VariantIn]) -> Result<Vec<VariantPlan>> {
    if !sizes.is_empty() && !variants.is_empty() {
        return Err(Error::invalid("variants", "catalog.sizes_and_variants"));
    }
    let plans: Vec<VariantPlan> = match (sizes, variants) {
        ([], []) => vec![VariantPlan { is_active: true, ..Default::default() }],
        (sizes, []) => sizes.iter().map(plan_size).collect(),
        (_, variants) => variants.iter().map(plan_variant).collect(),
    };
    let field = if variants.is_empty() { "sizes" } else { "variants" };
    let mut seen = BTreeSet::new();
    for (index, plan) in plans.iter().enumerate() {
        if !seen.insert(plan.key.as_str()) {
            return Err(Error::invalid(&format!("{field}[{index}]"), "catalog.repeated"));
        }
    }
    Ok(plans)
}

fn plan_size(size: &SizeIn) -> VariantPlan {
    let (name, own_stock, price) = match size {
        SizeIn::Name(name) => (name, None, None),
        SizeIn::Own(own) => (&own.size, own.stock_count, own.price),
    };
    let name = name.trim();
    VariantPlan {
        key: key_of(Some(name), &BTreeMap::new()),
        title: name.to_owned(),
        size: Some(name.to_owned()),
        price,
        own_stock,
        is_active: true,
        ..Default::default()
    }
}

/// Вариант из тела запроса.
pub fn plan_variant(input: &VariantIn) -> VariantPlan {
    let size = input.size.as_deref().map(str::trim).filter(|size| !size.is_empty());
    VariantPlan {
        key: key_of(size, &input.options),
        title: input.title.clone().unwrap_or_else(|| title_of(size, &input.options)),
        size: size.map(str::to_owned),
        options: input.options.clone(),
        article: input.article.clone(),
        barcode: input.barcode.clone(),
        price: input.price,
        price_delta: input.price_delta,
        weight: input.weight,
        own_stock: input.stock_count,
        is_active: input.is_active.unwrap_or(true),
    }
}

/// Ключ варианта: `m`, `m|цвет=синий`.
pub fn key_of(size: Option<&str>, options: &BTreeMap<String, String>) -> String {
    let mut key = size.map(normalize::key).unwrap_or_default();
    for (name, value) in options {
        key.push_str(&format!("|{}={}", normalize::key(name), normalize::key(value)));
    }
    if key.is_empty() { variant::DEFAULT.to_owned() } else { key }
}

fn title_of(size: Option<&str>, options: &BTreeMap<String, String>) -> String {
    let parts: Vec<&str> = size.into_iter().chain(options.values().map(String::as_str)).collect();
    parts.join(" / ").chars().take(200).collect()
}
