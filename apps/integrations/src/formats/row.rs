//! Строка таблицы: одни и те же поля у CSV и JSONL.

use super::numbers::{boolean, fixed};
use super::problem::ProblemKind;
use super::record::{
    GroupRef, ImageRecord, OfferRecord, OptionValue, PRICE_OLD, PRICE_RETAIL, PriceRecord, ProductRecord, Stock, Vat,
    Visibility,
};

/// Имена характеристик варианта, общие для всех форматов.
pub const SIZE: &str = "Размер";
pub const COLOR: &str = "Цвет";
/// Длиннее артикулов каталог не хранит.
const ARTICLE_LIMIT: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Article,
    ParentArticle,
    Name,
    Description,
    Category,
    Brand,
    Price,
    OldPrice,
    Stock,
    Size,
    Color,
    Barcode,
    Images,
    Weight,
    Vat,
    IsActive,
}

/// Первое имя — основное, его показываем людям.
const COLUMNS: [(Column, &[&str]); 16] = [
    (Column::Article, &["article", "артикул", "sku"]),
    (Column::ParentArticle, &["parent_article", "родитель", "parent"]),
    (Column::Name, &["name", "название", "наименование"]),
    (Column::Description, &["description", "описание"]),
    (Column::Category, &["category", "категория", "раздел"]),
    (Column::Brand, &["brand", "бренд", "производитель"]),
    (Column::Price, &["price", "цена"]),
    (Column::OldPrice, &["old_price", "старая_цена"]),
    (Column::Stock, &["stock", "остаток", "stock_count"]),
    (Column::Size, &["size", "размер"]),
    (Column::Color, &["color", "цвет"]),
    (Column::Barcode, &["barcode", "штрихкод"]),
    (Column::Images, &["images", "картинки", "изображения", "фото"]),
    (Column::Weight, &["weight", "вес"]),
    (Column::Vat, &["vat", "ндс"]),
    (Column::IsActive, &["is_active", "активен"]),
];

/// Узнаёт столбец по заголовку: регистр, «ё» и пробелы не важны.
pub fn column(header: &str) -> Option<Column> {
    let key = header.trim().to_lowercase().replace('ё', "е").replace([' ', '-'], "_");
    COLUMNS.iter().find(|(_, names)| names.contains(&key.as_str())).map(|(column, _)| *column)
}

#[derive(Debug, Default)]
pub struct Row {
    values: [Option<String>; COLUMNS.len()],
}

impl Row {
    pub fn set(&mut self, column: Column, value: Option<String>) {
        self.values[column as usize] = value;
    }

