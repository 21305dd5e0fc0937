//! Товары: завести новые, найти изменившиеся, остальные не трогать.

use std::collections::{BTreeMap, HashMap, HashSet};

use catalog::events::{Change, ProductChanged};
use catalog::models::attribute::AttributeKind;
use catalog::models::product;
use catalog::models::product::ProductKind;
use catalog::models::variant;
use catalog::normalize;
use catalog::schemas::{AttributeInput, MediaIn, ProductIn, ProductPatch};
use catalog::services::variant_plan::VariantPlan;
use catalog::services::{create_planned, update_product};
use kernel::{Money, Result};

use super::details::Value;
use super::dictionary::{brand_named, category_at, choice_id};
use super::known::Aspect;
use super::links::{self, NewLink};
use super::mapping;
use super::shelf::{self, Card};
use super::step::{About, Step, fit};
use super::{details, digest};
use crate::formats::{GroupRef, ProblemKind, ProductRecord, Visibility};
use crate::models::import_link::{LinkEntity, LinkState, Model as Link};

/// Ширина `products.name`.
const NAME: usize = 255;
/// Больше значений у одного свойства каталог не хранит.
const VALUES: usize = 50;

/// Поля товара, как они лягут в каталог. `None` — в файле об этом ничего нет.
#[derive(Debug, Default)]
pub struct Wanted {
    pub name: Option<String>,
    pub description: Option<String>,
    pub category_id: Option<i64>,
    pub brand_id: Option<i64>,
    pub vat_rate: Option<i32>,
    pub unit: Option<&'static str>,
    pub weight: Option<i64>,
    pub kind: Option<ProductKind>,
    pub media: Vec<MediaIn>,
    pub values: Vec<Value>,
    /// Что-то не нашлось (раздел, значение): при следующей загрузке сравнить заново.
    pub is_partial: bool,
}

/// Что стало с товарами пачки.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Заведённые, по внешнему иду.
    pub created: HashMap<String, Card>,
    /// Отвергнутые: их варианты из тех же строк не загружаются и отдельно не упоминаются.
    refused: HashSet<(String, u64)>,
}

impl Outcome {
    pub fn allows(&self, product_id: &str, line: u64) -> bool {
        self.refused.is_empty() || !self.refused.contains(&(product_id.to_owned(), line))
    }

    fn refuse(&mut self, step: &mut Step<'_>, record: &ProductRecord, kind: ProblemKind) {
        self.refused.insert((record.id.clone(), record.line));
        step.note(kind, &record.id, record.line);
    }
}

/// `offered` — товары, чьи предложения в этой же пачке: их варианты заведут предложения.
pub async fn apply(step: &mut Step<'_>, records: &[&ProductRecord], offered: &HashSet<&str>) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let records = first_seen(step, &mut outcome, records);
    let ids = || records.iter().map(|record| record.id.as_str());
    let mut known = links::load(step.work, step.source, LinkEntity::Product, ids()).await?;
    let mut fresh = Vec::new();
    let mut changed = Vec::new();
    for record in records {
        let digest = digest::of(record)?;
        match known.remove(&record.id) {
            Some(link) if link.digest == digest => step.unchanged(|t| &mut t.products),
            Some(link) => changed.push((record, Link { digest, ..link })),
            None => fresh.push((record, digest)),
        }
    }
    changed.extend(create(step, &mut outcome, fresh, offered).await?);
    update(step, &mut outcome, changed).await?;
    Ok(outcome)
}

