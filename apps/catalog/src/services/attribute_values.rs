//! Значения характеристик товара: проверка по виду характеристики и запись.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::data::insert_all;
use kernel::{Error, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, Set};

use crate::models::attribute::AttributeKind;
use crate::models::{attribute, attribute_choice, attribute_value};
use crate::normalize;
use crate::schemas::{AttributeInput, Scalar};

/// Товар и присланные для него значения по slug характеристики.
pub(super) type ProductAttributes<'a> = (i64, &'a BTreeMap<String, AttributeInput>);

/// Записывает значения новых товаров.
pub(super) async fn insert(work: &Work, products: &[ProductAttributes<'_>]) -> Result<()> {
    let slugs: BTreeSet<&String> = products.iter().flat_map(|(_, values)| values.keys()).collect();
    if slugs.is_empty() {
        return Ok(());
    }
    let book = Book::load(work, slugs).await?;
    let mut rows = Vec::new();
    for (product, values) in products {
        for (slug, input) in *values {
            rows.extend(book.rows(*product, slug, input)?);
        }
    }
    Ok(insert_all(work.db(), rows).await?)
}

/// Заменяет значения названных характеристик товара; пустой список убирает характеристику.
pub(super) async fn replace(work: &Work, product: i64, values: &BTreeMap<String, AttributeInput>) -> Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    let book = Book::load(work, values.keys().collect()).await?;
    let ids = values.keys().filter_map(|slug| book.attributes.get(slug)).map(|attribute| attribute.id);
    attribute_value::Entity::delete_many()
        .filter(attribute_value::Column::ProductId.eq(product))
        .filter(attribute_value::Column::AttributeId.is_in(ids))
        .exec(work.db())
        .await?;
    insert(work, &[(product, values)]).await
}

/// Описания характеристик, нужных этой записи.
struct Book {
    attributes: HashMap<String, attribute::Model>,
    choices: HashMap<(i64, String), i64>,
}

impl Book {
    async fn load(work: &Work, slugs: BTreeSet<&String>) -> Result<Book> {
        let rows = attribute::Entity::find()
            .filter(attribute::Column::Slug.is_in(slugs.into_iter().cloned()))
            .all(work.db())
            .await?;
        let ids: Vec<i64> = rows.iter().filter(|a| a.kind == AttributeKind::Choice).map(|a| a.id).collect();
        let choices = if ids.is_empty() {
            Vec::new()
        } else {
            let find = attribute_choice::Entity::find().filter(attribute_choice::Column::AttributeId.is_in(ids));
            find.all(work.db()).await?
        };
        Ok(Book {
            attributes: rows.into_iter().map(|row| (row.slug.clone(), row)).collect(),
            choices: choices.into_iter().map(|c| ((c.attribute_id, c.slug), c.id)).collect(),
        })
    }

    fn rows(&self, product: i64, slug: &str, input: &AttributeInput) -> Result<Vec<attribute_value::ActiveModel>> {
        let field = format!("attributes.{slug}");
        let Some(attribute) = self.attributes.get(slug) else {
            return Err(Error::invalid(&field, "catalog.unknown_attribute"));
        };
        let values = input.values();
        let several = matches!(attribute.kind, AttributeKind::Text | AttributeKind::Choice);
        if values.len() > if several { 50 } else { 1 } {
            return Err(Error::invalid(&field, "catalog.one_value"));
        }
        let mut rows: BTreeMap<String, attribute_value::ActiveModel> = BTreeMap::new();
        for value in values {
            let parsed = self.parse(attribute, value).map_err(|code| Error::invalid(&field, code))?;
            let row = attribute_value::ActiveModel {
                id: NotSet,
                product_id: Set(product),
                attribute_id: Set(attribute.id),
                choice_id: Set(parsed.choice),
                value_key: Set(parsed.key.clone()),
                text_value: Set(parsed.text),
                number_value: Set(parsed.number),
            };
            rows.insert(parsed.key, row);
        }
        Ok(rows.into_values().collect())
    }

    fn parse(&self, attribute: &attribute::Model, value: &Scalar) -> Result<Parsed, &'static str> {
        match (attribute.kind, value) {
            (AttributeKind::Text, Scalar::Text(text)) => parse_text(text),
            (AttributeKind::Number, Scalar::Number(number)) => parse_number(&number.to_string()),
            (AttributeKind::Number, Scalar::Text(text)) => parse_number(text),
            (AttributeKind::Boolean, Scalar::Boolean(yes)) => {
                Ok(Parsed { key: yes.to_string(), number: Some(if *yes { 1000 } else { 0 }), ..Default::default() })
            }
            (AttributeKind::Choice, Scalar::Text(slug)) => match self.choices.get(&(attribute.id, slug.clone())) {
                Some(choice) => Ok(Parsed { key: slug.clone(), choice: Some(*choice), ..Default::default() }),
                None => Err("bad_value"),
            },
            _ => Err("bad_value"),
        }
    }
}

#[derive(Default)]
struct Parsed {
    key: String,
    choice: Option<i64>,
    text: Option<String>,
    number: Option<i64>,
}

fn parse_text(text: &str) -> Result<Parsed, &'static str> {
    let text = text.trim();
    if !(1..=1000).contains(&text.chars().count()) {
        return Err("too_long:1000");
    }
    Ok(Parsed { key: normalize::key_of(text, 200), text: Some(text.to_owned()), ..Default::default() })
}

fn parse_number(text: &str) -> Result<Parsed, &'static str> {
    let milli = milli(text).ok_or("catalog.bad_number")?;
    Ok(Parsed { key: milli_text(milli), number: Some(milli), ..Default::default() })
}

/// Число с тремя знаками после запятой → тысячные доли.
pub fn milli(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits_only = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || fraction.len() > 3 || !digits_only(whole) || !digits_only(fraction) {
        return None;
    }
    let thousandths: i64 = format!("{whole}{fraction:0<3}").parse().ok()?;
    Some(if negative { -thousandths } else { thousandths })
}

/// Тысячные доли → короткая запись: `60`, `2.5`, `-0.125`.
pub fn milli_text(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let abs = milli.unsigned_abs();
    let text = format!("{sign}{}.{:03}", abs / 1000, abs % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
