//! Что загрузка помнит между пачками. Память: разделы, свойства, бренды и по 8 байтов на запись.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use catalog::models::{attribute, attribute_choice, brand, category};
use catalog::normalize;
use kernel::{Ctx, Result};
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;

use super::FullExport;
use super::hints::Hints;
use super::known::{Known, Seen};
use super::links;
use super::pricing::PriceTypes;
use super::report::{SHOWN_PROBLEMS, Tallies};
use crate::formats::Problem;
use crate::models::import_link::LinkEntity;
use crate::models::{import_pending, import_price_type, import_row};
use crate::settings::ImportSettings;

/// Источник выгрузок 1С.
pub const COMMERCEML: &str = "commerceml";
/// Источник таблиц CSV и JSONL: один на все файлы, иды — артикулы.
pub const TABLE: &str = "table";

/// Характеристика каталога, заведённая по свойству.
#[derive(Debug, Clone)]
pub struct Property {
    pub attribute_id: i64,
    pub name: String,
    pub slug: String,
    pub kind: attribute::AttributeKind,
}

/// Значение перечня.
#[derive(Debug, Clone)]
pub struct Choice {
    pub id: i64,
    pub slug: String,
    pub title: String,
}

pub struct State {
    pub run_id: Option<i64>,
    pub settings: Arc<ImportSettings>,
    pub hints: Hints,
    /// Ид раздела → категория.
    pub groups: Known<String, i64>,
    /// (родитель, нормализованное название) → категория.
    pub paths: Known<(Option<i64>, String), i64>,
    /// Нормализованное название → бренд.
    pub brands: Known<String, i64>,
    pub properties: Known<String, Property>,
    /// `свойство/значение` → значение перечня.
    pub choices: Known<String, Choice>,
    pub price_types: PriceTypes,
    pub seen: Seen,
    /// Каталоги, чьи полные выгрузки дошли до базы: чего в них нет, то скроется.
    /// Рядом — сколько записей пришло: по пустой выгрузке не скрываем ничего.
    full_products: BTreeMap<String, u64>,
    full_variants: BTreeMap<String, u64>,
    pub has_pending: bool,
    tallies: Tallies,
    fresh_tallies: Tallies,
    problems: Vec<Problem>,
    fresh_problems: Vec<Problem>,
    /// Проблем записано в `import_rows`.
    pub stored_problems: usize,
    /// Проба: её строки копятся в памяти, потому что транзакция откатится.
    pub is_trial: bool,
    pub trial_rows: Vec<import_row::ActiveModel>,
}

impl State {
    pub async fn load(ctx: &Ctx, settings: Arc<ImportSettings>) -> Result<State> {
        let db = ctx.db_fresh();
        let groups = links::all(db, COMMERCEML, LinkEntity::Group).await?;
        let has_pending = import_pending::Entity::find().limit(1).one(db).await?.is_some();
        Ok(State {
            run_id: None,
            settings,
            hints: Hints::default(),
            groups: groups.into_iter().collect(),
            paths: category_paths(db).await?,
            brands: brands(db).await?,
            properties: properties(db).await?,
            choices: choices(db).await?,
            price_types: price_types(db).await?,
            seen: Seen::default(),
            full_products: BTreeMap::new(),
            full_variants: BTreeMap::new(),
            has_pending,
            tallies: Tallies::default(),
            fresh_tallies: Tallies::default(),
            problems: Vec::new(),
            fresh_problems: Vec::new(),
            stored_problems: 0,
            is_trial: false,
            trial_rows: Vec::new(),
        })
    }

    /// Счёт текущей пачки.
    pub fn tally(&mut self) -> &mut Tallies {
        &mut self.fresh_tallies
    }

    /// Запоминает проблему для отчёта, пока есть место.
    pub fn remember(&mut self, problem: &Problem) {
        if self.problems.len() + self.fresh_problems.len() < SHOWN_PROBLEMS {
            self.fresh_problems.push(problem.clone());
        }
    }

    /// Транзакция пачки зафиксирована.
    pub fn commit(&mut self) {
        self.groups.commit();
        self.paths.commit();
        self.brands.commit();
        self.properties.commit();
        self.choices.commit();
        self.price_types.commit();
        self.seen.commit();
        self.tallies.add(&std::mem::take(&mut self.fresh_tallies));
        self.problems.append(&mut self.fresh_problems);
    }

