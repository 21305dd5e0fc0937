//! Завести товары: карточка, варианты, складские позиции, начальный остаток, галерея, характеристики.
//!
//! Один путь для одного товара и для тысячи: вставки идут пачками, id читаются обратно по естественному ключу,
//! потому что MariaDB не отдаёт их при пакетной вставке.

use std::collections::{HashMap, HashSet};

use kernel::data::chunks;
use kernel::{Money, OnUnique, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, Condition, QueryOrder, QuerySelect, Set};

use super::attribute_values::{self, ProductAttributes};
use super::stock::{Movement, write_ledger};
use super::variant_plan::{VariantPlan, plan_variants};
use super::{media, references};
use crate::errors;
use crate::events::{Change, ProductChanged};
use crate::models::{inventory_item, product, variant};
use crate::normalize;
use crate::schemas::ProductIn;

/// Заводит товар и отдаёт его карточку.
pub async fn create_product(work: &mut Work, input: ProductIn) -> Result<product::Model> {
    let ids = create_products(work, vec![input]).await?;
    let found = product::Entity::find().filter(product::Column::Id.is_in(ids)).one(work.db()).await?;
    let product = found.ok_or_else(|| errors::broken_stock("a product disappeared right after its insert"))?;
    work.emit(&ProductChanged { product_id: product.id, change: Change::Created }).await?;
    Ok(product)
}

/// Заводит много товаров; id — в порядке входа. Занятый артикул отказывает всей пачке. Новостей не пишет: о пачке
/// сообщает тот, кто её принёс.
pub async fn create_products(work: &mut Work, inputs: Vec<ProductIn>) -> Result<Vec<i64>> {
    let mut drafts = Vec::with_capacity(inputs.len());
    let slugs = free_slugs(work, &inputs).await?;
    for (input, slug) in inputs.into_iter().zip(slugs) {
        let plans = plan_variants(&input.sizes, &input.variants)?;
        drafts.push(Draft { id: 0, category_id: input.category_id, slug, plans, input });
    }
    references::resolve(work, &mut drafts).await?;
    insert_products(work, &mut drafts).await?;
    insert_items(work, &drafts).await?;
    insert_variants(work, &drafts).await?;
    let gallery = drafts.iter().map(|draft| (draft.id, draft.input.media()));
    media::insert(work, gallery.collect()).await?;
    let values: Vec<ProductAttributes> = drafts.iter().map(|draft| (draft.id, &draft.input.attributes)).collect();
    attribute_values::insert(work, &values).await?;
    work.invalidate("catalog");
    Ok(drafts.iter().map(|draft| draft.id).collect())
}

/// Товар на пути в базу.
pub(super) struct Draft {
    pub id: i64,
    pub category_id: Option<i64>,
    pub slug: String,
    pub plans: Vec<VariantPlan>,
    pub input: ProductIn,
}

impl Draft {
    /// Складские позиции: код и начальный остаток. Общая есть, только если кто-то из вариантов ею пользуется.
    fn items(&self) -> Vec<(String, i64)> {
        let shared = self.plans.iter().any(|plan| plan.own_stock.is_none());
        let shared = shared.then(|| (inventory_item::SHARED.to_owned(), self.input.stock_count));
        let own = self.plans.iter().filter_map(|plan| Some((plan.key.clone(), plan.own_stock?)));
        shared.into_iter().chain(own).collect()
    }
}

/// Свободные адреса: заданный, из названия, из названия с артикулом, со случайным хвостом.
async fn free_slugs(work: &Work, inputs: &[ProductIn]) -> Result<Vec<String>> {
    let wanted: Vec<[String; 2]> = inputs.iter().map(slug_options).collect();
    let mut taken: HashSet<String> = HashSet::new();
    let mut articles: HashSet<String> = HashSet::new();
    for part in inputs.iter().zip(&wanted).collect::<Vec<_>>().chunks(500) {
        let slugs = part.iter().flat_map(|(_, options)| options.iter().cloned());
        let keys: Vec<String> = part.iter().map(|(input, _)| normalize::article(&input.article)).collect();
        let rows: Vec<(String, String)> = product::Entity::find()
            .select_only()
            .columns([product::Column::Slug, product::Column::ArticleKey])
            .filter(
                Condition::any().add(product::Column::Slug.is_in(slugs)).add(product::Column::ArticleKey.is_in(keys)),
            )
            .into_tuple()
            .all(work.db())
            .await?;
        for (slug, article) in rows {
            taken.insert(slug);
            articles.insert(article);
        }
    }
    let mut out = Vec::with_capacity(inputs.len());
    for (input, options) in inputs.iter().zip(wanted) {
        if !articles.insert(normalize::article(&input.article)) {
            return Err(errors::article_taken(&input.article));
        }
        let free = options.iter().find(|slug| !slug.is_empty() && !taken.contains(*slug)).cloned();
        let slug = match (&input.slug, free) {
            (Some(own), _) if taken.contains(own) => return Err(errors::slug_taken(own)),
            (_, Some(free)) => free,
            (_, None) => format!("{}-{}", options[0], &work.ctx().random().token()[..8]),
        };
        taken.insert(slug.clone());
        out.push(slug);
    }
    Ok(out)
}