/// Отсеивает повторы: кусок уже заведённого товара пропускаем, второй такой же товар — отказ.
fn first_seen<'r>(step: &mut Step<'_>, outcome: &mut Outcome, records: &[&'r ProductRecord]) -> Vec<&'r ProductRecord> {
    let mut first = Vec::with_capacity(records.len());
    for record in records {
        if step.state.seen.insert(Aspect::Product, &record.id) {
            first.push(*record);
        } else if !record.is_part {
            outcome.refuse(step, record, ProblemKind::Duplicate(record.id.clone()));
        }
    }
    first
}

/// Новые для этой загрузки: часть уже есть в каталоге под тем же артикулом — их берём под своё крыло.
async fn create<'r>(
    step: &mut Step<'_>,
    outcome: &mut Outcome,
    records: Vec<(&'r ProductRecord, String)>,
    offered: &HashSet<&str>,
) -> Result<Vec<(&'r ProductRecord, Link)>> {
    let mut articles = Articles::load(step, &records).await?;
    let mut adopted = Vec::new();
    let (mut inputs, mut drafts) = (Vec::new(), Vec::new());
    for (record, digest) in records {
        if let Some(id) = articles.adopt(record) {
            adopted.push((record, id, digest));
            continue;
        }
        let Some(wanted) = wanted(step, outcome, record).await? else { continue };
        // Удалённого у нас и не было; новый товар без названия не завести.
        if record.visibility == Some(Visibility::Archived) {
            step.unchanged(|t| &mut t.products);
            continue;
        }
        let Some(name) = wanted.name.clone() else {
            outcome.refuse(step, record, ProblemKind::Missing("name"));
            continue;
        };
        let digest = if wanted.is_partial { String::new() } else { digest };
        let input = input(step, record, name, articles.choose(record), wanted);
        let is_bare = offered.contains(record.id.as_str());
        let plans = if is_bare { Vec::new() } else { vec![default_variant(step, &record.id, record.barcode.as_ref())] };
        drafts.push((record, digest, card(record, &input, is_bare)));
        inputs.push((plans, input));
    }
    let ids = create_planned(step.work, inputs).await?;
    let news = ids.iter().map(|id| ProductChanged { product_id: *id, change: Change::Created });
    step.work.emit_all(&news.collect::<Vec<_>>()).await?;
    let mut new = Vec::with_capacity(ids.len());
    for ((record, digest, card), id) in drafts.into_iter().zip(ids) {
        new.push(NewLink { state: card.state, ..NewLink::new(LinkEntity::Product, &record.id, id, digest) });
        step.created(about(record, id), |t| &mut t.products);
        outcome.created.insert(record.id.clone(), Card { id, ..card });
    }
    links::insert(step.work, step.source, &step.scope.catalog_id, new).await?;
    adopt(step, adopted).await
}

/// Связывает найденные по артикулу товары с их внешними идами; поля сверит `update`.
async fn adopt<'r>(
    step: &mut Step<'_>,
    found: Vec<(&'r ProductRecord, i64, String)>,
) -> Result<Vec<(&'r ProductRecord, Link)>> {
    let new = found.iter().map(|(record, id, _)| NewLink::new(LinkEntity::Product, &record.id, *id, String::new()));
    links::insert(step.work, step.source, &step.scope.catalog_id, new.collect()).await?;
    let ids = found.iter().map(|(record, ..)| record.id.as_str());
    let mut links = links::load(step.work, step.source, LinkEntity::Product, ids).await?;
    let pair = |(record, _, digest): (&'r ProductRecord, i64, String)| {
        Some((record, Link { digest, ..links.remove(&record.id)? }))
    };
    Ok(found.into_iter().filter_map(pair).collect())
}

fn about(record: &ProductRecord, id: i64) -> About<'_> {
    About { entity: "product", external_id: &record.id, entity_id: Some(id), line: record.line }
}

/// Карточка нового товара. Без цены он скрыт: предложение ещё не пришло.
fn input(step: &Step<'_>, record: &ProductRecord, name: String, article: String, wanted: Wanted) -> ProductIn {
    let hint = step.state.hints.price(&record.id);
    let price = hint.map_or(Money::ZERO, |(price, _)| price);
    let old_price = hint.and_then(|(price, old)| old.filter(|old| *old > price));
    let is_shown = record.visibility != Some(Visibility::Hidden);
    ProductIn {
        name,
        article,
        price,
        old_price,
        description: wanted.description,
        category_id: wanted.category_id,
        brand_id: wanted.brand_id,
        vat_rate: wanted.vat_rate,
        unit: wanted.unit.map(str::to_owned),
        weight: wanted.weight,
        kind: wanted.kind.unwrap_or_default(),
        media: wanted.media,
        attributes: details::inputs(&wanted.values),
        is_active: Some(is_shown && price > Money::ZERO),
        ..ProductIn::default()
    }
}

