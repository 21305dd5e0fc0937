//! Товар словами страниц: карточка списка, страница товара. Деньги — в копейках, их пишет фильтр `rub`.

use std::collections::BTreeSet;

use catalog::models::product::OrderType;
use catalog::models::product_media::MediaKind;
use catalog::schemas::{Dimensions, MediaOut, ProductDetail, ProductOut, VariantOut};
use catalog::services::files::copies_of;
use serde::Serialize;
use serde_json::Value;

use crate::format::decimal;

/// Товар в списке.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    pub slug: String,
    pub name: String,
    pub price: i64,
    /// У вариантов разные цены: `price` — наименьшая.
    pub price_from: bool,
    pub old_price: Option<i64>,
    /// Процент скидки, целый.
    pub discount: Option<i64>,
    pub is_new: bool,
    pub stock: i64,
    pub is_preorder: bool,
    /// Все волны предзаказа полны.
    pub waits: bool,
    pub manufacturing_days: Option<i64>,
    pub sizes: Vec<String>,
    pub picture: Option<String>,
}

impl Card {
    /// `width` — ширина картинки на экране, точек.
    pub fn of(product: &ProductOut, width: u32) -> Card {
        let prices: BTreeSet<i64> = product.variants.iter().map(|variant| variant.price.to_minor()).collect();
        let price = prices.first().copied().unwrap_or(product.price.to_minor());
        let old_price = product.old_price.map(|old| old.to_minor()).filter(|old| *old > price);
        Card {
            slug: product.slug.clone(),
            name: product.name.clone(),
            price,
            price_from: prices.len() > 1,
            old_price,
            discount: old_price.map(|old| (old - price) * 100 / old).filter(|percent| *percent > 0),
            is_new: product.is_new,
            stock: sellable_stock(product),
            is_preorder: product.order_type == OrderType::Preorder,
            waits: product.order_type == OrderType::Waiting && product.preorder_waves_total > 0,
            manufacturing_days: product.manufacturing_time,
            sizes: product.sizes.clone(),
            picture: pictures(&product.media, width).into_iter().next(),
        }
    }
}

/// Сколько можно заказать; у предзаказа — сколько мест в открытой волне.
fn sellable_stock(product: &ProductOut) -> i64 {
    match product.order_type {
        OrderType::Order => product.stock_count,
        OrderType::Preorder => product.preorder_wave_capacity - product.current_wave_count,
        OrderType::Waiting => 0,
    }
}

/// Ширина картинки карточки, большой картинки и строки корзины на экране, точек.
pub const CARD_WIDTH: u32 = 480;
pub const PAGE_WIDTH: u32 = 900;
pub const LINE_WIDTH: u32 = 160;

fn pictures(media: &[MediaOut], width: u32) -> Vec<String> {
    let images = media.iter().filter(|media| media.kind == MediaKind::Image);
    images.map(|image| narrow(&image.url, width)).collect()
}

/// Самая маленькая копия картинки не уже `width`; у чужих картинок копий нет.
pub fn narrow(url: &str, width: u32) -> String {
    let copies = copies_of(url).into_iter().filter_map(|(size, copy)| Some((size.parse::<u32>().ok()?, copy)));
    let fits = copies.filter(|(size, _)| *size >= width).min_by_key(|(size, _)| *size);
    fits.map_or_else(|| url.to_owned(), |(_, copy)| copy)
}

/// Страница товара.
#[derive(Clone, Debug, Serialize)]
pub struct Product {
    #[serde(flatten)]
    pub card: Card,
    pub article: String,
    pub summary: String,
    /// По абзацам.
    pub description: Vec<String>,
    pub pictures: Vec<String>,
    pub variants: Vec<Variant>,
    pub facts: Vec<Fact>,
    pub care: String,
    pub size_table: Option<SizeTable>,
    /// Адрес 3D-модели.
    pub model: Option<String>,
}

