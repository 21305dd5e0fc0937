//! Файлы демонстрационного магазина (`server/demo`): вшиты в программу и разобраны в простые данные.

use anyhow::Context;
use rust_embed::RustEmbed;
use serde::Deserialize;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../server/demo"]
#[include = "*.toml"]
#[include = "goods/*.toml"]
#[include = "pictures/*.webp"]
#[include = "models/*.glb"]
struct Files;

/// Настройки демонстрационного магазина в виде набора (preset).
pub const PRESET: &str = include_str!("../../../../server/demo/preset.toml");

/// `demo.toml` и все `goods/*.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demo {
    pub users: Vec<User>,
    pub categories: Vec<Category>,
    pub delivery: Vec<Delivery>,
    pub pages: Vec<Page>,
    pub promos: Vec<Promo>,
    pub campaign: Campaign,
    #[serde(skip)]
    pub products: Vec<(String, Product)>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Admin,
    Manager,
    Customer,
}

impl Role {
    pub fn title(self) -> &'static str {
        match self {
            Role::Admin => "Администратор",
            Role::Manager => "Менеджер",
            Role::Customer => "Покупатель",
        }
    }
}

/// Демонстрационный вход.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    pub role: Role,
    pub phone: String,
    pub email: String,
    pub password: String,
    pub first_name: String,
    pub last_name: String,
    #[serde(default)]
    pub address: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub slug: String,
    pub name: String,
    pub parent: Option<String>,
    pub order: i64,
    pub description: String,
}

/// Страница с текстом.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    pub slug: String,
    pub title: String,
    /// HTML.
    pub content: String,
}

/// Способ доставки; цены в рублях, сроки — рабочие дни от и до.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Delivery {
    Courier { code: String, name: String, cities: Vec<City> },
    Pickup { code: String, name: String, price: i64, points: Vec<Point> },
    Cdek { code: String, name: String, price: i64, free_from: i64, days: [i32; 2] },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct City {
    pub name: String,
    pub price: i64,
    pub free_from: i64,
    pub days: [i32; 2],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub code: String,
    pub name: String,
    pub city: String,
    pub address: String,
    pub hours: String,
}

/// Промокод; деньги в рублях, `categories` — slug разделов, пусто — на всё.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promo {
    pub code: String,
    pub description: String,
    pub percent: Option<i64>,
    pub amount: Option<i64>,
    #[serde(default)]
    pub categories: Vec<String>,
    pub min_sum: Option<i64>,
    pub per_customer: Option<i64>,
}

/// Товар. Размеры — миллиметры (ширина, высота, глубина), вес — килограммы, цены — рубли.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    pub slug: String,
    pub name: String,
    pub article: String,
    pub price: i64,
    pub old_price: Option<i64>,
    /// Общий остаток на все размеры.
    pub stock: Option<i64>,
    #[serde(default)]
    pub sizes: Vec<String>,
    /// Свой остаток у каждого размера, по порядку размеров.
    #[serde(default)]
    pub size_stock: Vec<(String, i64)>,
    /// Волны предзаказа; с ними товар не продаётся со склада.
    #[serde(default)]
    pub waves: Vec<Wave>,
    pub size_table: Option<SizeTable>,
    pub summary: String,
    pub description: String,
    pub materials: String,
    #[serde(default)]
    pub equipment: String,
    pub dimensions: Option<[i32; 3]>,
    pub weight: f64,
    pub care: String,
    pub manufacturing_days: Option<i64>,
    pub color: String,
    #[serde(default)]
    pub new: bool,
    #[serde(default)]
    pub popular: bool,
    pub pictures: Vec<String>,
    pub model: Option<String>,
    /// Место в порядке «Советуем»; без него считается само.
    pub priority: Option<i64>,
}

/// Волна предзаказа: сколько мест и сколько уже занято.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wave {
    pub places: i64,
    #[serde(default)]
    pub taken: i64,
    /// Своя цена, рубли.
    pub price: Option<i64>,
    /// Задаток, процентов цены.
    pub deposit: Option<i32>,
    pub ships_in_days: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeTable {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// AR-кампания по умолчанию.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    pub slug: String,
    pub title: String,
    pub description: String,
    /// Скидка кода, процент, и сколько дней он действует.
    pub percent: i64,
    pub days: i64,
    pub assets: Vec<Asset>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    pub slug: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub model: String,
    pub picture: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Goods {
    products: Vec<Product>,
}

impl Demo {
    /// Читает вшитые файлы. Категория товара — имя файла в `goods`.
    pub fn read() -> anyhow::Result<Demo> {
        let mut demo: Demo = parse("demo.toml")?;
        for name in Files::iter().filter(|name| name.starts_with("goods/")) {
            let category = name.trim_start_matches("goods/").trim_end_matches(".toml").to_owned();
            let goods: Goods = parse(&name)?;
            demo.products.extend(goods.products.into_iter().map(|product| (category.clone(), product)));
        }
        Ok(demo)
    }
}

fn parse<T: serde::de::DeserializeOwned>(name: &str) -> anyhow::Result<T> {
    let bytes = file(name)?;
    let text = std::str::from_utf8(&bytes).with_context(|| format!("{name} is not UTF-8"))?;
    toml::from_str(text).with_context(|| format!("demo file {name}"))
}

/// Байты вшитого файла, например `pictures/sofa.webp`.
pub fn file(name: &str) -> anyhow::Result<Vec<u8>> {
    let found = Files::get(name).with_context(|| format!("demo file {name} is missing"))?;
    Ok(found.data.into_owned())
}
