//! Чтение. Владелец — часть запроса: чужой записи для покупателя не существует.

use kernel::Result;
use kernel::http::Paging;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, Select};

use crate::models::item;

/// Записи покупателя.
pub fn of_user(user_id: i64) -> Select<item::Entity> {
    item::Entity::find().filter(item::Column::UserId.eq(user_id))
}

/// Страница записей, новые сверху, и сколько их всего.
pub async fn page_of_user(
    db: &impl ConnectionTrait,
    user_id: i64,
    paging: &Paging,
) -> Result<(Vec<item::Model>, u64)> {
    let total = of_user(user_id).count(db).await?;
    let newest_first = of_user(user_id).order_by_desc(item::Column::Id);
    let rows = newest_first.offset(paging.offset).limit(paging.limit).all(db).await?;
    Ok((rows, total))
}
