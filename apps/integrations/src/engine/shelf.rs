//! Каталог глазами загрузки: найти пачкой, завести и изменить его службами.

use std::collections::{HashMap, HashSet};

use catalog::models::attribute::AttributeKind;
use catalog::models::{attribute, attribute_choice, brand, category, inventory_item, product, variant};
use catalog::normalize;
use catalog::schemas::{AttributeIn, AttributePatch, BrandIn, CategoryIn, CategoryPatch, ChoiceIn, VariantPatch};
use catalog::services::{attributes, shelves, variants as variant_services};
use kernel::data::in_lists;
use kernel::{Money, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ExprTrait, QueryOrder, QuerySelect};

use super::step::fit;
use crate::models::import_link::LinkState;

/// Ширина столбца `name` у разделов, брендов и характеристик.
const NAME: usize = 200;

/// Раздел, каким он должен быть.
pub struct CategoryDraft<'a> {
    pub parent_id: Option<i64>,
    pub name: &'a str,
    pub description: &'a str,
    pub is_visible: bool,
}

pub async fn insert_category(work: &mut Work, draft: CategoryDraft<'_>) -> Result<i64> {
    let slug = free_slug::<category::Entity>(work, category::Column::Slug, draft.name, "razdel", NAME).await?;
    create_category(work, draft, slug).await
}

/// Раздел с таким названием у такого родителя; `true` — заведён сейчас.
///
/// Ищет и свободный адрес выбирает по одному и тому же чтению: раздел, который только что завела соседняя загрузка, либо
/// найдётся здесь, либо столкнётся с нашим по адресу, и пачка повторится. Двойника с адресом «-2» не будет.
pub async fn category_named(work: &mut Work, draft: CategoryDraft<'_>) -> Result<(i64, bool)> {
    let base = slug_base(draft.name, "razdel", NAME);
    let family = category::Entity::find().filter(is_like(category::Column::Slug, &base)).all(work.db()).await?;
    let key = normalize::key(&fit(draft.name, NAME));
    if let Some(row) = family.iter().find(|row| row.parent_id == draft.parent_id && normalize::key(&row.name) == key) {
        return Ok((row.id, false));
    }
    let slug = first_free(base, family.into_iter().map(|row| row.slug));
    Ok((create_category(work, draft, slug).await?, true))
}

async fn create_category(work: &mut Work, draft: CategoryDraft<'_>, slug: String) -> Result<i64> {
    let input = CategoryIn {
        name: fit(draft.name, NAME),
        slug: Some(slug),
        parent_id: draft.parent_id,
        description: draft.description.to_owned(),
        is_visible: Some(draft.is_visible),
        ..CategoryIn::default()
    };
    Ok(shelves::create_category(work, &input).await?.id)
}

/// Приводит раздел к виду из выгрузки; `true`, если что-то изменилось.
pub async fn update_category(work: &mut Work, id: i64, draft: CategoryDraft<'_>) -> Result<bool> {
    let Some(row) = category::Entity::find_by_id(id).one(work.db()).await? else { return Ok(false) };
    let name = fit(draft.name, NAME);
    let is_new = |text: &str| !text.is_empty() && text != row.description;
    let patch = CategoryPatch {
        name: (row.name != name).then_some(name),
        parent_id: (row.parent_id != draft.parent_id).then_some(draft.parent_id),
        description: is_new(draft.description).then(|| draft.description.to_owned()),
        is_visible: (row.is_visible != draft.is_visible).then_some(draft.is_visible),
        ..CategoryPatch::default()
    };
    let is_moved = patch.parent_id.is_some();
    if patch.name.is_none() && !is_moved && patch.description.is_none() && patch.is_visible.is_none() {
        return Ok(false);
    }
    shelves::update_category(work, id, &patch).await?;
    Ok(true)
}

/// Бренд с таким названием; ищет и заводит так же, как [`category_named`].
pub async fn brand_named(work: &mut Work, name: &str) -> Result<i64> {
    let base = slug_base(name, "brend", NAME);
    let family = brand::Entity::find().filter(is_like(brand::Column::Slug, &base)).all(work.db()).await?;
    let key = normalize::key(name);
    if let Some(row) = family.iter().find(|row| normalize::key(&row.name) == key) {
        return Ok(row.id);
    }
    let slug = first_free(base, family.into_iter().map(|row| row.slug));
    let input = BrandIn { name: fit(name, NAME), slug: Some(slug), ..BrandIn::default() };
    Ok(shelves::create_brand(work, &input).await?.id)
}

pub async fn insert_attribute(work: &mut Work, name: &str, kind: AttributeKind) -> Result<(i64, String)> {
    let slug = free_slug::<attribute::Entity>(work, attribute::Column::Slug, name, "svoystvo", 100).await?;
    let input = AttributeIn {
        name: fit(name, NAME),
        slug: Some(slug.clone()),
        kind,
        unit: None,
        is_filterable: false,
        position: 0,
        choices: Vec::new(),
    };
    Ok((attributes::create_attribute(work, &input).await?.id, slug))
}

