//! Удалить товар, которого ещё никто не заказывал.

use kernel::{Result, Work};
use sea_orm::entity::prelude::*;

use super::create_product::items_of;
use super::update_product::lock_product;
use super::{files, variants};
use crate::events::{Change, ProductChanged};
use crate::models::{attribute_value, favourite, product, product_media, recent_view, variant};

/// Удаляет товар со всем, что ему принадлежит. Заказанный или лежащий в корзине — 400: заказы держат ссылку на товар.
pub async fn delete_product(work: &mut Work, id: i64) -> Result<()> {
    lock_product(work, id).await?;
    let items = items_of(work, vec![id]).await?.into_iter().map(|item| item.id).collect();
    let rows = variant::Entity::find().filter(variant::Column::ProductId.eq(id)).all(work.db()).await?;
    variants::delete_rows(work, rows.into_iter().map(|variant| variant.id).collect()).await?;
    variants::delete_items(work, items).await?;
    attribute_value::Entity::delete_many().filter(attribute_value::Column::ProductId.eq(id)).exec(work.db()).await?;
    favourite::Entity::delete_many().filter(favourite::Column::ProductId.eq(id)).exec(work.db()).await?;
    recent_view::Entity::delete_many().filter(recent_view::Column::ProductId.eq(id)).exec(work.db()).await?;
    let media = product_media::Entity::find().filter(product_media::Column::ProductId.eq(id)).all(work.db()).await?;
    product_media::Entity::delete_many().filter(product_media::Column::ProductId.eq(id)).exec(work.db()).await?;
    files::forget(work, &media).await?;
    product::Entity::delete_by_id(id).exec(work.db()).await.map_err(variants::in_use)?;
    work.emit(&ProductChanged { product_id: id, change: Change::Deleted }).await?;
    work.invalidate("catalog");
    Ok(())
}
