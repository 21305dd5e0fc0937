//! Варианты, цены и остатки. Сведения, цена и остаток варианта сверяются порознь: их и присылают порознь.

use std::collections::{BTreeSet, HashMap, HashSet};

use catalog::models::stock_movement::MovementKind;
use catalog::models::variant;
use catalog::normalize;
use catalog::services::stock::{StockChange, adjust_many};
use catalog::services::variant_plan::{VariantPlan, key_of};
use catalog::services::variants::{NewVariant, add_variants};
use kernel::{Money, Result};

use super::dictionary::choice_id;
use super::digest;
use super::known::Aspect;
use super::links::{self, NewLink};
use super::mapping::{self, VariantShape};
use super::pricing::{Chosen, choose};
use super::shelf::{self, Card};
use super::step::{About, Step, fit};
use super::{pending, prices, products};
use crate::formats::{OfferRecord, OptionValue, ProblemKind, Visibility};
use crate::models::import_link::{LinkEntity, LinkState, Model as Link};

/// Предложение и то новое, что в нём есть по сравнению с прошлой загрузкой.
pub struct Task<'r> {
    pub record: &'r OfferRecord,
    pub link: Option<Link>,
    /// Отпечатки того, что надо применить; `None` — этого нет в записи или оно не изменилось.
    pub info: Option<String>,
    pub price: Option<(Chosen, String)>,
    pub stock: Option<(i64, String)>,
}

impl Task<'_> {
    fn is_idle(&self) -> bool {
        self.info.is_none() && self.price.is_none() && self.stock.is_none()
    }
}

pub async fn apply(step: &mut Step<'_>, records: &[&OfferRecord], created: &HashMap<String, Card>) -> Result<()> {
    let waiting = pending::take(step, records, created).await?;
    let tasks = plan(step, records, &waiting).await?;
    let mut shelves = Shelves::load(step, &tasks, created).await?;
    let tasks = place(step, &mut shelves, tasks, created).await?;
    describe(step, &mut shelves, &tasks).await?;
    let priced = prices::apply(step, &mut shelves, &tasks).await?;
    let stocked = stock(step, &shelves, &tasks).await?;
    save(step, tasks, &priced, &stocked).await
}

/// Отбирает то, что изменилось. Второе предложение с тем же идом в одной загрузке не принимается;
/// отложенные (`waiting`) в этом смысле не считаются.
async fn plan<'r>(
    step: &mut Step<'_>,
    records: &[&'r OfferRecord],
    waiting: &'r [OfferRecord],
) -> Result<Vec<Task<'r>>> {
    let ids = records.iter().copied().chain(waiting).map(|record| record.id.as_str());
    let known = links::load(step.work, step.source, LinkEntity::Variant, ids).await?;
    let mut tasks: Vec<Task<'r>> = Vec::with_capacity(records.len());
    let mut places: HashMap<&str, usize> = HashMap::new();
    let fresh = records.iter().map(|record| (*record, false));
    for (record, was_waiting) in waiting.iter().map(|record| (record, true)).chain(fresh) {
        let aspects = Aspects::of(record);
        let fresh = if was_waiting { aspects } else { aspects.unseen(step, record) };
        if fresh == Aspects::default() {
            if aspects != fresh {
                step.note(ProblemKind::Duplicate(record.id.clone()), &record.id, record.line);
            }
            continue;
        }
        // Куски одного предложения в одной пачке — одна задача: соответствие у них общее.
        let place = *places.entry(record.id.as_str()).or_insert_with(|| {
            tasks.push(Task { record, link: known.get(&record.id).cloned(), info: None, price: None, stock: None });
            tasks.len() - 1
        });
        let task = &mut tasks[place];
        if fresh.info {
            task.record = record;
            read_info(step, task, record)?;
        }
        if fresh.price {
            read_price(step, task, record)?;
        }
        if fresh.stock {
            read_stock(step, task, record)?;
        }
    }
    tasks.retain(|task| !task.is_idle());
    Ok(tasks)
}

/// О чём говорит запись.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Aspects {
    /// Сведения о самом варианте. Пометка удаления в файле цен — не сведения.
    pub info: bool,
    pub price: bool,
    pub stock: bool,
}

impl Aspects {
    pub fn of(record: &OfferRecord) -> Self {
        Self {
            info: record.describes_variant() || record.barcode.is_some(),
            price: !record.prices.is_empty(),
            stock: record.stock.is_some(),
        }
    }

