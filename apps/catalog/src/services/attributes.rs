//! Характеристики и их перечни.

use std::collections::HashMap;

use kernel::{Error, OnUnique, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, IntoActiveModel, QuerySelect, Set};

use super::shelves::{finish_delete, slug_or};
use crate::errors;
use crate::models::attribute::AttributeKind;
use crate::models::{attribute, attribute_choice};
use crate::schemas::{AttributeIn, AttributePatch, ChoiceIn};

pub async fn create_attribute(work: &mut Work, input: &AttributeIn) -> Result<attribute::Model> {
    let slug = slug_or(&input.slug, &input.name, 100)?;
    let now = work.timestamp();
    let row = attribute::ActiveModel {
        id: NotSet,
        name: Set(input.name.trim().to_owned()),
        slug: Set(slug.clone()),
        kind: Set(input.kind),
        unit: Set(input.unit.clone()),
        is_filterable: Set(input.is_filterable),
        position: Set(input.position),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let added = row.insert(work.db()).await.on_unique(|| errors::slug_taken(&slug))?;
    sync_choices(work, &added, &input.choices).await?;
    work.invalidate("catalog");
    Ok(added)
}

pub async fn update_attribute(work: &mut Work, id: i64, patch: &AttributePatch) -> Result<attribute::Model> {
    let before = attribute::Entity::find_by_id(id).lock_exclusive().one(work.db()).await?;
    let mut row = before.or_not_found(errors::ATTRIBUTE_NOT_FOUND)?.into_active_model();
    if let Some(name) = &patch.name {
        row.name = Set(name.trim().to_owned());
    }
    if let Some(slug) = &patch.slug {
        row.slug = Set(slug.clone());
    }
    if let Some(unit) = &patch.unit {
        row.unit = Set(unit.clone());
    }
    if let Some(filterable) = patch.is_filterable {
        row.is_filterable = Set(filterable);
    }
    if let Some(position) = patch.position {
        row.position = Set(position);
    }
    row.updated_at = Set(work.timestamp());
    let slug = patch.slug.clone().unwrap_or_default();
    let after = row.update(work.db()).await.on_unique(|| errors::slug_taken(&slug))?;
    if let Some(choices) = &patch.choices {
        sync_choices(work, &after, choices).await?;
    }
    work.invalidate("catalog");
    Ok(after)
}

/// Приводит перечень к списку: узнаёт по slug, новые заводит, пропавшие удаляет (занятое товарами — 400).
async fn sync_choices(work: &Work, attribute: &attribute::Model, choices: &[ChoiceIn]) -> Result<()> {
    if !choices.is_empty() && attribute.kind != AttributeKind::Choice {
        return Err(Error::invalid("choices", "catalog.not_a_choice"));
    }
    let find = attribute_choice::Entity::find().filter(attribute_choice::Column::AttributeId.eq(attribute.id));
    let existing = find.all(work.db()).await?;
    let mut gone: HashMap<String, attribute_choice::Model> =
        existing.into_iter().map(|choice| (choice.slug.clone(), choice)).collect();
    for (position, choice) in choices.iter().enumerate() {
        let slug = slug_or(&choice.slug, &choice.title, 200)?;
        let field = format!("choices[{position}].slug");
        match gone.remove(&slug) {
            Some(kept) => {
                let mut row = kept.into_active_model();
                row.title = Set(choice.title.trim().to_owned());
                row.position = Set(position as i64);
                row.update(work.db()).await?;
            }
            None => {
                let row = attribute_choice::ActiveModel {
                    id: NotSet,
                    attribute_id: Set(attribute.id),
                    title: Set(choice.title.trim().to_owned()),
                    slug: Set(slug),
                    position: Set(position as i64),
                };
                row.insert(work.db()).await.on_unique(|| Error::invalid(&field, "catalog.repeated"))?;
            }
        }
    }
    let gone: Vec<i64> = gone.into_values().map(|choice| choice.id).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let deleted =
        attribute_choice::Entity::delete_many().filter(attribute_choice::Column::Id.is_in(gone)).exec(work.db());
    deleted.await.map(|_| ()).map_err(|error| {
        let error = Error::from(error);
        if error.code == "database.foreign_key" { Error::refused("catalog.attribute_in_use") } else { error }
    })
}

/// Характеристика без значений у товаров удаляется вместе с перечнем; со значениями — 400.
pub async fn delete_attribute(work: &mut Work, id: i64) -> Result<()> {
    let found = attribute::Entity::find_by_id(id).lock_exclusive().one(work.db()).await?;
    let attribute = found.or_not_found(errors::ATTRIBUTE_NOT_FOUND)?;
    sync_choices(work, &attribute, &[]).await?;
    let deleted = attribute::Entity::delete_by_id(id).exec(work.db()).await;
    finish_delete(work, deleted, "catalog.attribute_in_use", errors::ATTRIBUTE_NOT_FOUND)
}
