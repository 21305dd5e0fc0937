//! Как слова выгрузки ложатся на поля каталога. Чистые функции, без базы.

use std::collections::BTreeMap;

use catalog::normalize;

use crate::formats::{COLOR, Milli, OfferRecord, OptionValue, SIZE, Vat};

/// Ставки НДС, какие бывают в чеке (54-ФЗ), процентов.
const VAT_RATES: [u8; 6] = [0, 5, 7, 10, 20, 22];
/// Длина значения характеристики варианта и самих характеристик, знаков (правила каталога).
const OPTION_VALUE: usize = 50;
const OPTION_NAME: usize = 30;
const OPTIONS: usize = 5;

/// `Err` — такой ставки в чеке быть не может.
pub fn vat(vat: Option<Vat>) -> Result<Option<i32>, u8> {
    match vat {
        None | Some(Vat::Exempt) => Ok(None),
        Some(Vat::Percent(rate)) if VAT_RATES.contains(&rate) => Ok(Some(i32::from(rate))),
        Some(Vat::Percent(rate)) => Err(rate),
    }
}

/// Код ОКЕИ в подпись. Незнакомая единица остаётся «шт».
pub fn unit(code: &str) -> Option<&'static str> {
    Some(match code {
        "796" => "шт",
        "166" => "кг",
        "163" => "г",
        "112" => "л",
        "111" => "мл",
        "006" | "6" => "м",
        "055" | "55" => "м²",
        "113" => "м³",
        "715" => "пара",
        "778" => "упак",
        "839" => "компл",
        "704" => "набор",
        _ => return None,
    })
}

/// HTML в простой текст: каталог хранит и показывает текст, поэтому разметка и сценарии не нужны вовсе.
pub fn html_to_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        let tag = &rest[open + 1..];
        let Some(close) = tag.find('>') else {
            rest = "";
            break;
        };
        let name: String = tag.chars().take_while(|c| c.is_alphanumeric() || *c == '/').collect();
        match name.to_lowercase().as_str() {
            "br" | "br/" | "/p" | "/div" | "/li" | "/tr" => text.push('\n'),
            _ => {}
        }
        rest = &tag[close + 1..];
        for hidden in ["script", "style"] {
            if name.eq_ignore_ascii_case(hidden) {
                rest = after_closing(rest, hidden);
            }
        }
    }
    text.push_str(rest);
    let known = [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    known.iter().fold(text, |text, (entity, plain)| text.replace(entity, plain)).trim().to_owned()
}

fn after_closing<'a>(text: &'a str, name: &str) -> &'a str {
    let needle = format!("</{name}");
    let lower = text.to_ascii_lowercase();
    lower.find(&needle).map_or("", |at| &text[at..])
}

/// Остаток каталог считает целыми: дробный округляем вниз. `true` — пришлось округлять.
pub fn whole(stock: Milli) -> (i64, bool) {
    (stock.div_euclid(1000), stock.rem_euclid(1000) != 0)
}

/// Размер и остальные характеристики варианта.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VariantShape {
    pub size: Option<String>,
    pub options: BTreeMap<String, String>,
    pub title: String,
}

/// Характеристики берём из пар, нет пар — из скобок в конце названия.
pub fn shape(offer: &OfferRecord, extra: &[OptionValue]) -> VariantShape {
    if offer.is_base() {
        return VariantShape::default();
    }
    let mut shape = VariantShape::default();
    let named = if offer.options.is_empty() { extra } else { &offer.options };
    for option in named {
        let value = cut(&option.value, OPTION_VALUE);
        if normalize::key(&option.name) == normalize::key(SIZE) {
            shape.size.get_or_insert(value);
        } else if shape.options.len() < OPTIONS && !option.name.is_empty() {
            shape.options.entry(cut(&option.name, OPTION_NAME)).or_insert(value);
        }
    }
    let tail = offer.bracket();
    if shape.size.is_none() && shape.options.is_empty() {
        shape.size = tail.map(|tail| cut(tail, OPTION_VALUE));
    }
    // Имя варианта целиком, если кроме него о варианте ничего не известно.
    let parts = shape.size.iter().chain(shape.options.values()).cloned().collect::<Vec<_>>();
    shape.title = match (named.is_empty(), &offer.name) {
        (true, Some(name)) => cut(name, 200),
        _ => cut(&parts.join(" / "), 200),
    };
    shape
}

/// Свойства предложения, которые на деле задают вариант: размер и цвет.
pub fn variant_property(name: &str) -> Option<&'static str> {
    [SIZE, COLOR].into_iter().find(|known| normalize::key(known) == normalize::key(name))
}

fn cut(text: &str, max: usize) -> String {
    text.trim().chars().take(max).collect()
}

/// Артикул, по которому товар ещё можно отличить, когда сам артикул занят или не задан.
pub fn spare_article(article: Option<&str>, id: &str) -> String {
    const WIDTH: usize = 100;
    let own: String = match article {
        Some(article) => format!("{article} ({id})"),
        None => id.to_owned(),
    };
    if own.chars().count() <= WIDTH {
        return own;
    }
    let length = id.chars().count();
    id.chars().skip(length.saturating_sub(WIDTH)).collect()
}