    /// То из этого, что встретилось впервые за загрузку.
    fn unseen(self, step: &mut Step<'_>, record: &OfferRecord) -> Self {
        let seen = &mut step.state.seen;
        Self {
            info: self.info && seen.insert(Aspect::Variant, &record.id),
            price: self.price && seen.insert(Aspect::Price, &record.id),
            stock: self.stock && seen.insert(Aspect::Stock, &record.id),
        }
    }

    /// Краткая запись: `vps`.
    pub fn letters(self) -> String {
        let letters = [(self.info, 'v'), (self.price, 'p'), (self.stock, 's')];
        letters.into_iter().filter(|(is_there, _)| *is_there).map(|(_, letter)| letter).collect()
    }
}

fn read_info(step: &mut Step<'_>, task: &mut Task<'_>, record: &OfferRecord) -> Result<()> {
    let about =
        (&record.article, &record.name, &record.barcode, &record.options, &record.properties, record.visibility);
    let digest = digest::of(&about)?;
    match &task.link {
        Some(link) if link.digest == digest => step.unchanged(|t| &mut t.variants),
        _ => task.info = Some(digest),
    }
    Ok(())
}

fn read_price(step: &mut Step<'_>, task: &mut Task<'_>, record: &OfferRecord) -> Result<()> {
    let chosen = match choose(&record.prices, &step.state.price_types, &step.state.settings) {
        Ok(chosen) => chosen,
        Err(currency) => {
            step.note(ProblemKind::UnknownCurrency(currency), &record.id, record.line);
            return Ok(());
        }
    };
    let digest = digest::of(&(chosen.retail.map(Money::to_minor), chosen.old.map(Money::to_minor)))?;
    match &task.link {
        Some(link) if link.price_digest == digest => step.unchanged(|t| &mut t.prices),
        _ => task.price = Some((chosen, digest)),
    }
    Ok(())
}

fn read_stock(step: &mut Step<'_>, task: &mut Task<'_>, record: &OfferRecord) -> Result<()> {
    let Some(stock) = &record.stock else { return Ok(()) };
    let (whole, is_rounded) = mapping::whole(stock.total);
    let digest = digest::of(&stock.total)?;
    match &task.link {
        Some(link) if link.stock_digest == digest => step.unchanged(|t| &mut t.stocks),
        _ => {
            if is_rounded {
                let shown = crate::formats::numbers::show(stock.total, 3);
                step.note(ProblemKind::RoundedStock(shown), &record.id, record.line);
            }
            task.stock = Some((whole, digest));
        }
    }
    Ok(())
}

/// Товары и варианты, которых касается пачка, в памяти.
#[derive(Default)]
pub struct Shelves {
    /// По внешнему иду товара.
    pub products: HashMap<String, Card>,
    pub variants: HashMap<i64, Vec<variant::Model>>,
    /// Варианты, у которых есть соответствие этого источника, и присылал ли он им цену.
    pub linked: HashMap<i64, bool>,
}

impl Shelves {
    /// О заведённых только что всё известно и так, остальные читаются.
    async fn load(step: &Step<'_>, tasks: &[Task<'_>], created: &HashMap<String, Card>) -> Result<Self> {
        let ids: HashSet<&str> = tasks.iter().map(|task| task.record.product_id.as_str()).collect();
        let (fresh, earlier): (Vec<&str>, Vec<&str>) = ids.into_iter().partition(|id| created.contains_key(*id));
        let links = links::load(step.work, step.source, LinkEntity::Product, earlier).await?;
        let ids: BTreeSet<i64> = links.values().map(|link| link.entity_id).collect();
        let cards = shelf::cards(step.work, &ids.into_iter().collect::<Vec<_>>()).await?;
        let mut products: HashMap<String, Card> = fresh.into_iter().map(|id| (id.to_owned(), created[id])).collect();
        // Товар мог удалить человек: тогда его предложения ничьи.
        let known = links.into_iter().filter_map(|(id, link)| {
            let card = cards.get(&link.entity_id)?;
            Some((id, Card { state: link.state, ..*card }))
        });
        products.extend(known);
        let dressed: BTreeSet<i64> = products.values().filter(|card| !card.is_bare).map(|card| card.id).collect();
        let variants = shelf::variants(step.work, &dressed.into_iter().collect::<Vec<_>>()).await?;
        let all: Vec<i64> = variants.values().flatten().map(|variant| variant.id).collect();
        let linked = links::taken(step.work, step.source, LinkEntity::Variant, &all).await?;
        Ok(Self { products, variants, linked })
    }

    pub fn product_of(&self, record: &OfferRecord) -> Option<Card> {
        self.products.get(&record.product_id).copied()
    }

    pub fn variant(&self, product: i64, id: i64) -> Option<&variant::Model> {
        self.variants.get(&product)?.iter().find(|variant| variant.id == id)
    }

    pub fn variant_mut(&mut self, product: i64, id: i64) -> Option<&mut variant::Model> {
        self.variants.get_mut(&product)?.iter_mut().find(|variant| variant.id == id)
    }
}