fn card(record: &ProductRecord, input: &ProductIn, is_bare: bool) -> Card {
    Card {
        id: 0,
        price: input.price,
        old_price: input.old_price,
        is_active: input.is_active == Some(true),
        is_archived: false,
        state: if record.visibility == Some(Visibility::Hidden) { LinkState::Hidden } else { LinkState::Shown },
        is_bare,
    }
}

/// Вариант без размеров; если размеры будут, на витрине его нет.
pub fn default_variant(step: &Step<'_>, product_id: &str, barcode: Option<&String>) -> VariantPlan {
    VariantPlan {
        key: variant::DEFAULT.to_owned(),
        barcode: barcode.map(|barcode| fit(barcode, 64)),
        own_stock: Some(0),
        is_active: !step.state.hints.has_variants(product_id),
        ..VariantPlan::default()
    }
}

/// Переводит запись на язык каталога. `None` — запись не принята, отказ уже записан.
async fn wanted(step: &mut Step<'_>, outcome: &mut Outcome, record: &ProductRecord) -> Result<Option<Wanted>> {
    if record.name.as_ref().is_some_and(|name| name.chars().count() > NAME) {
        outcome.refuse(step, record, ProblemKind::TooLong { field: "name", limit: NAME });
        return Ok(None);
    }
    let mut wanted = Wanted {
        name: record.name.clone(),
        description: description(record),
        unit: record.unit_code.as_deref().and_then(mapping::unit),
        weight: record.weight,
        kind: record.is_service.then_some(ProductKind::Service),
        media: details::gallery(record),
        ..Wanted::default()
    };
    wanted.vat_rate = mapping::vat(record.vat).unwrap_or_else(|rate| {
        step.note(ProblemKind::IgnoredValue { field: "НДС", value: rate.to_string() }, &record.id, record.line);
        None
    });
    wanted.category_id = category(step, record, &mut wanted.is_partial).await?;
    if let Some(brand) = &record.brand {
        wanted.brand_id = Some(brand_named(step, brand).await?);
    }
    values(step, record, &mut wanted);
    Ok(Some(wanted))
}

fn description(record: &ProductRecord) -> Option<String> {
    let html = || record.description_html.as_deref().map(mapping::html_to_text).filter(|text| !text.is_empty());
    record.description.clone().or_else(html)
}

/// Первый известный раздел.
async fn category(step: &mut Step<'_>, record: &ProductRecord, is_partial: &mut bool) -> Result<Option<i64>> {
    for group in &record.groups {
        match group {
            GroupRef::Path(path) => return category_at(step, path).await,
            GroupRef::Id(id) => {
                if let Some(found) = step.state.groups.get(id) {
                    return Ok(Some(*found));
                }
                *is_partial = true;
                step.note(ProblemKind::UnknownGroup(id.clone()), &record.id, record.line);
            }
        }
    }
    Ok(None)
}

/// Значения свойств; непонятные числа и неизвестные значения пропускаются с предупреждением.
fn values(step: &mut Step<'_>, record: &ProductRecord, wanted: &mut Wanted) {
    let mut notes = Vec::new();
    for given in &record.properties {
        let Some(property) = step.state.properties.get(&given.id) else {
            wanted.is_partial = true;
            continue;
        };
        let most = if property.kind == AttributeKind::Number { 1 } else { VALUES };
        for text in given.values.iter().take(most) {
            let choice = step.state.choices.get(&choice_id(&given.id, text));
            match Value::parse(property, text, choice) {
                Some(value) => wanted.values.push(value),
                None => notes.push(ProblemKind::IgnoredValue { field: "Свойство", value: fit(text, 200) }),
            }
        }
    }
    notes.into_iter().for_each(|kind| step.note(kind, &record.id, record.line));
}

