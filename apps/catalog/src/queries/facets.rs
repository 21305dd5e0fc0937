//! Фасеты: что ещё можно выбрать и сколько товаров останется. Счёт группы не учитывает отбор внутри неё самой.

use std::collections::{BTreeMap, HashMap};

use kernel::{Money, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, ConnectionTrait, FromQueryResult, QueryOrder, QuerySelect};

use super::listing::count_rows;
use super::scope::{Except, Scope, in_stock};
use super::tree::Tree;
use crate::models::attribute::AttributeKind;
use crate::models::product::Column as Product;
use crate::models::{attribute, attribute_choice, attribute_value, brand, category, product};
use crate::schemas::{AttributeFacet, Facets, PriceRange, ShelfFacet, ValueFacet};

/// Больше значений одной характеристики человек не просмотрит.
const MAX_VALUES: usize = 100;

#[derive(FromQueryResult)]
struct Counted {
    id: Option<i64>,
    n: i64,
}

#[derive(FromQueryResult)]
struct Range {
    low: Option<Money>,
    high: Option<Money>,
}

#[derive(FromQueryResult)]
struct CountedValue {
    attribute_id: i64,
    value_key: String,
    text: Option<String>,
    n: i64,
}

/// Все группы для данного отбора.
pub async fn facets(db: &impl ConnectionTrait, scope: &Scope) -> Result<Facets> {
    let price = product::Entity::find()
        .select_only()
        .column_as(Product::Price.min(), "low")
        .column_as(Product::Price.max(), "high")
        .filter(scope.condition(Except::Price))
        .into_model::<Range>()
        .one(db)
        .await?;
    let stocked = product::Entity::find().filter(scope.condition(Except::Stock)).filter(in_stock()).count(db).await?;
    Ok(Facets {
        total: count_rows(db, scope, None).await?,
        price: PriceRange { min: price.as_ref().and_then(|p| p.low), max: price.and_then(|p| p.high) },
        in_stock: stocked,
        categories: category_facet(db, scope).await?,
        brands: brand_facet(db, scope).await?,
        attributes: attribute_facets(db, scope).await?,
    })
}

async fn counts_by(db: &impl ConnectionTrait, column: Product, condition: Condition) -> Result<Vec<Counted>> {
    let find = product::Entity::find()
        .select_only()
        .column_as(column, "id")
        .column_as(Product::Id.count(), "n")
        .filter(condition)
        .group_by(column);
    Ok(find.into_model::<Counted>().all(db).await?)
}