/// Задача, у которой уже есть вариант каталога.
pub struct Placed<'r> {
    pub task: Task<'r>,
    pub product: i64,
    pub variant: i64,
    /// Заведён сейчас, и не вместе с товаром.
    pub is_new: bool,
    /// Остаток записан вместе с вариантом.
    has_stock: bool,
}

/// Находит каждому предложению вариант каталога, недостающие заводит; чей товар неизвестен — ждут.
async fn place<'r>(
    step: &mut Step<'_>,
    shelves: &mut Shelves,
    tasks: Vec<Task<'r>>,
    created: &HashMap<String, Card>,
) -> Result<Vec<Placed<'r>>> {
    let mut placed = Vec::with_capacity(tasks.len());
    let (mut fresh, mut drafts): (Vec<Task<'r>>, Vec<NewVariant>) = (Vec::new(), Vec::new());
    // Занятые в этой пачке ключи вариантов, по товарам.
    let mut used: HashMap<i64, Vec<String>> = HashMap::new();
    let mut waiting = Vec::new();
    for task in tasks {
        let Some(card) = shelves.product_of(task.record) else {
            waiting.push(task.record);
            continue;
        };
        let product = card.id;
        let found = task.link.as_ref().map(|link| link.entity_id);
        if let Some(variant) = found.filter(|id| shelves.variant(product, *id).is_some()) {
            placed.push(Placed { task, product, variant, is_new: false, has_stock: false });
            continue;
        }
        if !task.record.is_base() && task.info.is_none() {
            waiting.push(task.record);
            continue;
        }
        let shape = shape_of(step, task.record);
        let key = key_of(shape.size.as_deref(), &shape.options);
        let found = if key.is_empty() && !task.record.is_base() { None } else { free_variant(shelves, product, &key) };
        match found {
            Some(variant) => {
                shelves.linked.insert(variant, false);
                placed.push(Placed { task, product, variant, is_new: false, has_stock: false });
            }
            None => {
                drafts.push(draft(step, shelves, &card, &task, shape, used.entry(product).or_default()));
                fresh.push(task);
            }
        }
    }
    pending::keep(step, &waiting).await?;
    free_articles(step, &mut drafts).await?;
    // Товару, чьи предложения вариантов не дали, остаётся вариант без размеров.
    for (id, card) in created.iter().filter(|(_, card)| card.is_bare && !used.contains_key(&card.id)) {
        drafts.push(NewVariant { product_id: card.id, position: 0, plan: products::default_variant(step, id, None) });
    }
    let mut rows = add_variants(step.work, &drafts, &reason(step)).await?.into_iter();
    for (task, row) in fresh.into_iter().zip(rows.by_ref()) {
        let is_bare = shelves.product_of(task.record).is_some_and(|card| card.is_bare);
        let is_new = !(is_bare && row.variant_key == variant::DEFAULT);
        shelves.linked.insert(row.id, false);
        placed.push(Placed { task, product: row.product_id, variant: row.id, is_new, has_stock: true });
        shelves.variants.entry(row.product_id).or_default().push(row);
    }
    Ok(placed)
}

/// Причина движения остатков в журнале — номер загрузки.
fn reason(step: &Step<'_>) -> String {
    step.state.run_id.map_or_else(|| "import".to_owned(), |run| format!("import #{run}"))
}

fn shape_of(step: &Step<'_>, record: &OfferRecord) -> VariantShape {
    // Размер и цвет бывают и в свойствах предложения.
    let extra: Vec<OptionValue> = record
        .properties
        .iter()
        .filter_map(|value| {
            let name = mapping::variant_property(&step.state.properties.get(&value.id)?.name)?;
            let text = value.values.first()?;
            let choice = step.state.choices.get(&choice_id(&value.id, text));
            let title = choice.map_or(text, |choice| &choice.title);
            Some(OptionValue { name: name.to_owned(), value: title.clone() })
        })
        .collect();
    mapping::shape(record, &extra)
}

/// Вариант с таким ключом, ещё не занятый другим предложением.
fn free_variant(shelves: &Shelves, product: i64, key: &str) -> Option<i64> {
    let variants = shelves.variants.get(&product)?;
    let found = variants.iter().find(|variant| variant.variant_key == key)?;
    (!shelves.linked.contains_key(&found.id)).then_some(found.id)
}

