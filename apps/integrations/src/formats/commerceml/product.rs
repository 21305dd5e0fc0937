//! `Товар` из `Каталог/Товары`.

use super::offer::{characteristic_options, property_values};
use super::tree::Node;
use super::{is_deleted, required_id};
use crate::formats::numbers::{clean, fixed};
use crate::formats::problem::ProblemKind;
use crate::formats::record::{GroupRef, ImageRecord, OfferRecord, ProductRecord, Vat, Visibility, bracket};

/// Товар и, если выгрузка старая (`Ид` = `товар#характеристика`), его вариант.
pub fn parse(
    node: Node<'_>,
    line: u64,
    notes: &mut Vec<ProblemKind>,
) -> Result<(ProductRecord, Option<OfferRecord>), ProblemKind> {
    let full_id = required_id(node)?;
    let deleted = is_deleted(node);
    let name = node.get("Наименование");
    if name.is_none() && !deleted {
        return Err(ProblemKind::Missing("Наименование"));
    }
    let requisites = Requisites::of(node);
    let mut product = ProductRecord {
        id: full_id.clone(),
        line,
        article: node.get("Артикул"),
        name,
        description: node.get("Описание"),
        description_html: requisites.html,
        groups: node.items("Группы", "Ид").filter_map(Node::value).map(GroupRef::Id).collect(),
        brand: brand(node),
        barcode: node.get("Штрихкод"),
        unit_code: unit_code(node),
        vat: node.items("СтавкиНалогов", "СтавкаНалога").find_map(vat),
        weight: weight(node.get("Вес").or(requisites.weight), notes),
        images: images(node, &requisites.captions),
        properties: property_values(node),
        is_service: requisites.is_service,
        visibility: Some(if deleted { Visibility::Archived } else { Visibility::Active }),
        is_part: false,
    };
    let Some((base, _)) = full_id.split_once('#') else {
        return Ok((product, None));
    };
    let variant = OfferRecord {
        id: full_id.clone(),
        product_id: base.to_owned(),
        line,
        article: product.article.take(),
        name: product.name.clone(),
        barcode: product.barcode.take(),
        options: characteristic_options(node),
        visibility: product.visibility,
        ..OfferRecord::default()
    };
    base.clone_into(&mut product.id);
    product.is_part = true;
    // У кусков одного товара названия различаются только хвостом в скобках.
    product.name = product.name.map(|name| bracket(&name).map_or(name.clone(), |(head, _)| head.to_owned()));
    // Удалена характеристика, а не весь товар.
    product.visibility = Some(Visibility::Active);
    Ok((product, Some(variant)))
}

fn brand(node: Node<'_>) -> Option<String> {
    node.get("ТорговаяМарка").or_else(|| node.child("Изготовитель")?.get("Наименование"))
}

/// Код единицы: атрибут `Код="796 "` (с пробелом на конце) или просто текст `796` в 3.1.
fn unit_code(node: Node<'_>) -> Option<String> {
    let unit = node.child("БазоваяЕдиница")?;
    let digits = |text: &String| text.chars().all(|c| c.is_ascii_digit());
    unit.get("@Код").or_else(|| unit.value().filter(digits))
}

fn vat(tax: Node<'_>) -> Option<Vat> {
    let rate = tax.get("Ставка")?.to_lowercase();
    if rate.contains("без") {
        return Some(Vat::Exempt);
    }
    let percent = fixed(rate.trim_end_matches('%'), 0)?;
    u8::try_from(percent).ok().filter(|p| *p <= 100).map(Vat::Percent)
}

/// Вес в 1С — килограммы.
fn weight(text: Option<String>, notes: &mut Vec<ProblemKind>) -> Option<i64> {
    let text = text?;
    let grams = fixed(&text, 3).filter(|grams| *grams >= 0);
    if grams.is_none() {
        notes.push(ProblemKind::IgnoredValue { field: "Вес", value: text });
    }
    grams.filter(|grams| *grams > 0)
}

fn images(node: Node<'_>, captions: &[(String, String)]) -> Vec<ImageRecord> {
    let caption = |path: &str| captions.iter().find(|(p, _)| p == path).map(|(_, text)| text.clone());
    node.named("Картинка").filter_map(Node::value).map(|path| ImageRecord { caption: caption(&path), path }).collect()
}

/// Реквизиты, которые что-то значат для витрины.
#[derive(Default)]
struct Requisites {
    html: Option<String>,
    weight: Option<String>,
    is_service: bool,
    /// Пары (путь картинки, подпись).
    captions: Vec<(String, String)>,
}

impl Requisites {
    fn of(node: Node<'_>) -> Self {
        let mut found = Self::default();
        for requisite in node.items("ЗначенияРеквизитов", "ЗначениеРеквизита") {
            let Some(name) = requisite.get("Наименование") else {
                continue;
            };
            for value in requisite.named("Значение").filter_map(Node::value) {
                found.take(&name, value);
            }
        }
        found
    }

    fn take(&mut self, name: &str, value: String) {
        match name {
            "ОписаниеВФорматеHTML" => self.html = Some(value),
            "Вес" => self.weight = Some(value),
            "ТипНоменклатуры" => self.is_service = value == "Услуга",
            "ОписаниеФайла" => {
                if let Some((path, text)) = value.split_once('#')
                    && let Some(text) = clean(text)
                {
                    self.captions.push((path.to_owned(), text));
                }
            }
            _ => {}
        }
    }
}
