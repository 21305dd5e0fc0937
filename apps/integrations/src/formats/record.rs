//! Записи, в которые превращается любой формат. Деньги — копейки, количества — тысячные доли.

use serde::{Deserialize, Serialize};

use super::problem::Problem;

/// Количество товара в тысячных долях единицы: 1,5 кг — это 1500.
pub type Milli = i64;

/// Вид розничной цены у табличных форматов; у CommerceML вид — это ид типа цены.
pub const PRICE_RETAIL: &str = "price";
/// Вид старой (зачёркнутой) цены у табличных форматов.
pub const PRICE_OLD: &str = "old_price";

#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// Начался каталог или пакет предложений: к нему относятся записи ниже.
    Scope(Scope),
    Group(GroupRecord),
    Property(PropertyRecord),
    PriceType(PriceTypeRecord),
    Warehouse(WarehouseRecord),
    Product(Box<ProductRecord>),
    Offer(Box<OfferRecord>),
    /// Отказ по одной записи или предупреждение; файл читается дальше.
    Problem(Problem),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeKind {
    Catalog,
    Offers,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub kind: ScopeKind,
    /// Ид каталога; у табличных форматов пусто.
    pub catalog_id: String,
    /// `false` — выгрузка полная: чего в ней нет, того нет и в продаже.
    pub changes_only: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRecord {
    pub id: String,
    pub parent_id: Option<String>,
    pub name: String,
    pub description: Option<String>,
    pub image: Option<String>,
    pub deleted: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PropertyKind {
    #[default]
    Text,
    Number,
    /// Справочник: значения перечислены, в товаре лежит ид значения (или, бывает, текст).
    Choice,
    Time,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyRecord {
    pub id: String,
    pub name: String,
    pub kind: PropertyKind,
    /// Пары (ид значения, значение).
    pub choices: Vec<(String, String)>,
    pub deleted: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTypeRecord {
    pub id: String,
    pub name: String,
    /// Код ISO 4217, если узнан.
    pub currency: Option<String>,
    pub deleted: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WarehouseRecord {
    pub id: String,
    pub name: String,
    pub deleted: bool,
}

/// К какому разделу отнести товар.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GroupRef {
    Id(String),
    /// Названия от корня: «Мебель / Столы».
    Path(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Vat {
    Exempt,
    Percent(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Visibility {
    Active,
    /// Снят с показа (`is_active` = нет в таблице).
    Hidden,
    /// Помечен на удаление в учётной системе: убираем в архив, но не удаляем.
    Archived,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ImageRecord {
    /// Адрес или путь внутри выгрузки.
    pub path: String,
    pub caption: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PropertyValue {
    pub id: String,
    /// Иды значений справочника или сам текст; пустых здесь нет.
    pub values: Vec<String>,
}

/// Характеристика варианта. Пустое имя — «просто вариант» (хвост названия в скобках).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OptionValue {
    pub name: String,
    pub value: String,
}

/// Товар. `None` и пустой список значат «в файле об этом ничего нет».
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductRecord {
    pub id: String,
    #[serde(skip)]
    pub line: u64,
    pub article: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    /// Описание в HTML: перед показом чистить.
    pub description_html: Option<String>,
    pub groups: Vec<GroupRef>,
    pub brand: Option<String>,
    pub barcode: Option<String>,
    /// Код единицы по ОКЕИ: 796 — штука.
    pub unit_code: Option<String>,
    pub vat: Option<Vat>,
    /// Граммы.
    pub weight: Option<i64>,
    pub images: Vec<ImageRecord>,
    pub properties: Vec<PropertyValue>,
    pub is_service: bool,
    pub visibility: Option<Visibility>,
    /// Один из нескольких кусков товара (строка таблицы, старая выгрузка `товар#характеристика`):
    /// первый кусок задаёт товар, остальные только добавляют варианты.
    pub is_part: bool,
}

/// Вариант товара, его цены и остатки — вместе или по отдельности, как пришло.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferRecord {
    /// `товар` или `товар#характеристика`.
    pub id: String,
    pub product_id: String,
    #[serde(skip)]
    pub line: u64,
    pub article: Option<String>,
    pub name: Option<String>,
    pub barcode: Option<String>,
    pub options: Vec<OptionValue>,
    pub properties: Vec<PropertyValue>,
    pub prices: Vec<PriceRecord>,
    pub stock: Option<Stock>,
    pub visibility: Option<Visibility>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PriceRecord {
    pub type_id: String,
    /// Копейки.
    pub amount: i64,
    pub currency: Option<String>,
    pub unit: Option<String>,
    /// Сколько базовых единиц в единице цены, в тысячных: 1000 — цена за штуку.
    pub coefficient: Milli,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stock {
    /// Сумма по складам, а если складов нет — общее количество. Бывает отрицательной.
    pub total: Milli,
    pub by_warehouse: Vec<(String, Milli)>,
}

impl OfferRecord {
    /// Есть ли сведения о самом варианте, а не только цены и остатки.
    pub fn describes_variant(&self) -> bool {
        self.name.is_some() || !self.options.is_empty() || self.article.is_some()
    }

    pub fn is_base(&self) -> bool {
        self.id == self.product_id
    }

    /// Хвост названия в скобках: у `Сапоги зимние (38)` это `38`. Бывает единственным следом размера.
    pub fn bracket(&self) -> Option<&str> {
        bracket(self.name.as_deref()?).map(|(_, tail)| tail)
    }
}

/// Делит название на начало и хвост в скобках.
pub fn bracket(name: &str) -> Option<(&str, &str)> {
    let name = name.trim_end();
    let open = name.strip_suffix(')')?.rfind('(')?;
    let tail = name[open + 1..name.len() - 1].trim();
    let head = name[..open].trim_end();
    (!tail.is_empty() && !head.is_empty()).then_some((head, tail))
}