/// Что можно выбрать: размер или другой вариант.
#[derive(Clone, Debug, Serialize)]
pub struct Variant {
    pub id: i64,
    pub name: String,
    pub stock: i64,
    pub chosen: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    pub name: String,
    pub value: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct SizeTable {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Product {
    /// `chosen` — вариант, который отметить сразу.
    pub fn of(detail: &ProductDetail, chosen: Option<i64>) -> Product {
        let product = &detail.product;
        let model = product.media.iter().find(|media| media.kind == MediaKind::Model3d);
        Product {
            card: Card::of(product, PAGE_WIDTH),
            article: product.article.clone(),
            summary: product.summary.clone(),
            description: paragraphs(&product.description),
            pictures: pictures(&product.media, PAGE_WIDTH),
            variants: product.variants.iter().map(|variant| variant_of(product, variant, chosen)).collect(),
            facts: facts(detail),
            care: product.care_instructions.clone(),
            size_table: product.size_table.as_ref().and_then(size_table),
            model: model.map(|media| media.url.clone()),
        }
    }
}

fn variant_of(product: &ProductOut, variant: &VariantOut, chosen: Option<i64>) -> Variant {
    let stock = match product.order_type {
        OrderType::Order => variant.stock_count,
        _ => sellable_stock(product),
    };
    Variant { id: variant.id, name: variant.title.clone(), stock, chosen: chosen == Some(variant.id) && stock > 0 }
}

/// Абзацы разделены пустой строкой.
fn paragraphs(text: &str) -> Vec<String> {
    let parts = text.split("\n\n").map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

fn facts(detail: &ProductDetail) -> Vec<Fact> {
    let product = &detail.product;
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            facts.push(Fact { name: name.to_owned(), value });
        }
    };
    fact("Ширина × высота × глубина", dimensions(product.dimensions));
    fact("Материалы", product.materials.clone());
    for attribute in &detail.attributes {
        let titles: Vec<&str> = attribute.values.iter().map(|value| value.title.as_str()).collect();
        let unit = attribute.unit.as_deref().map(|unit| format!("\u{a0}{unit}")).unwrap_or_default();
        fact(&attribute.name, format!("{}{unit}", titles.join(", ")));
    }
    fact("Комплект", product.equipment.clone());
    fact("Вес", product.weight.map(weight).unwrap_or_default());
    fact("Бренд", detail.brand.as_ref().map(|brand| brand.name.clone()).unwrap_or_default());
    facts
}

/// Миллиметры → «240 × 220 × 60 см»; неполные размеры не показываем.
fn dimensions(size: Dimensions) -> String {
    let centimetres = |mm: i64| decimal(mm as f64 / 10.0);
    match (size.width, size.height, size.depth) {
        (Some(width), Some(height), Some(depth)) => {
            format!("{} × {} × {}\u{a0}см", centimetres(width), centimetres(height), centimetres(depth))
        }
        _ => String::new(),
    }
}

/// Граммы → «780 г» или «74 кг».
fn weight(grams: i64) -> String {
    if grams < 1000 { format!("{grams}\u{a0}г") } else { format!("{}\u{a0}кг", decimal(grams as f64 / 1000.0)) }
}

/// `{"columns": […], "rows": [[…]]}` или `{"S": {"Грудь": 88}}` — как в контрактах старых систем. Иное не показываем.
fn size_table(table: &Value) -> Option<SizeTable> {
    if let (Some(columns), Some(rows)) = (table["columns"].as_array(), table["rows"].as_array()) {
        let rows = rows.iter().filter_map(Value::as_array).map(|row| row.iter().map(cell).collect());
        return Some(SizeTable { columns: columns.iter().map(cell).collect(), rows: rows.collect() });
    }
    let sizes = table.as_object()?;
    let names: BTreeSet<&String> = sizes.values().filter_map(Value::as_object).flat_map(|row| row.keys()).collect();
    if names.is_empty() {
        return None;
    }
    let columns = std::iter::once("Размер".to_owned()).chain(names.iter().map(|name| (*name).clone()));
    let row = |(size, values): (&String, &Value)| {
        let cells = names.iter().map(|name| cell(&values[name.as_str()]));
        std::iter::once(size.clone()).chain(cells).collect()
    };
    Some(SizeTable { columns: columns.collect(), rows: sizes.iter().map(row).collect() })
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string().replace('.', ","),
        _ => String::new(),
    }
}
