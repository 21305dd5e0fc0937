//! Тот же каталог голыми axum и sqlx: те же запросы, что у магазина без кэша, строки разобраны в типы и отданы как JSON.
//! Счёта товаров нет: магазин его помнит и не считает на каждый список.

use std::collections::HashMap;

use anyhow::Result;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use chrono::NaiveDateTime;
use serde::Serialize;
use sqlx::postgres::{PgPoolOptions, PgRow};
use sqlx::sqlite::{SqlitePoolOptions, SqliteRow};
use sqlx::{FromRow, PgPool, Row, SqlitePool};

use super::JSON;
use crate::machine;

/// Товаров в списке.
const PAGE: usize = 24;

/// Строка ответа: поля в порядке столбцов запроса, на обе базы сразу.
macro_rules! row {
    ($name:ident: $columns:ident from $table:literal { $($field:ident: $type:ty,)* }) => {
        #[derive(Serialize)]
        struct $name { $($field: $type,)* }

        row!(@read SqliteRow $name $($field)*);
        row!(@read PgRow $name $($field)*);

        const $columns: &[&str] = &[$(concat!($table, ".", stringify!($field)),)*];
    };
    (@read $row:ident $name:ident $($field:ident)*) => {
        impl FromRow<'_, $row> for $name {
            fn from_row(row: &$row) -> sqlx::Result<$name> {
                let mut next = 0;
                let mut column = || {
                    next += 1;
                    next - 1
                };
                Ok($name { $($field: row.try_get(column())?,)* })
            }
        }
    };
}

row!(Product: PRODUCT from "products" {
    id: i64,
    name: String,
    name_key: String,
    slug: String,
    article: String,
    article_key: String,
    kind: String,
    order_type: String,
    category_id: Option<i64>,
    brand_id: Option<i64>,
    price: i64,
    old_price: Option<i64>,
    cost_price: Option<i64>,
    currency: String,
    vat_rate: Option<i32>,
    summary: String,
    description: String,
    materials: String,
    equipment: String,
    care_instructions: String,
    size_table: Option<String>,
    tags: String,
    unit: String,
    weight: Option<i64>,
    width: Option<i64>,
    height: Option<i64>,
    depth: Option<i64>,
    manufacturing_time: Option<i64>,
    preorder_waves_total: i64,
    preorder_wave_capacity: i64,
    current_wave: i64,
    current_wave_count: i64,
    priority: i64,
    popularity: i64,
    is_new: bool,
    is_popular: bool,
    is_active: bool,
    is_archived: bool,
    published_from: Option<NaiveDateTime>,
    published_until: Option<NaiveDateTime>,
    seo_title: String,
    seo_description: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
});

row!(Variant: VARIANT from "variants" {
    id: i64,
    product_id: i64,
    inventory_item_id: i64,
    variant_key: String,
    title: String,
    size: Option<String>,
    options: String,
    article: Option<String>,
    article_key: Option<String>,
    barcode: Option<String>,
    price: Option<i64>,
    price_delta: Option<i64>,
    weight: Option<i64>,
    position: i64,
    is_active: bool,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
});

row!(Stock: STOCK from "inventory_items" {
    id: i64,
    product_id: i64,
    code: String,
    on_hand: i64,
    reserved: i64,
    available: i64,
});

row!(Media: MEDIA from "product_media" {
    id: i64,
    product_id: i64,
    kind: String,
    url: String,
    alt: String,
    position: i64,
    created_at: NaiveDateTime,
});

#[derive(Serialize)]
struct Sold {
    #[serde(flatten)]
    variant: Variant,
    stock: Stock,
}

#[derive(Serialize)]
struct Full {
    #[serde(flatten)]
    product: Product,
    variants: Vec<Sold>,
    media: Vec<Media>,
}

/// Тексты запросов; собираются один раз.
struct Texts {
    page: &'static str,
    product: &'static str,
    attributes: &'static str,
    variants_of_page: &'static str,
    variants_of_one: &'static str,
    media_of_page: &'static str,
    media_of_one: &'static str,
}

impl Texts {
    fn new() -> Texts {
        let keep = |text: String| -> &'static str { text.leak() };
        let public = "products.is_active IN (TRUE) AND (published_from IS NULL OR published_from <= $1) \
                      AND (published_until IS NULL OR published_until > $1)";
        let (product, variant, stock, media) =
            (PRODUCT.join(", "), VARIANT.join(", "), STOCK.join(", "), MEDIA.join(", "));
        let many: Vec<String> = (1..=PAGE).map(|n| format!("${n}")).collect();
        let many = many.join(", ");
        let variants = |ids: &str| {
            keep(format!(
                "SELECT {variant}, {stock} FROM variants LEFT JOIN inventory_items \
                 ON variants.inventory_item_id = inventory_items.id WHERE variants.product_id IN ({ids}) \
                 ORDER BY variants.position ASC, variants.id ASC"
            ))
        };
        let pictures = |ids: &str| {
            keep(format!("SELECT {media} FROM product_media WHERE product_id IN ({ids}) ORDER BY position ASC, id ASC"))
        };
        Texts {
            page: keep(format!(
                "SELECT {product} FROM products WHERE {public} ORDER BY priority DESC, id DESC LIMIT {} OFFSET 0",
                PAGE + 1
            )),
            product: keep(format!(
                "SELECT {product}, categories.id, categories.name, brands.id, brands.name FROM products \
                 LEFT JOIN categories ON products.category_id = categories.id \
                 LEFT JOIN brands ON products.brand_id = brands.id WHERE products.id = $1 LIMIT 1"
            )),
            attributes: "SELECT v.value_key, v.text_value, a.name, c.title FROM attribute_values v \
                         LEFT JOIN attributes a ON v.attribute_id = a.id LEFT JOIN attribute_choices c ON v.choice_id = c.id \
                         WHERE v.product_id = $1 ORDER BY a.position ASC, a.id ASC, v.id ASC",
            variants_of_page: variants(&many),
            variants_of_one: variants("$1"),
            media_of_page: pictures(&many),
            media_of_one: pictures("$1"),
        }
    }
}

