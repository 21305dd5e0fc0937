//! `Предложение`: вариант, цены и остатки — в одном файле или в трёх.

use super::tree::Node;
use super::{is_deleted, required_id};
use crate::formats::numbers::{currency, fixed};
use crate::formats::problem::ProblemKind;
use crate::formats::record::{OfferRecord, OptionValue, PriceRecord, PropertyValue, Stock, Visibility};

pub fn parse(node: Node<'_>, line: u64, notes: &mut Vec<ProblemKind>) -> Result<OfferRecord, ProblemKind> {
    let id = required_id(node)?;
    let product_id = id.split('#').next().unwrap_or_default().to_owned();
    if product_id.is_empty() {
        return Err(ProblemKind::Missing("Ид"));
    }
    let deleted = is_deleted(node);
    Ok(OfferRecord {
        product_id,
        line,
        article: node.get("Артикул"),
        name: node.get("Наименование"),
        barcode: node.get("Штрихкод"),
        options: characteristic_options(node),
        properties: property_values(node),
        prices: prices(node, notes)?,
        stock: stock(node)?,
        visibility: Some(if deleted { Visibility::Archived } else { Visibility::Active }),
        id,
    })
}

pub fn characteristics(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    node.items("ХарактеристикиТовара", "ХарактеристикаТовара")
}

pub fn characteristic_options(node: Node<'_>) -> Vec<OptionValue> {
    characteristics(node)
        .filter_map(|pair| {
            let value = pair.get("Значение")?;
            Some(OptionValue { name: pair.get("Наименование").unwrap_or_default(), value })
        })
        .collect()
}

pub fn property_values(node: Node<'_>) -> Vec<PropertyValue> {
    node.items("ЗначенияСвойств", "ЗначенияСвойства")
        .filter_map(|property| {
            let values: Vec<String> = property.named("Значение").filter_map(Node::value).collect();
            let id = property.get("Ид")?;
            (!values.is_empty()).then_some(PropertyValue { id, values })
        })
        .collect()
}

/// Две цены одного вида, единицы и коэффициента: берём последнюю, как Bitrix, и предупреждаем.
fn prices(node: Node<'_>, notes: &mut Vec<ProblemKind>) -> Result<Vec<PriceRecord>, ProblemKind> {
    let mut prices: Vec<PriceRecord> = Vec::new();
    for price in node.items("Цены", "Цена").filter(|price| !is_deleted(*price)) {
        let Some(text) = price.get("ЦенаЗаЕдиницу") else {
            continue;
        };
        let amount = number("ЦенаЗаЕдиницу", &text, 2)?;
        if amount < 0 {
            return Err(ProblemKind::BadNumber { field: "ЦенаЗаЕдиницу", value: text });
        }
        let record = PriceRecord {
            type_id: price.get("ИдТипаЦены").unwrap_or_default(),
            amount,
            currency: price.get("Валюта").as_deref().and_then(currency),
            unit: price.get("Единица"),
            coefficient: price.get("Коэффициент").and_then(|text| fixed(&text, 3)).unwrap_or(1000),
        };
        let twin = |p: &PriceRecord| {
            p.type_id == record.type_id && p.unit == record.unit && p.coefficient == record.coefficient
        };
        match prices.iter_mut().find(|p| twin(p)) {
            Some(earlier) => {
                notes.push(ProblemKind::RepeatedPrice(record.type_id.clone()));
                *earlier = record;
            }
            None => prices.push(record),
        }
    }
    Ok(prices)
}

/// Остаток во всех пяти видах таблицы §5.5; если есть хоть один склад, общее количество — их сумма.
fn stock(node: Node<'_>) -> Result<Option<Stock>, ProblemKind> {
    let mut stock = Stock::default();
    let mut loose = None;
    for warehouse in node.named("Склад").chain(node.items("Склады", "Склад")) {
        by_warehouse(&mut stock, warehouse, "@ИдСклада", "@КоличествоНаСкладе")?;
    }
    for rest in node.items("Остатки", "Остаток") {
        for warehouse in rest.named("Склад") {
            by_warehouse(&mut stock, warehouse, "Ид", "Количество")?;
        }
        if let Some(quantity) = quantity(rest, "Количество")? {
            loose = Some(plus(loose.unwrap_or(0), quantity));
        }
    }
    if !stock.by_warehouse.is_empty() {
        stock.total = stock.by_warehouse.iter().fold(0, |sum, (_, quantity)| plus(sum, *quantity));
        return Ok(Some(stock));
    }
    let total = match loose {
        Some(total) => Some(total),
        None => quantity(node, "Количество")?,
    };
    Ok(total.map(|total| Stock { total, by_warehouse: Vec::new() }))
}

fn by_warehouse(stock: &mut Stock, node: Node<'_>, id: &'static str, field: &'static str) -> Result<(), ProblemKind> {
    let Some(id) = node.get(id) else { return Ok(()) };
    if let Some(quantity) = quantity(node, field)? {
        stock.by_warehouse.push((id, quantity));
    }
    Ok(())
}

fn quantity(node: Node<'_>, field: &'static str) -> Result<Option<i64>, ProblemKind> {
    node.get(field).map(|text| number(field, &text, 3)).transpose()
}

fn number(field: &'static str, text: &str, scale: u32) -> Result<i64, ProblemKind> {
    fixed(text, scale).ok_or_else(|| ProblemKind::BadNumber { field, value: text.to_owned() })
}

fn plus(a: i64, b: i64) -> i64 {
    a.saturating_add(b)
}