    pub fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none)
    }

    pub fn article(&self) -> &str {
        self.values[Column::Article as usize].as_deref().unwrap_or_default()
    }

    fn take(&mut self, column: Column) -> Option<String> {
        self.values[column as usize].take()
    }

    /// Число со `scale` знаками, не отрицательное.
    fn number(&mut self, column: Column, field: &'static str, scale: u32) -> Result<Option<i64>, ProblemKind> {
        let Some(text) = self.take(column) else {
            return Ok(None);
        };
        match fixed(&text, scale) {
            Some(value) if value >= 0 => Ok(Some(value)),
            _ => Err(ProblemKind::BadNumber { field, value: text }),
        }
    }

    /// Товар и его вариант. Строки с одним `parent_article` (или с одним артикулом и разными
    /// размером и цветом) — варианты одного товара.
    pub fn into_records(
        mut self,
        line: u64,
        notes: &mut Vec<ProblemKind>,
    ) -> Result<(ProductRecord, Option<OfferRecord>), ProblemKind> {
        let article = self.take(Column::Article).ok_or(ProblemKind::Missing("article"))?;
        let parent = self.take(Column::ParentArticle).filter(|parent| *parent != article);
        for text in [Some(&article), parent.as_ref()].into_iter().flatten() {
            if text.chars().count() > ARTICLE_LIMIT {
                return Err(ProblemKind::TooLong { field: "article", limit: ARTICLE_LIMIT });
            }
        }
        let options = self.options();
        let id = parent.clone().unwrap_or_else(|| article.clone());
        let is_part = parent.is_some() || !options.is_empty();
        let visibility = self.visibility(notes);
        let offer = self.offer(line, &id, &article, parent.is_some(), options)?;
        let product = ProductRecord {
            article: Some(id.clone()),
            id,
            line,
            name: self.take(Column::Name),
            description: self.take(Column::Description),
            groups: self.take(Column::Category).map(|path| category(&path)).into_iter().collect(),
            brand: self.take(Column::Brand),
            vat: self.vat(notes),
            weight: self.number(Column::Weight, "weight", 3)?,
            images: self.images(),
            barcode: offer.as_ref().and_then(|offer| offer.barcode.clone()).filter(|_| !is_part),
            visibility: visibility.filter(|_| !is_part),
            is_part,
            ..ProductRecord::default()
        };
        let offer = offer.map(|offer| OfferRecord {
            name: product.name.clone(),
            visibility: visibility.filter(|_| is_part),
            ..offer
        });
        Ok((product, offer))
    }

    /// `None` — строка только про товар: ни цены, ни остатка, ни размера в ней нет.
    fn offer(
        &mut self,
        line: u64,
        product_id: &str,
        article: &str,
        has_parent: bool,
        options: Vec<OptionValue>,
    ) -> Result<Option<OfferRecord>, ProblemKind> {
        let price = self.number(Column::Price, "price", 2)?;
        let old_price = self.number(Column::OldPrice, "old_price", 2)?;
        let stock = self.number(Column::Stock, "stock", 3)?;
        let barcode = self.take(Column::Barcode);
        let is_base = !has_parent && options.is_empty();
        if is_base && price.is_none() && old_price.is_none() && stock.is_none() && barcode.is_none() {
            return Ok(None);
        }
        let tail = options.iter().map(|o| o.value.to_lowercase()).collect::<Vec<_>>().join("/");
        let id = match (has_parent, is_base) {
            (true, _) => format!("{product_id}#{article}"),
            (false, true) => product_id.to_owned(),
            (false, false) => format!("{product_id}#{tail}"),
        };
        let of_kind = |kind: &str, amount: Option<i64>| {
            let amount = amount?;
            Some(PriceRecord { type_id: kind.to_owned(), amount, currency: None, unit: None, coefficient: 1000 })
        };
        let prices = [of_kind(PRICE_RETAIL, price), of_kind(PRICE_OLD, old_price)];
        Ok(Some(OfferRecord {
            id,
            product_id: product_id.to_owned(),
            line,
            article: has_parent.then(|| article.to_owned()),
            barcode,
            options,
            prices: prices.into_iter().flatten().collect(),
            stock: stock.map(|total| Stock { total, by_warehouse: Vec::new() }),
            ..OfferRecord::default()
        }))
    }

    fn options(&mut self) -> Vec<OptionValue> {
        [(Column::Size, SIZE), (Column::Color, COLOR)]
            .into_iter()
            .filter_map(|(column, name)| Some(OptionValue { name: name.to_owned(), value: self.take(column)? }))
            .collect()
    }

    fn visibility(&mut self, notes: &mut Vec<ProblemKind>) -> Option<Visibility> {
        let text = self.take(Column::IsActive)?;
        match boolean(&text) {
            Some(true) => Some(Visibility::Active),
            Some(false) => Some(Visibility::Hidden),
            None => {
                notes.push(ProblemKind::IgnoredValue { field: "is_active", value: text });
                None
            }
        }
    }

    fn vat(&mut self, notes: &mut Vec<ProblemKind>) -> Option<Vat> {
        let text = self.take(Column::Vat)?;
        if text.to_lowercase().contains("без") || text.eq_ignore_ascii_case("none") {
            return Some(Vat::Exempt);
        }
        let percent = fixed(text.trim_end_matches('%'), 0).and_then(|p| u8::try_from(p).ok());
        match percent.filter(|p| *p <= 100) {
            Some(percent) => Some(Vat::Percent(percent)),
            None => {
                notes.push(ProblemKind::IgnoredValue { field: "vat", value: text });
                None
            }
        }
    }

    fn images(&mut self) -> Vec<ImageRecord> {
        let list = self.take(Column::Images).unwrap_or_default();
        list.split('|')
            .map(str::trim)
            .filter(|path| !path.is_empty())
            .map(|path| ImageRecord { path: path.to_owned(), caption: None })
            .collect()
    }
}

/// «Мебель / Столы» — путь от корня; пробелы вокруг черты обязательны, чтобы «ТВ/видео» осталось целым.
fn category(path: &str) -> GroupRef {
    let names = path.split(" / ").map(str::trim).filter(|name| !name.is_empty());
    GroupRef::Path(names.map(str::to_owned).collect())
}