/// Строка варианта вместе со складской позицией: позиция читается со сдвигом.
macro_rules! sold {
    ($row:ident) => {
        impl FromRow<'_, $row> for Sold {
            fn from_row(row: &$row) -> sqlx::Result<Sold> {
                let at = VARIANT.len();
                let stock = Stock {
                    id: row.try_get(at)?,
                    product_id: row.try_get(at + 1)?,
                    code: row.try_get(at + 2)?,
                    on_hand: row.try_get(at + 3)?,
                    reserved: row.try_get(at + 4)?,
                    available: row.try_get(at + 5)?,
                };
                Ok(Sold { variant: Variant::from_row(row)?, stock })
            }
        }
    };
}
sold!(SqliteRow);
sold!(PgRow);

/// Обработчики одной базы; тело у обеих одно.
macro_rules! handlers {
    ($module:ident, $pool:ty) => {
        mod $module {
            use super::*;

            type Shop = State<(&'static Texts, $pool)>;
            type Answer = Result<([(axum::http::HeaderName, &'static str); 1], Vec<u8>), StatusCode>;

            pub async fn list(State((texts, pool)): Shop) -> Answer {
                answer(read_list(texts, &pool).await)
            }

            pub async fn page(State((texts, pool)): Shop, Path(id): Path<i64>) -> Answer {
                answer(read_page(texts, &pool, id).await)
            }

            fn answer(body: sqlx::Result<Vec<u8>>) -> Answer {
                body.map(|body| (JSON, body)).map_err(|error| {
                    eprintln!("{error}");
                    StatusCode::INTERNAL_SERVER_ERROR
                })
            }

            async fn read_list(texts: &Texts, pool: &$pool) -> sqlx::Result<Vec<u8>> {
                let now = machine::now();
                let mut products: Vec<Product> = sqlx::query_as(texts.page).bind(now).fetch_all(pool).await?;
                products.truncate(PAGE);
                let ids: Vec<i64> = products.iter().map(|product| product.id).collect();
                let mut find = sqlx::query_as(texts.variants_of_page);
                for id in &ids {
                    find = find.bind(*id);
                }
                let variants = find.fetch_all(pool).await?;
                let mut find = sqlx::query_as(texts.media_of_page);
                for id in &ids {
                    find = find.bind(*id);
                }
                let media = find.fetch_all(pool).await?;
                json(&join(products, variants, media))
            }

            async fn read_page(texts: &Texts, pool: &$pool, id: i64) -> sqlx::Result<Vec<u8>> {
                let product = sqlx::query_as(texts.product).bind(id).fetch_one(pool).await?;
                let _attributes = sqlx::query(texts.attributes).bind(id).fetch_all(pool).await?;
                let variants = sqlx::query_as(texts.variants_of_one).bind(id).fetch_all(pool).await?;
                let media = sqlx::query_as(texts.media_of_one).bind(id).fetch_all(pool).await?;
                json(&join(vec![product], variants, media))
            }
        }
    };
}
handlers!(sqlite, SqlitePool);
handlers!(postgres, PgPool);

fn join(products: Vec<Product>, variants: Vec<Sold>, media: Vec<Media>) -> Vec<Full> {
    let mut sold: HashMap<i64, Vec<Sold>> = HashMap::new();
    for row in variants {
        sold.entry(row.variant.product_id).or_default().push(row);
    }
    let mut pictures: HashMap<i64, Vec<Media>> = HashMap::new();
    for row in media {
        pictures.entry(row.product_id).or_default().push(row);
    }
    let full = |product: Product| {
        let (variants, media) = (sold.remove(&product.id), pictures.remove(&product.id));
        Full { product, variants: variants.unwrap_or_default(), media: media.unwrap_or_default() }
    };
    products.into_iter().map(full).collect()
}

fn json(value: &impl Serialize) -> sqlx::Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| sqlx::Error::Decode(error.into()))
}

pub async fn router(url: &str) -> Result<Router> {
    let texts: &'static Texts = Box::leak(Box::new(Texts::new()));
    if url.starts_with("sqlite:") {
        let options: sqlx::sqlite::SqliteConnectOptions = url.parse()?;
        let options = options.pragma("mmap_size", "268435456").pragma("cache_size", "-8000");
        let pool = SqlitePoolOptions::new().max_connections(8).connect_with(options).await?;
        let routes = Router::new().route("/list", get(sqlite::list)).route("/page/{id}", get(sqlite::page));
        return Ok(routes.with_state((texts, pool)));
    }
    let pool = PgPoolOptions::new().max_connections(16).connect(url).await?;
    let routes = Router::new().route("/list", get(postgres::list)).route("/page/{id}", get(postgres::page));
    Ok(routes.with_state((texts, pool)))
}
