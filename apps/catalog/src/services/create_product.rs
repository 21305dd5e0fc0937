//! Завести товары: карточка, варианты, складские позиции, начальный остаток, галерея, характеристики.
//!
//! Один путь для одного товара и для тысячи: вставки идут пачками, id читаются обратно по естественному ключу,
//! потому что MariaDB не отдаёт их при пакетной вставке.

use std::collections::{HashMap, HashSet};

use kernel::data::{in_lists, insert_all};
use kernel::{Money, OnUnique, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, QueryOrder, QuerySelect, Set};

use super::attribute_values::{self, ProductAttributes};
use super::stock::{Movement, write_ledger};
use super::variant_plan::{VariantPlan, plan_variants};
use super::waves::{self, WavePlan};
use super::{media, references};
use crate::errors;
use crate::events::{Change, ProductChanged};
use crate::models::stock_movement::MovementKind;
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
    let planned = |input: ProductIn| Ok((plan_variants(&input.sizes, &input.variants)?, input));
    create_planned(work, inputs.into_iter().map(planned).collect::<Result<_>>()?).await
}

/// То же, когда варианты уже придуманы. Карточка без вариантов годится тому, кто заведёт их следом в этой же работе
/// ([`add_variants`](super::variants::add_variants)).
pub async fn create_planned(work: &mut Work, inputs: Vec<(Vec<VariantPlan>, ProductIn)>) -> Result<Vec<i64>> {
    let slugs = free_slugs(work, &inputs).await?;
    let mut drafts = Vec::with_capacity(inputs.len());
    for ((plans, input), slug) in inputs.into_iter().zip(slugs) {
        drafts.push(Draft { id: 0, category_id: input.category_id, slug, plans, input });
    }
    references::resolve(work, &mut drafts).await?;
    insert_products(work, &mut drafts).await?;
    let items = insert_items(work, &drafts).await?;
    insert_variants(work, &drafts, &items).await?;
    let gallery = drafts.iter().map(|draft| (draft.id, draft.input.media()));
    media::insert(work, gallery.collect()).await?;
    let values: Vec<ProductAttributes> = drafts.iter().map(|draft| (draft.id, &draft.input.attributes)).collect();
    attribute_values::insert(work, &values).await?;
    for draft in &drafts {
        plan_waves(work, draft).await?;
    }
    work.invalidate("catalog");
    Ok(drafts.iter().map(|draft| draft.id).collect())
}