/// Раздел считается вместе с вложенными.
async fn category_facet(db: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<ShelfFacet>> {
    let counted = counts_by(db, Product::CategoryId, scope.condition(Except::Category)).await?;
    let loaded;
    let tree = match &scope.tree {
        Some(tree) => tree,
        None => {
            loaded = Tree::load(db).await?;
            &loaded
        }
    };
    let mut totals: HashMap<i64, u64> = HashMap::new();
    for row in counted {
        for above in row.id.into_iter().flat_map(|id| tree.ancestors(id)) {
            *totals.entry(above).or_default() += row.n.unsigned_abs();
        }
    }
    let visible = tree.visible();
    let rows = category::Entity::find().filter(category::Column::Id.is_in(totals.keys().copied())).all(db).await?;
    let mut rows: HashMap<i64, category::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
    let facet = |id: i64| {
        let row = rows.remove(&id).filter(|_| visible.contains(&id))?;
        let count = totals.get(&id).copied().unwrap_or_default();
        Some(ShelfFacet { id, name: row.name, slug: row.slug, count, parent_id: row.parent_id })
    };
    Ok(tree.in_order().into_iter().filter_map(facet).collect())
}

async fn brand_facet(db: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<ShelfFacet>> {
    let condition = scope.condition(Except::Brand).add(Product::BrandId.is_not_null());
    let counted = counts_by(db, Product::BrandId, condition).await?;
    let counts: HashMap<i64, u64> =
        counted.into_iter().filter_map(|row| Some((row.id?, row.n.unsigned_abs()))).collect();
    let rows = brand::Entity::find()
        .filter(brand::Column::Id.is_in(counts.keys().copied()))
        .order_by_asc(brand::Column::Position)
        .order_by_asc(brand::Column::Name)
        .all(db)
        .await?;
    let facet = |row: brand::Model| ShelfFacet {
        id: row.id,
        name: row.name,
        slug: row.slug,
        count: counts.get(&row.id).copied().unwrap_or_default(),
        parent_id: None,
    };
    Ok(rows.into_iter().map(facet).collect())
}

async fn attribute_facets(db: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<AttributeFacet>> {
    let attributes = attribute::Entity::find()
        .filter(attribute::Column::IsFilterable.eq(true))
        .order_by_asc(attribute::Column::Position)
        .order_by_asc(attribute::Column::Id)
        .all(db)
        .await?;
    if attributes.is_empty() {
        return Ok(Vec::new());
    }
    let chosen: Vec<i64> = scope.attributes.iter().map(|chosen| chosen.attribute.id).collect();
    let others: Vec<i64> = attributes.iter().map(|a| a.id).filter(|id| !chosen.contains(id)).collect();
    let mut counted = value_counts(db, others, scope.condition(Except::Nothing)).await?;
    for id in chosen {
        counted.extend(value_counts(db, vec![id], scope.condition(Except::Attribute(id))).await?);
    }
    let mut by_attribute: HashMap<i64, Vec<CountedValue>> = HashMap::new();
    for row in counted {
        by_attribute.entry(row.attribute_id).or_default().push(row);
    }
    let choices = choices_of(db, &attributes).await?;
    let mut out = Vec::new();
    for attribute in attributes {
        if let Some(rows) = by_attribute.remove(&attribute.id) {
            out.push(attribute_facet(attribute, rows, &choices));
        }
    }
    Ok(out)
}

async fn value_counts(
    db: &impl ConnectionTrait,
    attributes: Vec<i64>,
    condition: Condition,
) -> Result<Vec<CountedValue>> {
    if attributes.is_empty() {
        return Ok(Vec::new());
    }
    use attribute_value::Column;
    let find = attribute_value::Entity::find()
        .inner_join(product::Entity)
        .select_only()
        .column(Column::AttributeId)
        .column(Column::ValueKey)
        .column_as(Column::TextValue.min(), "text")
        .column_as(Column::Id.count(), "n")
        .filter(Column::AttributeId.is_in(attributes))
        .filter(condition)
        .group_by(Column::AttributeId)
        .group_by(Column::ValueKey);
    Ok(find.into_model::<CountedValue>().all(db).await?)
}

/// Название и место значения в перечне.
type Choices = HashMap<(i64, String), (i64, String)>;

async fn choices_of(db: &impl ConnectionTrait, attributes: &[attribute::Model]) -> Result<Choices> {
    let ids: Vec<i64> = attributes.iter().filter(|a| a.kind == AttributeKind::Choice).map(|a| a.id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let find = attribute_choice::Entity::find().filter(attribute_choice::Column::AttributeId.is_in(ids));
    let rows = find.all(db).await?;
    Ok(rows.into_iter().map(|c| ((c.attribute_id, c.slug), (c.position, c.title))).collect())
}

/// Значения: перечень — в своём порядке, числа — по величине, остальное — сначала частое.
fn attribute_facet(attribute: attribute::Model, rows: Vec<CountedValue>, choices: &Choices) -> AttributeFacet {
    let mut values: BTreeMap<(i64, String), ValueFacet> = BTreeMap::new();
    for row in rows {
        let choice = choices.get(&(attribute.id, row.value_key.clone()));
        let title = match attribute.kind {
            AttributeKind::Choice => choice.map(|(_, title)| title.clone()),
            AttributeKind::Boolean => Some(if row.value_key == "true" { "да" } else { "нет" }.to_owned()),
            AttributeKind::Text => row.text,
            AttributeKind::Number => None,
        };
        let rank = match attribute.kind {
            AttributeKind::Choice => choice.map_or(i64::MAX, |(position, _)| *position),
            AttributeKind::Number => crate::services::attribute_values::milli(&row.value_key).unwrap_or(i64::MAX),
            _ => -row.n,
        };
        let title = title.unwrap_or_else(|| row.value_key.clone());
        let facet = ValueFacet { value: row.value_key.clone(), title, count: row.n.unsigned_abs() };
        values.insert((rank, row.value_key), facet);
    }
    AttributeFacet {
        slug: attribute.slug,
        name: attribute.name,
        kind: attribute.kind,
        unit: attribute.unit,
        values: values.into_values().take(MAX_VALUES).collect(),
    }
}
