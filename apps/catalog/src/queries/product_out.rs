//! Строки базы → товар ответа. На страницу списка — два запроса: варианты с остатками и галерея.

use std::collections::{BTreeMap, HashMap};

use kernel::{OrNotFound, Result, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, FromQueryResult, QueryOrder, QuerySelect};

use super::scope::Viewer;
use crate::errors;
use crate::models::attribute::AttributeKind;
use crate::models::{
    attribute, attribute_choice, attribute_value, brand, category, inventory_item, product, product_media, variant,
};
use crate::schemas::{
    AttributeOfProduct, Dimensions, MediaOut, ProductDetail, ProductOut, ShelfRef, ValueOut, VariantOut,
};
use crate::services::attribute_values::milli_text;
use crate::services::files;

type Stocked = (variant::Model, inventory_item::Model);

/// Как нашли товар.
#[derive(Clone, Debug)]
pub enum ProductAddress {
    Id(i64),
    Slug(String),
}

/// Страница товара; скрытый от этого зрителя — 404.
pub async fn find_detail(
    db: &impl ConnectionTrait,
    address: &ProductAddress,
    viewer: Viewer,
    now: Timestamp,
) -> Result<ProductDetail> {
    let found = find_row(db, address).await?;
    let seen = found.filter(|found| viewer == Viewer::Staff || found.product.is_public(now));
    let found = seen.or_not_found(errors::PRODUCT_NOT_FOUND)?;
    let (category_id, brand_id) = (found.product.category_id, found.product.brand_id);
    let attributes = attributes_of(db, found.product.id).await?;
    let mut outs = outs(db, vec![found.product], viewer).await?;
    Ok(ProductDetail {
        product: outs.pop().or_not_found(errors::PRODUCT_NOT_FOUND)?,
        category: shelf_ref(category_id, found.category_name, found.category_slug),
        brand: shelf_ref(brand_id, found.brand_name, found.brand_slug),
        attributes,
    })
}

/// Товар и как зовут его раздел и бренд.
#[derive(FromQueryResult)]
struct Found {
    #[sea_orm(nested)]
    product: product::Model,
    category_name: Option<String>,
    category_slug: Option<String>,
    brand_name: Option<String>,
    brand_slug: Option<String>,
}

async fn find_row(db: &impl ConnectionTrait, address: &ProductAddress) -> Result<Option<Found>> {
    let find = match address {
        ProductAddress::Id(id) => product::Entity::find_by_id(*id),
        ProductAddress::Slug(slug) => product::Entity::find().filter(product::Column::Slug.eq(slug.as_str())),
    };
    let find = find
        .left_join(category::Entity)
        .left_join(brand::Entity)
        .column_as(category::Column::Name, "category_name")
        .column_as(category::Column::Slug, "category_slug")
        .column_as(brand::Column::Name, "brand_name")
        .column_as(brand::Column::Slug, "brand_slug");
    Ok(find.into_model::<Found>().one(db).await?)
}

fn shelf_ref(id: Option<i64>, name: Option<String>, slug: Option<String>) -> Option<ShelfRef> {
    Some(ShelfRef { id: id?, name: name?, slug: slug? })
}

/// Товары с вариантами, остатками и галереей, в том же порядке.
pub async fn outs(db: &impl ConnectionTrait, products: Vec<product::Model>, viewer: Viewer) -> Result<Vec<ProductOut>> {
    if products.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = products.iter().map(|product| product.id).collect();
    let mut variants = variants_of(db, ids.clone()).await?;
    let mut media = media_of(db, ids).await?;
    let out = products.into_iter().map(|product| {
        let variants = variants.remove(&product.id).unwrap_or_default();
        let media = media.remove(&product.id).unwrap_or_default();
        product_out(product, variants, media, viewer)
    });
    Ok(out.collect())
}

async fn variants_of(db: &impl ConnectionTrait, products: Vec<i64>) -> Result<HashMap<i64, Vec<Stocked>>> {
    let rows = variant::Entity::find()
        .find_also_related(inventory_item::Entity)
        .filter(variant::Column::ProductId.is_in(products))
        .order_by_asc(variant::Column::Position)
        .order_by_asc(variant::Column::Id)
        .all(db)
        .await?;
    let mut out: HashMap<i64, Vec<Stocked>> = HashMap::new();
    for (variant, item) in rows {
        if let Some(item) = item {
            out.entry(variant.product_id).or_default().push((variant, item));
        }
    }
    Ok(out)
}

async fn media_of(db: &impl ConnectionTrait, products: Vec<i64>) -> Result<HashMap<i64, Vec<MediaOut>>> {
    let rows = product_media::Entity::find()
        .filter(product_media::Column::ProductId.is_in(products))
        .order_by_asc(product_media::Column::Position)
        .order_by_asc(product_media::Column::Id)
        .all(db)
        .await?;
    let mut out: HashMap<i64, Vec<MediaOut>> = HashMap::new();
    for row in rows {
        out.entry(row.product_id).or_default().push(media_out(row));
    }
    Ok(out)
}

pub fn media_out(row: product_media::Model) -> MediaOut {
    MediaOut {
        thumbnails: files::copies_of(&row.url),
        id: row.id,
        url: row.url,
        order: row.position,
        created_at: row.created_at.and_utc(),
        kind: row.kind,
        alt: row.alt,
    }
}