async fn plan_waves(work: &mut Work, draft: &Draft) -> Result<()> {
    let (total, capacity) = (draft.input.preorder_waves_total, draft.input.preorder_wave_capacity);
    if total == 0 {
        return Ok(());
    }
    waves::plan(work, WavePlan { product_id: draft.id, total, capacity, resize: false }).await
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
async fn free_slugs(work: &Work, inputs: &[(Vec<VariantPlan>, ProductIn)]) -> Result<Vec<String>> {
    let inputs: Vec<&ProductIn> = inputs.iter().map(|(_, input)| input).collect();
    let keys: Vec<String> = inputs.iter().map(|input| normalize::article(&input.article)).collect();
    let mut articles = used(work, product::Column::ArticleKey, &keys).await?;
    let first: Vec<String> = inputs.iter().map(|input| first_slug(input)).collect();
    let mut taken = used(work, product::Column::Slug, &first).await?;
    // Второй адрес нужен немногим: тем, чей первый занят или повторился.
    let mut met: HashSet<&str> = HashSet::with_capacity(first.len());
    let spare = |(input, slug): (&&ProductIn, &String)| format!("{slug}-{}", normalize::slug(&input.article, 100));
    let mut second: HashMap<usize, String> = HashMap::new();
    for (index, pair) in inputs.iter().zip(&first).enumerate() {
        if (taken.contains(pair.1) || !met.insert(pair.1)) && pair.0.slug.is_none() {
            second.insert(index, spare(pair));
        }
    }
    let spares: Vec<String> = second.values().cloned().collect();
    taken.extend(used(work, product::Column::Slug, &spares).await?);
    let mut out = Vec::with_capacity(inputs.len());
    for (index, (input, first)) in inputs.iter().zip(&first).enumerate() {
        if !articles.insert(normalize::article(&input.article)) {
            return Err(errors::article_taken(&input.article));
        }
        let options = [Some(first), second.get(&index)];
        let free = options.into_iter().flatten().find(|slug| !taken.contains(*slug)).cloned();
        let slug = match (&input.slug, free) {
            (Some(own), None) => return Err(errors::slug_taken(own)),
            (_, Some(free)) => free,
            (None, None) => format!("{first}-{}", &work.ctx().random().token()[..8]),
        };
        taken.insert(slug.clone());
        out.push(slug);
    }
    Ok(out)
}

/// Какие из значений столбца уже заняты.
async fn used(work: &Work, column: product::Column, values: &[String]) -> Result<HashSet<String>> {
    let mut found = HashSet::new();
    for list in in_lists(values) {
        let find = product::Entity::find().select_only().column(column).filter(column.is_in(list));
        let rows: Vec<String> = find.into_tuple().all(work.db()).await?;
        found.extend(rows);
    }
    Ok(found)
}

fn first_slug(input: &ProductIn) -> String {
    if let Some(own) = &input.slug {
        return own.clone();
    }
    let name = normalize::slug(&input.name, 120);
    if name.is_empty() { "tovar".to_owned() } else { name }
}

async fn insert_products(work: &mut Work, drafts: &mut [Draft]) -> Result<()> {
    let rows = drafts.iter().map(|draft| product_row(work, draft)).collect::<Result<Vec<_>>>()?;
    insert_all(work.db(), rows).await.on_unique(|| errors::article_taken(&drafts[0].input.article))?;
    let keys: Vec<String> = drafts.iter().map(|draft| normalize::article(&draft.input.article)).collect();
    let mut ids: HashMap<String, i64> = HashMap::with_capacity(keys.len());
    for keys in in_lists(&keys) {
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
async fn insert_items(work: &mut Work, drafts: &[Draft]) -> Result<HashMap<(i64, String), i64>> {
    let mut rows = Vec::with_capacity(drafts.len());
    for draft in drafts {
        rows.extend(draft.items().into_iter().map(|(code, stock)| (draft.id, code, stock)));
    }
    add_items(work, rows, MovementKind::Receipt, "").await
}

/// Вставляет позиции `(товар, код, остаток)` и пишет остаток в журнал; отдаёт позиции этих товаров по товару и коду.
/// Приход бывает только больше нуля, поправка — любой.
pub(super) async fn add_items(
    work: &mut Work,
    rows: Vec<(i64, String, i64)>,
    kind: MovementKind,
    reason: &str,
) -> Result<HashMap<(i64, String), i64>> {
    let models = rows.iter().map(|(product, code, stock)| inventory_item::ActiveModel {
        id: NotSet,
        product_id: Set(*product),
        code: Set(code.clone()),
        on_hand: Set(*stock),
        reserved: Set(0),
        available: Set((*stock).max(0)),
    });
    insert_all(work.db(), models.collect()).await?;
    let items = item_ids(work, rows.iter().map(|(product, ..)| *product).collect()).await?;
    let mut moves = Vec::new();
    for (product, code, stock) in rows {
        let item = items.get(&(product, code)).ok_or_else(|| errors::broken_stock("no item"))?;
        if stock > 0 || (stock != 0 && kind != MovementKind::Receipt) {
            moves.push(Movement { item: *item, kind, on_hand: stock, reserved: 0 });
        }
    }
    write_ledger(work, None, reason, moves).await?;
    Ok(items)
}

/// Складские позиции товаров: товар и код → id.
async fn item_ids(work: &Work, mut products: Vec<i64>) -> Result<HashMap<(i64, String), i64>> {
    products.sort_unstable();
    products.dedup();
    let mut out = HashMap::with_capacity(products.len());
    for ids in in_lists(&products) {
        let rows: Vec<(i64, String, i64)> = inventory_item::Entity::find()
            .select_only()
            .columns([inventory_item::Column::ProductId, inventory_item::Column::Code, inventory_item::Column::Id])
            .filter(inventory_item::Column::ProductId.is_in(ids))
            .into_tuple()
            .all(work.db())
            .await?;
        out.extend(rows.into_iter().map(|(product, code, id)| ((product, code), id)));
    }
    Ok(out)
}

/// Складские позиции товаров.
pub(super) async fn items_of(work: &Work, mut products: Vec<i64>) -> Result<Vec<inventory_item::Model>> {
    products.sort_unstable();
    products.dedup();
    let mut out = Vec::new();
    for ids in in_lists(&products) {
        let rows = inventory_item::Entity::find()
            .filter(inventory_item::Column::ProductId.is_in(ids))
            .order_by_asc(inventory_item::Column::Id)
            .all(work.db());
        out.extend(rows.await?);
    }
    Ok(out)
}

async fn insert_variants(work: &mut Work, drafts: &[Draft], items: &HashMap<(i64, String), i64>) -> Result<()> {
    let mut rows = Vec::with_capacity(drafts.len());
    for draft in drafts {
        for (position, plan) in draft.plans.iter().enumerate() {
            let code = if plan.own_stock.is_some() { plan.key.as_str() } else { inventory_item::SHARED };
            let item = *items.get(&(draft.id, code.to_owned())).ok_or_else(|| errors::broken_stock("no item"))?;
            rows.push(variant_row(work, draft.id, item, plan, position as i64)?);
        }
    }
    insert_all(work.db(), rows).await.on_unique(errors::variant_taken)
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
