//! Дела: всё, что меняет таблицы этого приложения. Транзакцию открывает вызывающий.

use kernel::{OnUnique, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{QuerySelect, Set};

use crate::models::item;
use crate::schemas::%App%ItemIn;
use crate::{errors, queries};

/// Добавляет запись. Вторую с таким же названием не пустит база.
pub async fn add_item(work: &mut Work, user_id: i64, input: &%App%ItemIn) -> Result<item::Model> {
    let %App%ItemIn { title } = input;
    let row = item::ActiveModel {
        user_id: Set(user_id),
        title: Set(title.clone()),
        created_at: Set(work.timestamp()),
        ..Default::default()
    };
    row.insert(work.db()).await.on_unique(|| errors::already_there(title))
}

/// Убирает свою запись; чужая — как несуществующая.
pub async fn remove_item(work: &mut Work, user_id: i64, item_id: i64) -> Result<()> {
    let own = queries::of_user(user_id).filter(item::Column::Id.eq(item_id));
    let found: Option<i64> = own.select_only().column(item::Column::Id).into_tuple().one(work.db()).await?;
    let id = found.or_not_found(errors::NOT_FOUND)?;
    item::Entity::delete_by_id(id).exec(work.db()).await?;
    Ok(())
}
