//! Адресная книга. Чужой адрес — 404: хозяин входит в условие запроса.

use kernel::{OrNotFound, Result, Work};
use sea_orm::ActiveValue::NotSet;
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use crate::models::{Address, address};

/// Больше адресов одному человеку не нужно, а списку не надо листания.
const MAX_ADDRESSES: u64 = 50;

const NOT_FOUND: &str = "accounts.address_not_found";

/// Новый адрес. Поля уже проверены; `fields.id`, хозяин и времена ставятся здесь. Первый адрес — по умолчанию.
pub async fn add_address(
    work: &Work,
    user_id: i64,
    fields: address::ActiveModel,
    is_default: bool,
) -> Result<address::Model> {
    let count = Address::find().filter(address::Column::UserId.eq(user_id)).count(work.db()).await?;
    if count >= MAX_ADDRESSES {
        return Err(kernel::Error::refused("accounts.too_many_addresses").with("limit", MAX_ADDRESSES));
    }
    let row = address::ActiveModel {
        id: NotSet,
        user_id: Set(user_id),
        default_of: Set(None),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
        ..fields
    };
    let id = Address::insert(row).exec(work.db()).await?.last_insert_id;
    if is_default || count == 0 {
        make_default(work, user_id, id).await?;
    }
    own_address(work, user_id, id).await
}

/// Заменяет поля адреса.
pub async fn change_address(
    work: &Work,
    user_id: i64,
    id: i64,
    fields: address::ActiveModel,
    is_default: bool,
) -> Result<address::Model> {
    own_address(work, user_id, id).await?;
    let row = address::ActiveModel {
        id: sea_orm::ActiveValue::Unchanged(id),
        user_id: NotSet,
        default_of: NotSet,
        created_at: NotSet,
        updated_at: Set(work.timestamp()),
        ..fields
    };
    row.update(work.db()).await?;
    if is_default {
        make_default(work, user_id, id).await?;
    }
    own_address(work, user_id, id).await
}

pub async fn remove_address(work: &Work, user_id: i64, id: i64) -> Result<()> {
    let own = Address::delete_many().filter(address::Column::Id.eq(id)).filter(address::Column::UserId.eq(user_id));
    let removed = own.exec(work.db()).await?.rows_affected;
    (removed == 1).then_some(()).or_not_found(NOT_FOUND)
}

async fn own_address(work: &Work, user_id: i64, id: i64) -> Result<address::Model> {
    let own = Address::find_by_id(id).filter(address::Column::UserId.eq(user_id));
    own.one(work.db()).await?.or_not_found(NOT_FOUND)
}

/// Прежний адрес по умолчанию перестаёт им быть: двух не допустит UNIQUE.
async fn make_default(work: &Work, user_id: i64, id: i64) -> Result<()> {
    Address::update_many()
        .col_expr(address::Column::DefaultOf, Expr::value(Option::<i64>::None))
        .filter(address::Column::DefaultOf.eq(user_id))
        .filter(address::Column::Id.ne(id))
        .exec(work.db())
        .await?;
    Address::update_many()
        .col_expr(address::Column::DefaultOf, Expr::value(user_id))
        .filter(address::Column::Id.eq(id))
        .exec(work.db())
        .await?;
    Ok(())
}