/// Значение перечня, каким оно должно быть; `id` — у заведённых раньше.
pub struct ChoiceDraft<'a> {
    pub id: Option<i64>,
    pub title: &'a str,
}

/// Что вышло из перечня: `(id, slug)` по порядку входа и было ли что менять.
pub struct Choices {
    pub rows: Vec<(i64, String)>,
    pub is_changed: bool,
}

/// Переименовывает характеристику и приводит названия её значений; лишние значения остаются.
pub async fn update_attribute(work: &mut Work, id: i64, name: &str, drafts: &[ChoiceDraft<'_>]) -> Result<Choices> {
    let Some(row) = attribute::Entity::find_by_id(id).one(work.db()).await? else {
        return Ok(Choices { rows: Vec::new(), is_changed: false });
    };
    let name = fit(name, NAME);
    let mut list = choices_of(work, id).await?;
    let before = list.clone();
    let mut slugs: HashSet<String> = list.iter().map(|choice| choice.slug.clone()).collect();
    let places: HashMap<i64, usize> = list.iter().enumerate().map(|(place, choice)| (choice.id, place)).collect();
    let mut next = HashMap::new();
    let mut wanted = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let title = fit(draft.title, NAME);
        let slug = match draft.id.and_then(|id| places.get(&id)) {
            Some(place) => {
                list[*place].title = title;
                list[*place].slug.clone()
            }
            None => {
                let slug = choice_slug(&title, &mut slugs, &mut next);
                list.push(attribute_choice::Model { title, slug: slug.clone(), ..blank_choice(id) });
                slug
            }
        };
        wanted.push(slug);
    }
    let is_changed = row.name != name || list != before;
    if is_changed {
        let choice =
            |row: &attribute_choice::Model| ChoiceIn { title: row.title.clone(), slug: Some(row.slug.clone()) };
        let choices = (list != before).then(|| list.iter().map(choice).collect());
        let name = (row.name != name).then_some(name);
        attributes::update_attribute(work, id, &AttributePatch { name, choices, ..AttributePatch::default() }).await?;
    }
    let ids: HashMap<String, i64> = choices_of(work, id).await?.into_iter().map(|row| (row.slug, row.id)).collect();
    let rows = wanted.into_iter().filter_map(|slug| Some((*ids.get(&slug)?, slug))).collect();
    Ok(Choices { rows, is_changed })
}

fn blank_choice(attribute_id: i64) -> attribute_choice::Model {
    attribute_choice::Model { id: 0, attribute_id, title: String::new(), slug: String::new(), position: 0 }
}

async fn choices_of(work: &Work, attribute_id: i64) -> Result<Vec<attribute_choice::Model>> {
    let find = attribute_choice::Entity::find()
        .filter(attribute_choice::Column::AttributeId.eq(attribute_id))
        .order_by_asc(attribute_choice::Column::Position)
        .order_by_asc(attribute_choice::Column::Id);
    Ok(find.all(work.db()).await?)
}

/// У одинаковых названий номер продолжается, а не ищется каждый раз с начала.
fn choice_slug(title: &str, slugs: &mut HashSet<String>, next: &mut HashMap<String, u32>) -> String {
    let base = normalize::slug(title, NAME - 12);
    let base = if base.is_empty() { "znachenie".to_owned() } else { base };
    let number = next.entry(base.clone()).or_insert(1);
    let mut slug = base.clone();
    while !slugs.insert(slug.clone()) {
        *number += 1;
        slug = format!("{base}-{number}");
    }
    slug
}

/// Свободный адрес: из названия, при повторе — с номером.
async fn free_slug<E: EntityTrait>(
    work: &Work,
    column: E::Column,
    name: &str,
    fallback: &str,
    width: usize,
) -> Result<String> {
    let base = slug_base(name, fallback, width);
    let find = E::find().select_only().column(column).filter(is_like(column, &base));
    let taken: Vec<String> = find.into_tuple().all(work.db()).await?;
    Ok(first_free(base, taken))
}

fn slug_base(name: &str, fallback: &str, width: usize) -> String {
    let base = normalize::slug(name, width - 8);
    if base.is_empty() { fallback.to_owned() } else { base }
}

/// Адреса, которые могли выйти из этого названия.
fn is_like(column: impl ColumnTrait, base: &str) -> SimpleExpr {
    column.eq(base).or(column.like(format!("{base}-%")))
}

fn first_free(base: String, taken: impl IntoIterator<Item = String>) -> String {
    let taken: HashSet<String> = taken.into_iter().collect();
    let mut slug = base.clone();
    let mut number = 1;
    while taken.contains(&slug) {
        number += 1;
        slug = format!("{base}-{number}");
    }
    slug
}

