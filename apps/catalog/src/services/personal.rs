//! Избранное и просмотренное покупателя.

use kernel::{OrNotFound, Result, Timestamp, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{QueryOrder, QuerySelect, Set};

use crate::errors;
use crate::models::{favourite, product, recent_view};

/// Сколько просмотренных товаров помним у покупателя.
const MAX_VIEWS: u64 = 50;

async fn require_public(work: &Work, product: i64) -> Result<()> {
    let found = product::Entity::find_by_id(product).one(work.db()).await?;
    let seen = found.filter(|product| product.is_public(work.timestamp()));
    seen.map(|_| ()).or_not_found(errors::PRODUCT_NOT_FOUND)
}

/// Добавляет в избранное; повтор ничего не меняет.
pub async fn add_favourite(work: &mut Work, user: i64, product: i64) -> Result<()> {
    require_public(work, product).await?;
    let row =
        favourite::ActiveModel { user_id: Set(user), product_id: Set(product), created_at: Set(work.timestamp()) };
    let same = OnConflict::columns([favourite::Column::UserId, favourite::Column::ProductId])
        .update_column(favourite::Column::ProductId)
        .to_owned();
    favourite::Entity::insert(row).on_conflict(same).exec_without_returning(work.db()).await?;
    Ok(())
}

/// Убирает из избранного; чужое и отсутствующее — 404.
pub async fn remove_favourite(work: &mut Work, user: i64, product: i64) -> Result<()> {
    let deleted = favourite::Entity::delete_by_id((user, product)).exec(work.db()).await?;
    (deleted.rows_affected > 0).then_some(()).or_not_found("catalog.favourite_not_found")
}

/// Запоминает просмотр; старые сверх предела забываются.
pub async fn remember_view(work: &mut Work, user: i64, product: i64) -> Result<()> {
    require_public(work, product).await?;
    let row =
        recent_view::ActiveModel { user_id: Set(user), product_id: Set(product), viewed_at: Set(work.timestamp()) };
    let again = OnConflict::columns([recent_view::Column::UserId, recent_view::Column::ProductId])
        .update_column(recent_view::Column::ViewedAt)
        .to_owned();
    recent_view::Entity::insert(row).on_conflict(again).exec_without_returning(work.db()).await?;
    let oldest: Option<Timestamp> = recent_view::Entity::find()
        .select_only()
        .column(recent_view::Column::ViewedAt)
        .filter(recent_view::Column::UserId.eq(user))
        .order_by_desc(recent_view::Column::ViewedAt)
        .offset(MAX_VIEWS)
        .limit(1)
        .into_tuple()
        .one(work.db())
        .await?;
    if let Some(oldest) = oldest {
        recent_view::Entity::delete_many()
            .filter(recent_view::Column::UserId.eq(user))
            .filter(recent_view::Column::ViewedAt.lte(oldest))
            .exec(work.db())
            .await?;
    }
    Ok(())
}