    /// Транзакция пачки откатилась и будет повторена.
    pub fn rollback(&mut self) {
        self.groups.rollback();
        self.paths.rollback();
        self.brands.rollback();
        self.properties.rollback();
        self.choices.rollback();
        self.price_types.rollback();
        self.seen.rollback();
        self.fresh_tallies = Tallies::default();
        self.fresh_problems.clear();
    }

    /// Пришло ещё `count` записей полной выгрузки.
    pub fn full_export(&mut self, entity: LinkEntity, catalog_id: &str, count: u64) {
        let is_product = entity == LinkEntity::Product;
        let sets = if is_product { &mut self.full_products } else { &mut self.full_variants };
        *sets.entry(catalog_id.to_owned()).or_default() += count;
    }

    /// Полные выгрузки, дошедшие до конца.
    pub fn full_exports(&self) -> Vec<FullExport> {
        let products = self.full_products.iter().map(|pair| (LinkEntity::Product, pair));
        let variants = self.full_variants.iter().map(|pair| (LinkEntity::Variant, pair));
        let end = |(entity, (id, count)): (LinkEntity, (&String, &u64))| FullExport {
            entity,
            catalog_id: id.clone(),
            count: *count,
        };
        products.chain(variants).map(end).collect()
    }

    /// Предупреждения, найденные ещё до загрузки.
    pub fn foreseen(&mut self, warnings: &[Problem]) {
        self.tallies.warnings += warnings.len() as u64;
        self.problems.extend(warnings.iter().take(SHOWN_PROBLEMS).cloned());
    }

    pub fn results(&mut self) -> (Tallies, Vec<Problem>) {
        (self.tallies.clone(), std::mem::take(&mut self.problems))
    }

    pub fn tallies(&self) -> &Tallies {
        &self.tallies
    }
}

async fn category_paths(db: &impl ConnectionTrait) -> Result<Known<(Option<i64>, String), i64>> {
    let rows: Vec<(i64, Option<i64>, String)> = category::Entity::find()
        .select_only()
        .columns([category::Column::Id, category::Column::ParentId, category::Column::Name])
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, parent, name)| ((parent, normalize::key(&name)), id)).collect())
}

async fn brands(db: &impl ConnectionTrait) -> Result<Known<String, i64>> {
    let rows: Vec<(i64, String)> = brand::Entity::find()
        .select_only()
        .columns([brand::Column::Id, brand::Column::Name])
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, name)| (normalize::key(&name), id)).collect())
}

async fn properties(db: &impl ConnectionTrait) -> Result<Known<String, Property>> {
    let links = links::all(db, COMMERCEML, LinkEntity::Property).await?;
    let rows = attribute::Entity::find().all(db).await?;
    let by_id: HashMap<i64, attribute::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
    let property = |(external, id): (String, i64)| {
        let row = by_id.get(&id)?;
        Some((external, Property { attribute_id: id, name: row.name.clone(), slug: row.slug.clone(), kind: row.kind }))
    };
    Ok(links.into_iter().filter_map(property).collect())
}

async fn choices(db: &impl ConnectionTrait) -> Result<Known<String, Choice>> {
    let links = links::all(db, COMMERCEML, LinkEntity::Choice).await?;
    let rows: Vec<(i64, String, String)> = attribute_choice::Entity::find()
        .select_only()
        .columns([attribute_choice::Column::Id, attribute_choice::Column::Slug, attribute_choice::Column::Title])
        .into_tuple()
        .all(db)
        .await?;
    let mut by_id: HashMap<i64, Choice> =
        rows.into_iter().map(|(id, slug, title)| (id, Choice { id, slug, title })).collect();
    Ok(links.into_iter().filter_map(|(external, id)| Some((external, by_id.remove(&id)?))).collect())
}

async fn price_types(db: &impl ConnectionTrait) -> Result<PriceTypes> {
    let rows = import_price_type::Entity::find().all(db).await?;
    Ok(rows.into_iter().map(|row| (row.external_id, row.name)).collect())
}
