//! Завести, изменить, удалить страницу или приветствие.

use kernel::{OnUnique, OrNotFound, Result, Work};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

use crate::errors::{self, PAGE_NOT_FOUND, SPLASH_NOT_FOUND};
use crate::models::{page, splash};
use crate::schemas::{PageIn, PagePatch, SplashIn, SplashPatch};

pub async fn create_page(work: &mut Work, input: &PageIn) -> Result<page::Model> {
    let row = page::ActiveModel {
        id: NotSet,
        slug: Set(input.slug.clone()),
        title: Set(input.title.trim().to_owned()),
        content: Set(input.content.clone()),
        is_published: Set(input.is_published.unwrap_or(true)),
        seo_title: Set(input.seo_title.clone()),
        seo_description: Set(input.seo_description.clone()),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
    };
    row.insert(work.db()).await.on_unique(|| errors::slug_taken(&input.slug))
}

/// Меняет присланные поля.
pub async fn update_page(work: &mut Work, slug: &str, patch: &PagePatch) -> Result<page::Model> {
    let found = page::Entity::find().filter(page::Column::Slug.eq(slug)).one(work.db()).await?;
    let mut row = found.or_not_found(PAGE_NOT_FOUND)?.into_active_model();
    if let Some(title) = &patch.title {
        row.title = Set(title.trim().to_owned());
    }
    if let Some(content) = &patch.content {
        row.content = Set(content.clone());
    }
    if let Some(published) = patch.is_published {
        row.is_published = Set(published);
    }
    if let Some(title) = &patch.seo_title {
        row.seo_title = Set(title.clone());
    }
    if let Some(description) = &patch.seo_description {
        row.seo_description = Set(description.clone());
    }
    row.updated_at = Set(work.timestamp());
    Ok(row.update(work.db()).await?)
}

pub async fn delete_page(work: &mut Work, slug: &str) -> Result<()> {
    let deleted = page::Entity::delete_many().filter(page::Column::Slug.eq(slug)).exec(work.db()).await?;
    (deleted.rows_affected == 1).then_some(()).or_not_found(PAGE_NOT_FOUND)
}

pub async fn create_splash(work: &mut Work, input: &SplashIn) -> Result<splash::Model> {
    let row = splash::ActiveModel {
        id: NotSet,
        text: Set(input.text.trim().to_owned()),
        is_active: Set(input.is_active.unwrap_or(true)),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
    };
    Ok(row.insert(work.db()).await?)
}

/// Меняет присланные поля.
pub async fn update_splash(work: &mut Work, id: i64, patch: &SplashPatch) -> Result<splash::Model> {
    let found = splash::Entity::find_by_id(id).one(work.db()).await?;
    let mut row = found.or_not_found(SPLASH_NOT_FOUND)?.into_active_model();
    if let Some(text) = &patch.text {
        row.text = Set(text.trim().to_owned());
    }
    if let Some(active) = patch.is_active {
        row.is_active = Set(active);
    }
    row.updated_at = Set(work.timestamp());
    Ok(row.update(work.db()).await?)
}

pub async fn delete_splash(work: &mut Work, id: i64) -> Result<()> {
    let deleted = splash::Entity::delete_by_id(id).exec(work.db()).await?;
    (deleted.rows_affected == 1).then_some(()).or_not_found(SPLASH_NOT_FOUND)
}