fn slug_options(input: &ProductIn) -> [String; 2] {
    if let Some(own) = &input.slug {
        return [own.clone(), own.clone()];
    }
    let name = normalize::slug(&input.name, 120);
    let name = if name.is_empty() { "tovar".to_owned() } else { name };
    let with_article = format!("{name}-{}", normalize::slug(&input.article, 100));
    [name, with_article]
}

async fn insert_products(work: &mut Work, drafts: &mut [Draft]) -> Result<()> {
    let rows = drafts.iter().map(|draft| product_row(work, draft)).collect::<Result<Vec<_>>>()?;
    for rows in chunks(rows, 45) {
        product::Entity::insert_many(rows)
            .exec_without_returning(work.db())
            .await
            .on_unique(|| errors::article_taken(&drafts[0].input.article))?;
    }
    let keys: Vec<String> = drafts.iter().map(|draft| normalize::article(&draft.input.article)).collect();
    let mut ids: HashMap<String, i64> = HashMap::with_capacity(keys.len());
    for keys in chunks(keys, 30) {
        let rows: Vec<(String, i64)> = product::Entity::find()
            .select_only()
            .columns([product::Column::ArticleKey, product::Column::Id])
            .filter(product::Column::ArticleKey.is_in(keys))
            .into_tuple()
            .all(work.db())
            .await?;
        ids.extend(rows);
    }
    for draft in drafts {
        let id = ids.get(&normalize::article(&draft.input.article));
        draft.id = *id.ok_or_else(|| errors::broken_stock("a product disappeared right after its insert"))?;
    }
    Ok(())
}

fn product_row(work: &Work, draft: &Draft) -> Result<product::ActiveModel> {
    let (input, now) = (&draft.input, work.timestamp());
    let size = input.dimensions.unwrap_or_default();
    let table = input.size_table.as_ref().filter(|table| !table.is_empty());
    Ok(product::ActiveModel {
        id: NotSet,
        name: Set(input.name.trim().to_owned()),
        name_key: Set(normalize::key_of(&input.name, 255)),
        slug: Set(draft.slug.clone()),
        article: Set(input.article.trim().to_owned()),
        article_key: Set(normalize::article(&input.article)),
        kind: Set(input.kind),
        order_type: Set(input.order_type),
        category_id: Set(draft.category_id),
        brand_id: Set(input.brand_id),
        price: Set(input.price),
        old_price: Set(input.old_price),
        cost_price: Set(input.cost_price),
        currency: Set(kernel::RUB.to_owned()),
        vat_rate: Set(input.vat_rate),
        summary: Set(input.summary.clone()),
        description: Set(input.description.clone().unwrap_or_default()),
        materials: Set(input.materials.clone()),
        equipment: Set(input.equipment.clone()),
        care_instructions: Set(input.care_instructions.clone().unwrap_or_default()),
        size_table: Set(table.map(serde_json::to_string).transpose()?),
        tags: Set(serde_json::to_string(&input.tags)?),
        unit: Set(input.unit.clone().unwrap_or_else(|| "шт".to_owned())),
        weight: Set(input.weight),
        width: Set(size.width),
        height: Set(size.height),
        depth: Set(size.depth),
        manufacturing_time: Set(input.manufacturing_time),
        preorder_waves_total: Set(input.preorder_waves_total),
        preorder_wave_capacity: Set(input.preorder_wave_capacity),
        current_wave: Set(1),
        current_wave_count: Set(0),
        priority: Set(input.priority),
        popularity: Set(0),
        is_new: Set(input.is_new),
        is_popular: Set(input.is_popular),
        // Без цены не продают: такой товар приходит из учёта раньше своей цены.
        is_active: Set(input.is_active.unwrap_or(true) && input.price > Money::ZERO),
        is_archived: Set(false),
        published_from: Set(input.published_from.map(|at| at.naive_utc())),
        published_until: Set(input.published_until.map(|at| at.naive_utc())),
        seo_title: Set(input.seo_title.clone()),
        seo_description: Set(input.seo_description.clone()),
        created_at: Set(now),
        updated_at: Set(now),
    })
}

