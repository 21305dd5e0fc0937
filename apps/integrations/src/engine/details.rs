//! Галерея и характеристики уже заведённых товаров.

use std::collections::{BTreeMap, HashMap, HashSet};

use catalog::models::attribute::AttributeKind;
use catalog::models::{attribute_value, product_media};
use catalog::normalize;
use catalog::schemas::{AttributeInput, MediaIn, Scalar};
use catalog::services::attribute_values::{milli, milli_text};
use catalog::services::media;
use kernel::data::in_lists;
use kernel::{Result, Work};
use sea_orm::entity::prelude::*;

use super::state::{Choice, Property};
use super::step::{Step, fit};
use crate::formats::ProductRecord;

/// Картинки с полными адресами. Пути внутри выгрузки каталогу не показать: самих файлов у него нет.
pub fn gallery(record: &ProductRecord) -> Vec<MediaIn> {
    let is_address = |path: &str| path.starts_with("http://") || path.starts_with("https://");
    let is_clean = |path: &str| !path.chars().any(|c| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '\\'));
    record
        .images
        .iter()
        .filter(|image| is_address(&image.path) && is_clean(&image.path) && image.path.chars().count() <= 500)
        .map(|image| MediaIn {
            url: image.path.clone(),
            alt: fit(image.caption.as_deref().unwrap_or_default(), 255),
            ..MediaIn::default()
        })
        .collect()
}

pub async fn media_of(work: &Work, products: &[i64]) -> Result<HashMap<i64, Vec<String>>> {
    let mut found: HashMap<i64, Vec<String>> = HashMap::new();
    for list in in_lists(products) {
        let rows = product_media::Entity::find().filter(product_media::Column::ProductId.is_in(list));
        for row in rows.all(work.db()).await? {
            found.entry(row.product_id).or_default().push(row.url);
        }
    }
    Ok(found)
}

/// Добавляет картинки, которых ещё нет; чужих и прежних не убирает.
pub async fn add_media(
    step: &mut Step<'_>,
    product: i64,
    wanted: &[MediaIn],
    had: Option<Vec<String>>,
) -> Result<bool> {
    /// Больше файлов у товара каталог не держит.
    const GALLERY: usize = 200;
    let had = had.unwrap_or_default();
    let room = GALLERY.saturating_sub(had.len());
    let fresh: Vec<&MediaIn> = wanted.iter().filter(|media| !had.contains(&media.url)).take(room).collect();
    for media in &fresh {
        media::add_media(step.work, product, (*media).clone()).await?;
    }
    Ok(!fresh.is_empty())
}

pub async fn values_of(work: &Work, products: &[i64]) -> Result<HashMap<i64, Vec<attribute_value::Model>>> {
    let mut found: HashMap<i64, Vec<attribute_value::Model>> = HashMap::new();
    for list in in_lists(products) {
        let rows = attribute_value::Entity::find().filter(attribute_value::Column::ProductId.is_in(list));
        for row in rows.all(work.db()).await? {
            found.entry(row.product_id).or_default().push(row);
        }
    }
    Ok(found)
}

/// Значение характеристики, каким оно ляжет в каталог.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    attribute_id: i64,
    slug: String,
    scalar: Scalar,
    choice_id: Option<i64>,
    key: String,
    text: Option<String>,
    number: Option<i64>,
}

impl Value {
    /// `None` — значение не подходит виду характеристики.
    pub fn parse(property: &Property, text: &str, choice: Option<&Choice>) -> Option<Self> {
        let value = |scalar: &str, key: String| Value {
            attribute_id: property.attribute_id,
            slug: property.slug.clone(),
            scalar: Scalar::Text(scalar.to_owned()),
            choice_id: None,
            key,
            text: None,
            number: None,
        };
        match property.kind {
            AttributeKind::Choice => {
                let choice = choice?;
                Some(Value { choice_id: Some(choice.id), ..value(&choice.slug, choice.slug.clone()) })
            }
            AttributeKind::Number => {
                let digits = text.replace([' ', '\u{a0}'], "");
                let number = milli(&digits)?;
                Some(Value { number: Some(number), ..value(&digits, milli_text(number)) })
            }
            _ => {
                let text = fit(text, 1000);
                Some(Value { text: Some(text.clone()), ..value(&text, normalize::key_of(&text, 200)) })
            }
        }
    }

    fn row(&self) -> Row<'_> {
        (&self.key, self.text.as_deref(), self.number, self.choice_id)
    }
}

/// Значения в том виде, в каком их принимает новый товар.
pub fn inputs(values: &[Value]) -> BTreeMap<String, AttributeInput> {
    let mut lists: BTreeMap<String, Vec<Scalar>> = BTreeMap::new();
    for value in values {
        lists.entry(value.slug.clone()).or_default().push(value.scalar.clone());
    }
    lists.into_iter().map(|(slug, list)| (slug, AttributeInput::Many(list))).collect()
}

/// Характеристики, чьи значения в выгрузке другие; остальные не упоминаются и остаются как есть.
pub fn changed_values(wanted: &[Value], had: &[attribute_value::Model]) -> BTreeMap<String, AttributeInput> {
    let mut different: Vec<Value> = Vec::new();
    let ids: HashSet<i64> = wanted.iter().map(|value| value.attribute_id).collect();
    for id in ids {
        let want: HashSet<Row<'_>> = wanted.iter().filter(|v| v.attribute_id == id).map(Value::row).collect();
        let have: HashSet<Row<'_>> = had.iter().filter(|row| row.attribute_id == id).map(row_of).collect();
        if want != have {
            different.extend(wanted.iter().filter(|value| value.attribute_id == id).cloned());
        }
    }
    inputs(&different)
}

/// Значение, каким оно лежит в таблице.
type Row<'v> = (&'v str, Option<&'v str>, Option<i64>, Option<i64>);

fn row_of(row: &attribute_value::Model) -> Row<'_> {
    (&row.value_key, row.text_value.as_deref(), row.number_value, row.choice_id)
}