/// Сверяет изменившиеся записи с каталогом и переписывает отличия.
async fn update(step: &mut Step<'_>, outcome: &mut Outcome, records: Vec<(&ProductRecord, Link)>) -> Result<()> {
    let ids: Vec<i64> = records.iter().map(|(_, link)| link.entity_id).collect();
    let rows = shelf::products(step.work, &ids).await?;
    let mut galleries = details::media_of(step.work, &ids).await?;
    let mut values = details::values_of(step.work, &ids).await?;
    for (record, mut link) in records {
        let Some(row) = rows.get(&link.entity_id) else { continue };
        let Some(wanted) = wanted(step, outcome, record).await? else { continue };
        let mut change = compare(row, &wanted);
        change.attributes = details::changed_values(&wanted.values, &values.remove(&row.id).unwrap_or_default());
        change.article = new_article(step, record, row).await?;
        (change.is_active, change.is_archived) = show(record, row, &mut link);
        let mut is_changed = change.is_any();
        if is_changed {
            update_product(step.work, row.id, &change.patch()).await?;
        }
        is_changed |= details::add_media(step, row.id, &wanted.media, galleries.remove(&row.id)).await?;
        if wanted.is_partial {
            link.digest.clear();
        }
        step.scope.catalog_id.clone_into(&mut link.scope);
        links::update(step.work, &link).await?;
        match is_changed {
            true => step.changed(about(record, row.id), |t| &mut t.products),
            false => step.unchanged(|t| &mut t.products),
        }
    }
    Ok(())
}

/// Чем запись отличается от товара.
#[derive(Default)]
struct Difference {
    name: Option<String>,
    article: Option<String>,
    description: Option<String>,
    category_id: Option<i64>,
    brand_id: Option<i64>,
    vat_rate: Option<i32>,
    unit: Option<String>,
    weight: Option<i64>,
    kind: Option<ProductKind>,
    attributes: BTreeMap<String, AttributeInput>,
    is_active: Option<bool>,
    is_archived: Option<bool>,
}

impl Difference {
    fn is_any(&self) -> bool {
        let texts = self.name.is_some() || self.article.is_some() || self.description.is_some() || self.unit.is_some();
        let references = self.category_id.is_some() || self.brand_id.is_some() || self.kind.is_some();
        let numbers = self.vat_rate.is_some() || self.weight.is_some();
        texts
            || references
            || numbers
            || !self.attributes.is_empty()
            || self.is_active.is_some()
            || self.is_archived.is_some()
    }

    fn patch(self) -> ProductPatch {
        ProductPatch {
            name: self.name,
            article: self.article,
            description: self.description,
            category_id: self.category_id.map(Some),
            brand_id: self.brand_id.map(Some),
            vat_rate: self.vat_rate.map(Some),
            unit: self.unit,
            weight: self.weight.map(Some),
            kind: self.kind,
            attributes: (!self.attributes.is_empty()).then_some(self.attributes),
            is_active: self.is_active,
            is_archived: self.is_archived,
            ..ProductPatch::default()
        }
    }
}

fn compare(row: &product::Model, wanted: &Wanted) -> Difference {
    let other = |new: &Option<String>, old: &str| new.clone().filter(|new| new != old);
    Difference {
        name: other(&wanted.name, &row.name),
        description: other(&wanted.description, &row.description),
        category_id: wanted.category_id.filter(|new| Some(*new) != row.category_id),
        brand_id: wanted.brand_id.filter(|new| Some(*new) != row.brand_id),
        vat_rate: wanted.vat_rate.filter(|new| Some(*new) != row.vat_rate),
        unit: wanted.unit.filter(|new| *new != row.unit).map(str::to_owned),
        weight: wanted.weight.filter(|new| Some(*new) != row.weight),
        kind: wanted.kind.filter(|new| *new != row.kind),
        ..Difference::default()
    }
}