/// Новый вариант сразу со своей ценой и остатком: иначе их пришлось бы дописывать следом. `used` — ключи вариантов этого
/// товара, уже занятые в пачке.
fn draft(
    step: &Step<'_>,
    shelves: &Shelves,
    card: &Card,
    task: &Task<'_>,
    shape: VariantShape,
    used: &mut Vec<String>,
) -> NewVariant {
    let record = task.record;
    let variants = shelves.variants.get(&card.id).map(Vec::as_slice).unwrap_or_default();
    let mut key = key_of(shape.size.as_deref(), &shape.options);
    let is_taken = variants.iter().any(|variant| variant.variant_key == key) || used.contains(&key);
    if is_taken || (key.is_empty() && !record.is_base()) {
        // Ничем, кроме ида, от соседа не отличается.
        let tail = record.id.split_once('#').map_or(record.id.as_str(), |(_, tail)| tail);
        key = format!("{key}|#{}", normalize::key(tail));
    }
    let last = variants.iter().map(|variant| variant.position + 1).max().unwrap_or(0);
    let position = last + used.len() as i64;
    used.push(key.clone());
    let own_stock = Some(task.stock.as_ref().map_or(0, |(quantity, _)| *quantity));
    let barcode = record.barcode.as_ref().map(|barcode| fit(barcode, 64));
    let is_shown = record.visibility.unwrap_or(Visibility::Active) == Visibility::Active;
    if key == variant::DEFAULT {
        let default = products::default_variant(step, &record.product_id, None);
        let plan = VariantPlan { own_stock, barcode, is_active: default.is_active && is_shown, ..default };
        return NewVariant { product_id: card.id, position, plan };
    }
    let price = task.price.as_ref().and_then(|(chosen, _)| chosen.retail);
    let plan = VariantPlan {
        key,
        title: shape.title,
        size: shape.size,
        options: shape.options,
        article: record.article.clone().filter(|article| article.chars().count() <= 100),
        barcode,
        price: price.filter(|price| *price != card.price),
        own_stock,
        is_active: is_shown,
        ..VariantPlan::default()
    };
    NewVariant { product_id: card.id, position, plan }
}

/// Занятый артикул варианта не берём: вариант найдётся и без него.
async fn free_articles(step: &Step<'_>, drafts: &mut [NewVariant]) -> Result<()> {
    let keys: Vec<String> =
        drafts.iter().filter_map(|draft| draft.plan.article.as_deref().map(normalize::article)).collect();
    let mut taken: HashSet<String> = shelf::variant_articles(step.work, &keys).await?.into_keys().collect();
    for draft in drafts {
        let key = draft.plan.article.as_deref().map(normalize::article);
        if key.is_some_and(|key| !taken.insert(key)) {
            draft.plan.article = None;
        }
    }
    Ok(())
}

/// Переписывает сведения о вариантах, если они изменились, и показ варианта без размеров.
async fn describe(step: &mut Step<'_>, shelves: &mut Shelves, placed: &[Placed<'_>]) -> Result<()> {
    for item in placed.iter().filter(|item| item.task.info.is_some()) {
        let record = item.task.record;
        let (id, line) = (record.id.as_str(), record.line);
        let about = About { entity: "variant", external_id: id, entity_id: Some(item.variant), line };
        if item.is_new {
            step.created(about, |t| &mut t.variants);
            continue;
        }
        let is_changed = update_variant(step, shelves, item).await?;
        match (item.task.link.is_some(), is_changed) {
            (true, true) => step.changed(about, |t| &mut t.variants),
            (true, false) => step.unchanged(|t| &mut t.variants),
            // Единственный вариант завёлся вместе с товаром, отдельной строки исхода ему не нужно.
            (false, _) => step.counted(|t| &mut t.variants),
        }
    }
    let products: BTreeSet<i64> = placed.iter().map(|item| item.product).collect();
    for product in products {
        retire_default(step, shelves, product).await?;
    }
    Ok(())
}

async fn update_variant(step: &mut Step<'_>, shelves: &mut Shelves, item: &Placed<'_>) -> Result<bool> {
    let record = item.task.record;
    let shape = shape_of(step, record);
    let Some(row) = shelves.variant_mut(item.product, item.variant) else { return Ok(false) };
    let before = row.clone();
    if !record.is_base() && !shape.title.is_empty() {
        row.title = shape.title;
    }
    if let Some(barcode) = &record.barcode {
        row.barcode = Some(fit(barcode, 64));
    }
    match (record.visibility, item.task.link.as_ref().map(|link| link.state)) {
        (Some(Visibility::Active), Some(LinkState::Hidden | LinkState::Archived)) => row.is_active = true,
        (Some(Visibility::Hidden | Visibility::Archived), _) => row.is_active = false,
        _ => {}
    }
    if *row == before {
        return Ok(false);
    }
    shelf::update_variant(step.work, &before, row).await?;
    Ok(true)
}

