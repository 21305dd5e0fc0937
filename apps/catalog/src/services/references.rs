//! Разделы и бренды, на которые ссылается товар: есть ли такие.

use std::collections::{BTreeSet, HashMap, HashSet};

use kernel::{Error, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QuerySelect};

use super::create_product::Draft;
use crate::models::{brand, category};

/// Превращает `category` (slug) в id и проверяет, что разделы и бренды существуют. Без них в базу не ходит.
pub(super) async fn resolve(work: &Work, drafts: &mut [Draft]) -> Result<()> {
    resolve_categories(work, drafts).await?;
    let wanted: BTreeSet<i64> = drafts.iter().filter_map(|draft| draft.input.brand_id).collect();
    require_brands(work, wanted).await
}

async fn resolve_categories(work: &Work, drafts: &mut [Draft]) -> Result<()> {
    let ids: BTreeSet<i64> = drafts.iter().filter_map(|draft| draft.category_id).collect();
    let by_slug = |draft: &Draft| if draft.category_id.is_some() { None } else { draft.input.category.clone() };
    let slugs: BTreeSet<String> = drafts.iter().filter_map(by_slug).collect();
    if ids.is_empty() && slugs.is_empty() {
        return Ok(());
    }
    let found: Vec<(i64, String)> = category::Entity::find()
        .select_only()
        .columns([category::Column::Id, category::Column::Slug])
        .filter(Condition::any().add(category::Column::Id.is_in(ids)).add(category::Column::Slug.is_in(slugs)))
        .into_tuple()
        .all(work.db())
        .await?;
    let known: HashSet<i64> = found.iter().map(|(id, _)| *id).collect();
    let by_slug: HashMap<String, i64> = found.into_iter().map(|(id, slug)| (slug, id)).collect();
    for draft in drafts {
        match (draft.category_id, &draft.input.category) {
            (Some(id), _) if !known.contains(&id) => return Err(unknown("category_id")),
            (None, Some(slug)) => {
                draft.category_id = Some(*by_slug.get(slug).ok_or_else(|| unknown("category"))?);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Все ли бренды существуют.
pub(super) async fn require_brands(work: &Work, wanted: BTreeSet<i64>) -> Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let count = wanted.len() as u64;
    let found = brand::Entity::find().filter(brand::Column::Id.is_in(wanted)).count(work.db()).await?;
    if found == count { Ok(()) } else { Err(unknown("brand_id")) }
}

pub(super) fn unknown(field: &str) -> Error {
    Error::invalid(field, "catalog.unknown_reference")
}
