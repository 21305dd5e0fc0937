//! Встать в лист ожидания, уйти из него.

use std::collections::BTreeSet;

use catalog::errors::PRODUCT_NOT_FOUND;
use catalog::models::product::OrderType;
use catalog::services::waves::lock_products;
use kernel::{OnUnique, OrNotFound, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{NotSet, Set};

use super::offers::end_offers;
use super::settle::{Cause, settle};
use crate::models::waiting::active_key;
use crate::models::*;
use crate::{errors, queries};

/// Ждать можно того, чего сейчас не купить: у товара все волны полны.
pub async fn join_waiting_list(
    work: &mut Work,
    product_id: i64,
    user_id: i64,
    quantity: i64,
) -> Result<waiting::Model> {
    let locked = lock_products(work, &BTreeSet::from([product_id])).await?;
    let product = locked.first().or_not_found(PRODUCT_NOT_FOUND)?;
    match product.order_type {
        OrderType::Waiting => {}
        OrderType::Preorder => return Err(errors::seats_left()),
        OrderType::Order => return Err(errors::not_preorder()),
    }
    if queries::waiting_of(work.db(), product_id, user_id).await?.is_some() {
        return Err(errors::already_waiting());
    }
    let row = waiting::ActiveModel {
        id: NotSet,
        product_id: Set(product_id),
        user_id: Set(user_id),
        quantity: Set(quantity),
        status: Set(WaitingStatus::Waiting),
        active_key: Set(Some(active_key(product_id, user_id))),
        offered_until: Set(None),
        created_at: Set(work.timestamp()),
        updated_at: Set(work.timestamp()),
    };
    row.insert(work.db()).await.on_unique(errors::already_waiting)
}

/// Уходит; отложенное ему достаётся следующему.
pub async fn leave_waiting_list(work: &mut Work, product_id: i64, user_id: i64) -> Result<()> {
    let locked = lock_products(work, &BTreeSet::from([product_id])).await?;
    let entry = queries::waiting_of(work.db(), product_id, user_id).await?.or_not_found(errors::NOT_WAITING)?;
    if entry.status == WaitingStatus::Offered {
        end_offers(work, &[entry], WaitingStatus::Left).await?;
    } else {
        stop_waiting(work, entry.id).await?;
    }
    for product in locked {
        settle(work, product, Cause::Freed).await?;
    }
    Ok(())
}

async fn stop_waiting(work: &Work, waiting_id: i64) -> Result<()> {
    Waiting::update_many()
        .col_expr(waiting::Column::Status, Expr::value(WaitingStatus::Left))
        .col_expr(waiting::Column::ActiveKey, Expr::value(Option::<String>::None))
        .col_expr(waiting::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(waiting::Column::Id.eq(waiting_id))
        .filter(waiting::Column::Status.eq(WaitingStatus::Waiting))
        .exec(work.db())
        .await?;
    Ok(())
}

/// Человек стёр учётную запись: уходит отовсюду.
pub async fn forget_user(work: &mut Work, user_id: i64) -> Result<()> {
    let entries = Waiting::find()
        .filter(waiting::Column::UserId.eq(user_id))
        .filter(waiting::Column::ActiveKey.is_not_null())
        .all(work.db())
        .await?;
    for entry in entries {
        leave_waiting_list(work, entry.product_id, user_id).await?;
    }
    Ok(())
}
