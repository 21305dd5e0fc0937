//! Галерея товара: добавить, описать, переставить, удалить.

use std::collections::HashMap;

use kernel::data::insert_all;
use kernel::{Error, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::NotSet, IntoActiveModel, QueryOrder, QuerySelect, Set};

use super::files;
use super::update_product::lock_product;
use super::variants::touch;
use crate::errors;
use crate::models::product_media;
use crate::schemas::{MediaIn, MediaPatch};

/// Больше файлов у одного товара не бывает.
const MAX_MEDIA: usize = 200;

fn row(work: &Work, product: i64, media: MediaIn, position: i64) -> product_media::ActiveModel {
    product_media::ActiveModel {
        id: NotSet,
        product_id: Set(product),
        kind: Set(media.kind),
        url: Set(media.url),
        alt: Set(media.alt),
        position: Set(position),
        created_at: Set(work.timestamp()),
    }
}

/// Вставляет галереи новых товаров, порядок — с нуля.
pub(super) async fn insert(work: &mut Work, galleries: Vec<(i64, Vec<MediaIn>)>) -> Result<()> {
    let mut rows = Vec::new();
    for (product, gallery) in galleries {
        for (position, media) in gallery.into_iter().enumerate() {
            rows.push(row(work, product, media, position as i64));
        }
    }
    Ok(insert_all(work.db(), rows).await?)
}

async fn gallery(work: &Work, product: i64) -> Result<Vec<product_media::Model>> {
    let find = product_media::Entity::find()
        .filter(product_media::Column::ProductId.eq(product))
        .order_by_asc(product_media::Column::Position)
        .order_by_asc(product_media::Column::Id);
    Ok(find.all(work.db()).await?)
}

/// Добавляет файл в конец галереи.
pub async fn add_media(work: &mut Work, product: i64, media: MediaIn) -> Result<product_media::Model> {
    lock_product(work, product).await?;
    let gallery = gallery(work, product).await?;
    if gallery.len() >= MAX_MEDIA {
        return Err(Error::refused("catalog.too_many_media").with("max", MAX_MEDIA));
    }
    let position = gallery.last().map_or(0, |last| last.position + 1);
    let added = row(work, product, media, position).insert(work.db()).await?;
    touch(work, product).await?;
    Ok(added)
}

async fn find(work: &Work, product: i64, id: i64) -> Result<product_media::Model> {
    let found = product_media::Entity::find_by_id(id).filter(product_media::Column::ProductId.eq(product));
    found.lock_exclusive().one(work.db()).await?.or_not_found(errors::MEDIA_NOT_FOUND)
}

pub async fn update_media(work: &mut Work, product: i64, id: i64, patch: &MediaPatch) -> Result<product_media::Model> {
    let mut row = find(work, product, id).await?.into_active_model();
    if let Some(alt) = &patch.alt {
        row.alt = Set(alt.clone());
    }
    if let Some(kind) = patch.kind {
        row.kind = Set(kind);
    }
    let after = row.update(work.db()).await?;
    touch(work, product).await?;
    Ok(after)
}

/// Новый порядок: перечислены все файлы галереи, каждый один раз.
pub async fn reorder_media(work: &mut Work, product: i64, ids: &[i64]) -> Result<Vec<product_media::Model>> {
    lock_product(work, product).await?;
    let rows = gallery(work, product).await?;
    let places: HashMap<i64, i64> = ids.iter().enumerate().map(|(place, id)| (*id, place as i64)).collect();
    if places.len() != ids.len() || places.len() != rows.len() || rows.iter().any(|row| !places.contains_key(&row.id)) {
        return Err(Error::invalid("ids", "catalog.not_whole_gallery"));
    }
    for row in &rows {
        product_media::Entity::update_many()
            .col_expr(product_media::Column::Position, Expr::value(places[&row.id]))
            .filter(product_media::Column::Id.eq(row.id))
            .exec(work.db())
            .await?;
    }
    touch(work, product).await?;
    gallery(work, product).await
}

pub async fn delete_media(work: &mut Work, product: i64, id: i64) -> Result<()> {
    let gone = find(work, product, id).await?;
    product_media::Entity::delete_by_id(id).exec(work.db()).await?;
    files::forget(work, &[gone]).await?;
    touch(work, product).await
}