fn product_out(p: product::Model, stocked: Vec<Stocked>, media: Vec<MediaOut>, viewer: Viewer) -> ProductOut {
    let staff = viewer == Viewer::Staff;
    let shown: Vec<&Stocked> = stocked.iter().filter(|(variant, _)| staff || variant.is_active).collect();
    let active = || stocked.iter().filter(|(variant, _)| variant.is_active);
    // Общий остаток нескольких размеров считается один раз.
    let stock: BTreeMap<i64, i64> = active().map(|(_, item)| (item.id, item.available)).collect();
    let mut sizes: Vec<String> = Vec::new();
    for size in active().filter_map(|(variant, _)| variant.size.as_ref()) {
        if !sizes.contains(size) {
            sizes.push(size.clone());
        }
    }
    ProductOut {
        variants: shown.iter().map(|stocked| variant_out(stocked, &stocked_with(&shown), p.price)).collect(),
        id: p.id,
        name: p.name,
        description: p.description,
        article: p.article,
        price: p.price,
        sizes,
        size_table: p.size_table.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        care_instructions: p.care_instructions,
        order_type: p.order_type,
        stock_count: stock.values().sum(),
        preorder_waves_total: p.preorder_waves_total,
        preorder_wave_capacity: p.preorder_wave_capacity,
        current_wave: p.current_wave,
        current_wave_count: p.current_wave_count,
        is_active: p.is_active,
        is_archived: p.is_archived,
        created_at: p.created_at.and_utc(),
        updated_at: p.updated_at.and_utc(),
        media,
        slug: p.slug,
        kind: p.kind,
        category_id: p.category_id,
        brand_id: p.brand_id,
        currency: p.currency,
        old_price: p.old_price,
        vat_rate: p.vat_rate,
        weight: p.weight,
        dimensions: Dimensions { width: p.width, height: p.height, depth: p.depth },
        summary: p.summary,
        materials: p.materials,
        equipment: p.equipment,
        manufacturing_time: p.manufacturing_time,
        tags: serde_json::from_str(&p.tags).unwrap_or_default(),
        unit: p.unit,
        priority: p.priority,
        popularity: p.popularity,
        is_new: p.is_new,
        is_popular: p.is_popular,
        published_from: p.published_from.map(|at| at.and_utc()),
        published_until: p.published_until.map(|at| at.and_utc()),
        seo_title: p.seo_title,
        seo_description: p.seo_description,
        cost_price: p.cost_price.filter(|_| staff),
    }
}

/// Сколько вариантов продаётся из каждой позиции.
fn stocked_with(shown: &[&Stocked]) -> HashMap<i64, usize> {
    let mut out = HashMap::new();
    for (_, item) in shown {
        *out.entry(item.id).or_insert(0) += 1;
    }
    out
}

fn variant_out((v, item): &Stocked, users: &HashMap<i64, usize>, base: kernel::Money) -> VariantOut {
    VariantOut {
        id: v.id,
        title: v.title.clone(),
        size: v.size.clone(),
        options: v.options(),
        article: v.article.clone(),
        barcode: v.barcode.clone(),
        price: v.price_at(base),
        own_price: v.price,
        price_delta: v.price_delta,
        weight: v.weight,
        stock_count: item.available,
        shared_stock: users.get(&item.id).is_some_and(|count| *count > 1),
        order: v.position,
        is_active: v.is_active,
    }
}

/// Значение и характеристика, о которой оно.
#[derive(FromQueryResult)]
struct Said {
    #[sea_orm(nested)]
    value: attribute_value::Model,
    slug: String,
    name: String,
    kind: AttributeKind,
    unit: Option<String>,
    choice: Option<String>,
}

async fn attributes_of(db: &impl ConnectionTrait, product: i64) -> Result<Vec<AttributeOfProduct>> {
    let rows = attribute_value::Entity::find()
        .inner_join(attribute::Entity)
        .left_join(attribute_choice::Entity)
        .column_as(attribute::Column::Slug, "slug")
        .column_as(attribute::Column::Name, "name")
        .column_as(attribute::Column::Kind, "kind")
        .column_as(attribute::Column::Unit, "unit")
        .column_as(attribute_choice::Column::Title, "choice")
        .filter(attribute_value::Column::ProductId.eq(product))
        .order_by_asc(attribute::Column::Position)
        .order_by_asc(attribute::Column::Id)
        .order_by_asc(attribute_value::Column::Id)
        .into_model::<Said>()
        .all(db)
        .await?;
    let mut out: Vec<AttributeOfProduct> = Vec::new();
    for said in rows {
        let id = said.value.attribute_id;
        let title = value_title(said.kind, &said.value, said.choice);
        let shown = ValueOut { value: said.value.value_key, title };
        match out.last_mut().filter(|last| last.id == id) {
            Some(last) => last.values.push(shown),
            None => out.push(AttributeOfProduct {
                id,
                slug: said.slug,
                name: said.name,
                kind: said.kind,
                unit: said.unit,
                values: vec![shown],
            }),
        }
    }
    Ok(out)
}

/// Как показать значение.
pub(super) fn value_title(kind: AttributeKind, value: &attribute_value::Model, choice: Option<String>) -> String {
    match kind {
        AttributeKind::Choice => choice.unwrap_or_else(|| value.value_key.clone()),
        AttributeKind::Text => value.text_value.clone().unwrap_or_else(|| value.value_key.clone()),
        AttributeKind::Number => value.number_value.map(milli_text).unwrap_or_default(),
        AttributeKind::Boolean if value.value_key == "true" => "да".to_owned(),
        AttributeKind::Boolean => "нет".to_owned(),
    }
}