/// Вставляет складские позиции; начальный остаток — первая строка журнала.
async fn insert_items(work: &mut Work, drafts: &[Draft]) -> Result<()> {
    let mut rows = Vec::with_capacity(drafts.len());
    for draft in drafts {
        rows.extend(draft.items().into_iter().map(|(code, stock)| (draft.id, code, stock)));
    }
    add_items(work, rows).await
}

/// Вставляет позиции `(товар, код, остаток)` и приходует их остаток.
pub(super) async fn add_items(work: &mut Work, rows: Vec<(i64, String, i64)>) -> Result<()> {
    let products: Vec<i64> = rows.iter().map(|(product, ..)| *product).collect();
    let codes: HashSet<(i64, String)> = rows.iter().map(|(product, code, _)| (*product, code.clone())).collect();
    for rows in chunks(rows, 5) {
        let models = rows.into_iter().map(|(product_id, code, stock)| inventory_item::ActiveModel {
            id: NotSet,
            product_id: Set(product_id),
            code: Set(code),
            on_hand: Set(stock),
            reserved: Set(0),
            available: Set(stock.max(0)),
        });
        inventory_item::Entity::insert_many(models).exec_without_returning(work.db()).await?;
    }
    let mut moves = Vec::new();
    for item in items_of(work, products).await? {
        if item.on_hand > 0 && codes.contains(&(item.product_id, item.code.clone())) {
            moves.push(Movement::receipt(item.id, item.on_hand));
        }
    }
    write_ledger(work, None, "", moves).await
}

/// Складские позиции товаров.
pub(super) async fn items_of(work: &Work, mut products: Vec<i64>) -> Result<Vec<inventory_item::Model>> {
    products.sort_unstable();
    products.dedup();
    let mut out = Vec::new();
    for ids in chunks(products, 30) {
        let rows = inventory_item::Entity::find()
            .filter(inventory_item::Column::ProductId.is_in(ids))
            .order_by_asc(inventory_item::Column::Id)
            .all(work.db());
        out.extend(rows.await?);
    }
    Ok(out)
}

async fn insert_variants(work: &mut Work, drafts: &[Draft]) -> Result<()> {
    let items = items_of(work, drafts.iter().map(|draft| draft.id).collect()).await?;
    let items: HashMap<(i64, String), i64> =
        items.into_iter().map(|item| ((item.product_id, item.code), item.id)).collect();
    let mut rows = Vec::with_capacity(drafts.len());
    for draft in drafts {
        for (position, plan) in draft.plans.iter().enumerate() {
            let code = if plan.own_stock.is_some() { plan.key.as_str() } else { inventory_item::SHARED };
            let item = *items.get(&(draft.id, code.to_owned())).ok_or_else(|| errors::broken_stock("no item"))?;
            rows.push(variant_row(work, draft.id, item, plan, position as i64)?);
        }
    }
    for rows in chunks(rows, 17) {
        variant::Entity::insert_many(rows).exec_without_returning(work.db()).await.on_unique(errors::variant_taken)?;
    }
    Ok(())
}

/// Строка варианта.
pub(super) fn variant_row(
    work: &Work,
    product_id: i64,
    item: i64,
    plan: &VariantPlan,
    position: i64,
) -> Result<variant::ActiveModel> {
    let now = work.timestamp();
    Ok(variant::ActiveModel {
        id: NotSet,
        product_id: Set(product_id),
        inventory_item_id: Set(item),
        variant_key: Set(plan.key.clone()),
        title: Set(plan.title.clone()),
        size: Set(plan.size.clone()),
        options: Set(serde_json::to_string(&plan.options)?),
        article_key: Set(plan.article.as_deref().map(normalize::article)),
        article: Set(plan.article.clone()),
        barcode: Set(plan.barcode.clone()),
        price: Set(plan.price),
        price_delta: Set(plan.price_delta),
        weight: Set(plan.weight),
        position: Set(position),
        is_active: Set(plan.is_active),
        created_at: Set(now),
        updated_at: Set(now),
    })
}