/// Вариант без размеров нужен, только пока у товара нет других.
async fn retire_default(step: &mut Step<'_>, shelves: &mut Shelves, product: i64) -> Result<()> {
    let linked = &shelves.linked;
    let Some(variants) = shelves.variants.get_mut(&product) else { return Ok(()) };
    let has_others = variants.iter().any(|v| v.variant_key != variant::DEFAULT && linked.contains_key(&v.id));
    let Some(default) = variants.iter_mut().find(|v| v.variant_key == variant::DEFAULT) else { return Ok(()) };
    if !has_others || !default.is_active {
        return Ok(());
    }
    let before = default.clone();
    default.is_active = false;
    shelf::update_variant(step.work, &before, default).await
}

/// Остатки — через журнал склада.
async fn stock(step: &mut Step<'_>, shelves: &Shelves, placed: &[Placed<'_>]) -> Result<HashSet<i64>> {
    let mut changes = Vec::new();
    for item in placed.iter().filter(|item| !item.has_stock) {
        let Some((quantity, _)) = item.task.stock else { continue };
        let Some(variant) = shelves.variant(item.product, item.variant) else { continue };
        changes.push((variant.inventory_item_id, item.variant, quantity));
    }
    let before = shelf::on_hand(step.work, &changes.iter().map(|(item, ..)| *item).collect::<Vec<_>>()).await?;
    changes.retain(|(item, _, quantity)| before.get(item) != Some(quantity));
    let reason = reason(step);
    let orders: Vec<(i64, StockChange)> =
        changes.iter().map(|(item, _, quantity)| (*item, StockChange::OnHand(*quantity))).collect();
    adjust_many(step.work, &orders, MovementKind::Adjust, &reason).await?;
    Ok(changes.into_iter().map(|(_, variant, _)| variant).collect())
}

/// Считает исходы цен и остатков и запоминает отпечатки.
async fn save(
    step: &mut Step<'_>,
    placed: Vec<Placed<'_>>,
    priced: &HashSet<i64>,
    stocked: &HashSet<i64>,
) -> Result<()> {
    let mut new = Vec::new();
    for item in placed {
        let task = item.task;
        let id = task.record.id.as_str();
        let about = |entity| About { entity, external_id: id, entity_id: Some(item.variant), line: task.record.line };
        if task.price.is_some() {
            let is_known = task.link.as_ref().is_some_and(|link| !link.price_digest.is_empty());
            match (is_known, priced.contains(&item.variant)) {
                (false, _) => step.counted(|t| &mut t.prices),
                (true, true) => step.changed(about("price"), |t| &mut t.prices),
                (true, false) => step.unchanged(|t| &mut t.prices),
            }
        }
        if task.stock.is_some() {
            let is_known = task.link.as_ref().is_some_and(|link| !link.stock_digest.is_empty());
            match (is_known, stocked.contains(&item.variant)) {
                (false, _) => step.counted(|t| &mut t.stocks),
                (true, true) => step.changed(about("stock"), |t| &mut t.stocks),
                (true, false) => step.unchanged(|t| &mut t.stocks),
            }
        }
        let state = match task.record.visibility {
            Some(Visibility::Hidden) => LinkState::Hidden,
            Some(Visibility::Archived) => LinkState::Archived,
            _ => LinkState::Shown,
        };
        match task.link {
            Some(mut link) => {
                if let Some(digest) = task.info {
                    (link.digest, link.state) = (digest, state);
                }
                link.price_digest = task.price.map_or(link.price_digest, |(_, digest)| digest);
                link.stock_digest = task.stock.map_or(link.stock_digest, |(_, digest)| digest);
                step.scope.catalog_id.clone_into(&mut link.scope);
                link.entity_id = item.variant;
                links::update(step.work, &link).await?;
            }
            None => new.push(NewLink {
                price_digest: task.price.map(|(_, digest)| digest).unwrap_or_default(),
                stock_digest: task.stock.map(|(_, digest)| digest).unwrap_or_default(),
                state,
                ..NewLink::new(LinkEntity::Variant, id, item.variant, task.info.unwrap_or_default())
            }),
        }
    }
    links::insert(step.work, step.source, &step.scope.catalog_id, new).await
}
