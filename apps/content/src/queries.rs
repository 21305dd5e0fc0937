//! Чтение страниц и приветствий.

use kernel::{Actor, OrNotFound, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, Select};

use crate::errors::PAGE_NOT_FOUND;
use crate::models::{page, splash};
use crate::permissions::CHANGE_PAGE;

/// Страницы, которые видит этот человек, по порядку появления.
pub fn pages(actor: &Actor) -> Select<page::Entity> {
    let all = page::Entity::find().order_by_asc(page::Column::Id);
    if actor.can(CHANGE_PAGE) { all } else { all.filter(page::Column::IsPublished.eq(true)) }
}

/// Неопубликованная для покупателя — 404.
pub async fn find_page(db: &impl ConnectionTrait, actor: &Actor, slug: &str) -> Result<page::Model> {
    pages(actor).filter(page::Column::Slug.eq(slug)).one(db).await?.or_not_found(PAGE_NOT_FOUND)
}

/// Адреса и заголовки первых опубликованных страниц: для ссылок внизу витрины.
pub async fn titles(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<(String, String)>> {
    let titles = pages(&Actor::Anonymous).select_only().column(page::Column::Slug).column(page::Column::Title);
    Ok(titles.limit(limit).into_tuple().all(db).await?)
}

pub fn splashes() -> Select<splash::Entity> {
    splash::Entity::find().order_by_asc(splash::Column::Id)
}

/// Тексты включённых приветствий. Их единицы, поэтому выбирает программа, а не база.
pub async fn active_splashes(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let texts = splashes().select_only().column(splash::Column::Text).filter(splash::Column::IsActive.eq(true));
    Ok(texts.limit(1000).into_tuple().all(db).await?)
}
