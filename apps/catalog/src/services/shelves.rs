//! Разделы, бренды, характеристики: завести, изменить, перенести, удалить.

use std::collections::HashSet;

use kernel::{Error, OnUnique, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, IntoActiveModel, QueryOrder, QuerySelect, Set};

use super::references::unknown;
use crate::errors;
use crate::models::{brand, category};
use crate::normalize;
use crate::queries::Tree;
use crate::schemas::{BrandIn, BrandPatch, CategoryIn, CategoryPatch};

/// Заданный адрес или сделанный из названия.
pub(super) fn slug_or(given: &Option<String>, name: &str, max: usize) -> Result<String> {
    let slug = given.clone().unwrap_or_else(|| normalize::slug(name, max));
    if slug.is_empty() { Err(Error::invalid("slug", "required")) } else { Ok(slug) }
}

pub async fn create_category(work: &mut Work, input: &CategoryIn) -> Result<category::Model> {
    if let Some(parent) = input.parent_id {
        require_category(work, parent).await?;
    }
    let slug = slug_or(&input.slug, &input.name, 200)?;
    let now = work.timestamp();
    let row = category::ActiveModel {
        id: NotSet,
        parent_id: Set(input.parent_id),
        name: Set(input.name.trim().to_owned()),
        slug: Set(slug.clone()),
        description: Set(input.description.clone()),
        image_url: Set(input.image_url.clone()),
        icon: Set(input.icon.clone()),
        position: Set(input.position),
        is_visible: Set(input.is_visible.unwrap_or(true)),
        is_popular: Set(input.is_popular),
        seo_title: Set(input.seo_title.clone()),
        seo_description: Set(input.seo_description.clone()),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let added = row.insert(work.db()).await.on_unique(|| errors::slug_taken(&slug))?;
    work.invalidate("catalog");
    Ok(added)
}

async fn require_category(work: &Work, id: i64) -> Result<()> {
    let found = category::Entity::find_by_id(id).one(work.db()).await?;
    found.map(|_| ()).ok_or_else(|| unknown("parent_id"))
}

/// Меняет раздел; новый `parent_id` переносит всю ветвь.
pub async fn update_category(work: &mut Work, id: i64, patch: &CategoryPatch) -> Result<category::Model> {
    if let Some(parent) = patch.parent_id {
        check_move(work, id, parent).await?;
    }
    let before = category::Entity::find_by_id(id).lock_exclusive().one(work.db()).await?;
    let mut row = before.or_not_found(errors::CATEGORY_NOT_FOUND)?.into_active_model();
    if let Some(parent) = patch.parent_id {
        row.parent_id = Set(parent);
    }
    if let Some(name) = &patch.name {
        row.name = Set(name.trim().to_owned());
    }
    if let Some(slug) = &patch.slug {
        row.slug = Set(slug.clone());
    }
    if let Some(description) = &patch.description {
        row.description = Set(description.clone());
    }
    if let Some(image_url) = &patch.image_url {
        row.image_url = Set(image_url.clone());
    }
    if let Some(icon) = &patch.icon {
        row.icon = Set(icon.clone());
    }
    if let Some(position) = patch.position {
        row.position = Set(position);
    }
    if let Some(visible) = patch.is_visible {
        row.is_visible = Set(visible);
    }
    if let Some(popular) = patch.is_popular {
        row.is_popular = Set(popular);
    }
    if let Some(title) = &patch.seo_title {
        row.seo_title = Set(title.clone());
    }
    if let Some(description) = &patch.seo_description {
        row.seo_description = Set(description.clone());
    }
    row.updated_at = Set(work.timestamp());
    let slug = patch.slug.clone().unwrap_or_default();
    let after = row.update(work.db()).await.on_unique(|| errors::slug_taken(&slug))?;
    work.invalidate("catalog");
    Ok(after)
}

/// Перенос не делает раздел собственным предком. Все разделы берутся под замок в порядке id: два встречных переноса
/// (А под Б и Б под А) идут по очереди, и второй видит первый.
async fn check_move(work: &Work, id: i64, parent: Option<i64>) -> Result<()> {
    let rows = category::Entity::find().order_by_asc(category::Column::Id).lock_exclusive().all(work.db()).await?;
    let known: HashSet<i64> = rows.iter().map(|row| row.id).collect();
    if !known.contains(&id) {
        return Err(Error::not_found(errors::CATEGORY_NOT_FOUND));
    }
    let Some(parent) = parent else { return Ok(()) };
    if !known.contains(&parent) {
        return Err(unknown("parent_id"));
    }
    let tree = Tree::load(work.db()).await?;
    if tree.branch(id).contains(&parent) {
        return Err(Error::refused("catalog.category_cycle").field("parent_id", "bad_value"));
    }
    Ok(())
}

/// Пустой раздел удаляется; с товарами или вложенными — 400.
pub async fn delete_category(work: &mut Work, id: i64) -> Result<()> {
    let deleted = category::Entity::delete_by_id(id).exec(work.db()).await;
    finish_delete(work, deleted, "catalog.category_not_empty", errors::CATEGORY_NOT_FOUND)
}

/// Удалено ровно одно; ссылки на него — отказ `used`.
pub(super) fn finish_delete(
    work: &mut Work,
    deleted: Result<sea_orm::DeleteResult, sea_orm::DbErr>,
    used: &'static str,
    missing: &'static str,
) -> Result<()> {
    let deleted = deleted.map_err(|error| {
        let error = Error::from(error);
        if error.code == "database.foreign_key" { Error::refused(used) } else { error }
    })?;
    if deleted.rows_affected == 0 {
        return Err(Error::not_found(missing));
    }
    work.invalidate("catalog");
    Ok(())
}

pub async fn create_brand(work: &mut Work, input: &BrandIn) -> Result<brand::Model> {
    let slug = slug_or(&input.slug, &input.name, 200)?;
    let now = work.timestamp();
    let row = brand::ActiveModel {
        id: NotSet,
        name: Set(input.name.trim().to_owned()),
        slug: Set(slug.clone()),
        description: Set(input.description.clone()),
        image_url: Set(input.image_url.clone()),
        position: Set(input.position),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let added = row.insert(work.db()).await.on_unique(|| errors::slug_taken(&slug))?;
    work.invalidate("catalog");
    Ok(added)
}

pub async fn update_brand(work: &mut Work, id: i64, patch: &BrandPatch) -> Result<brand::Model> {
    let before = brand::Entity::find_by_id(id).lock_exclusive().one(work.db()).await?;
    let mut row = before.or_not_found(errors::BRAND_NOT_FOUND)?.into_active_model();
    if let Some(name) = &patch.name {
        row.name = Set(name.trim().to_owned());
    }
    if let Some(slug) = &patch.slug {
        row.slug = Set(slug.clone());
    }
    if let Some(description) = &patch.description {
        row.description = Set(description.clone());
    }
    if let Some(image_url) = &patch.image_url {
        row.image_url = Set(image_url.clone());
    }
    if let Some(position) = patch.position {
        row.position = Set(position);
    }
    row.updated_at = Set(work.timestamp());
    let slug = patch.slug.clone().unwrap_or_default();
    let after = row.update(work.db()).await.on_unique(|| errors::slug_taken(&slug))?;
    work.invalidate("catalog");
    Ok(after)
}

/// Бренд без товаров удаляется; с товарами — 400.
pub async fn delete_brand(work: &mut Work, id: i64) -> Result<()> {
    let deleted = brand::Entity::delete_by_id(id).exec(work.db()).await;
    finish_delete(work, deleted, "catalog.brand_not_empty", errors::BRAND_NOT_FOUND)
}