/// Новый артикул берём, если он свободен.
async fn new_article(step: &Step<'_>, record: &ProductRecord, row: &product::Model) -> Result<Option<String>> {
    let Some(article) = &record.article else { return Ok(None) };
    let key = normalize::article(article);
    let is_spare = row.article == mapping::spare_article(Some(article), &record.id);
    if key == row.article_key || is_spare || article.chars().count() > 100 {
        return Ok(None);
    }
    let is_free = shelf::articles(step.work, std::slice::from_ref(&key)).await?.is_empty();
    Ok(is_free.then(|| article.clone()))
}

/// Показ `(is_active, is_archived)`: скрытое загрузкой она же и возвращает, скрытое человеком не трогает.
fn show(record: &ProductRecord, row: &product::Model, link: &mut Link) -> (Option<bool>, Option<bool>) {
    let state = match record.visibility {
        None => return (None, None),
        Some(Visibility::Active) => LinkState::Shown,
        Some(Visibility::Hidden) => LinkState::Hidden,
        Some(Visibility::Archived) => LinkState::Archived,
    };
    let before = std::mem::replace(&mut link.state, state);
    if before == state {
        return (None, None);
    }
    let is_archived = match (before, state) {
        (_, LinkState::Archived) => true,
        (LinkState::Archived, _) => false,
        _ => row.is_archived,
    };
    let is_active = state == LinkState::Shown && !is_archived && row.price > Money::ZERO;
    ((row.is_active != is_active).then_some(is_active), (row.is_archived != is_archived).then_some(is_archived))
}

/// Чьи артикулы заняты — в базе и в этой пачке.
struct Articles {
    owners: HashMap<String, i64>,
    linked: HashSet<i64>,
    used: HashSet<String>,
}

impl Articles {
    async fn load(step: &Step<'_>, records: &[(&ProductRecord, String)]) -> Result<Self> {
        let own = |record: &ProductRecord| record.article.as_deref().map(normalize::article);
        let keys: Vec<String> = records.iter().filter_map(|(record, _)| own(record)).collect();
        let mut owners = shelf::articles(step.work, &keys).await?;
        // Запасной артикул нужен немногим: тем, у кого своего нет, он занят или повторился.
        let mut met = HashSet::with_capacity(records.len());
        let is_free = |key: &String| !owners.contains_key(key);
        let mut in_need = Vec::new();
        for (record, _) in records {
            let is_usable = own(record).is_some_and(|key| is_free(&key) && met.insert(key));
            if !is_usable || record.article.as_ref().is_some_and(|article| article.chars().count() > 100) {
                in_need.push(normalize::article(&mapping::spare_article(record.article.as_deref(), &record.id)));
            }
        }
        owners.extend(shelf::articles(step.work, &in_need).await?);
        let ids: Vec<i64> = owners.values().copied().collect();
        let linked = links::taken(step.work, step.source, LinkEntity::Product, &ids).await?;
        let linked = linked.into_keys().collect();
        Ok(Self { owners, linked, used: HashSet::new() })
    }

    /// Товар каталога с этим артикулом, если он ещё ничей.
    fn adopt(&mut self, record: &ProductRecord) -> Option<i64> {
        let key = normalize::article(record.article.as_deref()?);
        let id = *self.owners.get(&key)?;
        self.linked.insert(id).then_some(id)
    }

    /// Артикул нового товара: свой, а если занят — с внешним идом.
    fn choose(&mut self, record: &ProductRecord) -> String {
        let own = record.article.clone().filter(|article| article.chars().count() <= 100);
        let spare = mapping::spare_article(record.article.as_deref(), &record.id);
        for article in own.into_iter().chain([spare, mapping::spare_article(None, &record.id)]) {
            let key = normalize::article(&article);
            if !self.owners.contains_key(&key) && self.used.insert(key) {
                return article;
            }
        }
        record.id.clone()
    }
}