/// Товары по id.
pub async fn products(work: &Work, ids: &[i64]) -> Result<HashMap<i64, product::Model>> {
    let mut found = HashMap::with_capacity(ids.len());
    for list in in_lists(ids) {
        let rows = product::Entity::find().filter(product::Column::Id.is_in(list)).all(work.db()).await?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// То, что предложениям нужно знать о товаре.
#[derive(Debug, Clone, Copy)]
pub struct Card {
    pub id: i64,
    pub price: Money,
    pub old_price: Option<Money>,
    pub is_active: bool,
    pub is_archived: bool,
    /// Что с его показом сделала загрузка.
    pub state: LinkState,
    /// Заведён в этой пачке и ещё без вариантов: их заводят его предложения.
    pub is_bare: bool,
}

/// Карточки по id.
pub async fn cards(work: &Work, ids: &[i64]) -> Result<HashMap<i64, Card>> {
    let mut found = HashMap::with_capacity(ids.len());
    for list in in_lists(ids) {
        let rows: Vec<(i64, Money, Option<Money>, bool, bool)> = product::Entity::find()
            .select_only()
            .columns([product::Column::Id, product::Column::Price, product::Column::OldPrice])
            .columns([product::Column::IsActive, product::Column::IsArchived])
            .filter(product::Column::Id.is_in(list))
            .into_tuple()
            .all(work.db())
            .await?;
        let card = |(id, price, old_price, is_active, is_archived)| Card {
            id,
            price,
            old_price,
            is_active,
            is_archived,
            state: LinkState::Shown,
            is_bare: false,
        };
        found.extend(rows.into_iter().map(|row| (row.0, card(row))));
    }
    Ok(found)
}

/// Кому принадлежат артикулы: ключ артикула → товар.
pub async fn articles(work: &Work, keys: &[String]) -> Result<HashMap<String, i64>> {
    let mut found = HashMap::with_capacity(keys.len());
    for list in in_lists(keys) {
        let rows: Vec<(String, i64)> = product::Entity::find()
            .select_only()
            .columns([product::Column::ArticleKey, product::Column::Id])
            .filter(product::Column::ArticleKey.is_in(list))
            .into_tuple()
            .all(work.db())
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// Варианты товаров, по порядку внутри товара.
pub async fn variants(work: &Work, products: &[i64]) -> Result<HashMap<i64, Vec<variant::Model>>> {
    let mut found: HashMap<i64, Vec<variant::Model>> = HashMap::with_capacity(products.len());
    for list in in_lists(products) {
        let rows = variant::Entity::find().filter(variant::Column::ProductId.is_in(list)).all(work.db()).await?;
        for row in rows {
            found.entry(row.product_id).or_default().push(row);
        }
    }
    found.values_mut().for_each(|rows| rows.sort_by_key(|row| (row.position, row.id)));
    Ok(found)
}

/// Варианты по id.
pub async fn variants_by_id(work: &Work, ids: &[i64]) -> Result<Vec<variant::Model>> {
    let mut found = Vec::with_capacity(ids.len());
    for list in in_lists(ids) {
        found.extend(variant::Entity::find().filter(variant::Column::Id.is_in(list)).all(work.db()).await?);
    }
    Ok(found)
}

/// Артикулы вариантов, занятые в каталоге: ключ артикула → вариант.
pub async fn variant_articles(work: &Work, keys: &[String]) -> Result<HashMap<String, i64>> {
    let mut found = HashMap::with_capacity(keys.len());
    for list in in_lists(keys) {
        let rows: Vec<(Option<String>, i64)> = variant::Entity::find()
            .select_only()
            .columns([variant::Column::ArticleKey, variant::Column::Id])
            .filter(variant::Column::ArticleKey.is_in(list))
            .into_tuple()
            .all(work.db())
            .await?;
        found.extend(rows.into_iter().filter_map(|(key, id)| Some((key?, id))));
    }
    Ok(found)
}

/// Записывает отличия варианта.
pub async fn update_variant(work: &mut Work, before: &variant::Model, after: &variant::Model) -> Result<()> {
    let patch = VariantPatch {
        title: (before.title != after.title).then(|| after.title.clone()),
        barcode: (before.barcode != after.barcode).then(|| after.barcode.clone()),
        price: (before.price != after.price).then_some(after.price),
        price_delta: (before.price_delta != after.price_delta).then_some(after.price_delta),
        is_active: (before.is_active != after.is_active).then_some(after.is_active),
        ..VariantPatch::default()
    };
    variant_services::update_variant(work, after.product_id, after.id, &patch).await?;
    Ok(())
}

/// Остатки складских позиций.
pub async fn on_hand(work: &Work, items: &[i64]) -> Result<HashMap<i64, i64>> {
    let mut found = HashMap::with_capacity(items.len());
    for list in in_lists(items) {
        let rows: Vec<(i64, i64)> = inventory_item::Entity::find()
            .select_only()
            .columns([inventory_item::Column::Id, inventory_item::Column::OnHand])
            .filter(inventory_item::Column::Id.is_in(list))
            .into_tuple()
            .all(work.db())
            .await?;
        found.extend(rows);
    }
    Ok(found)
}
