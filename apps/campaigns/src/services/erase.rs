//! Человек стёр учётную запись: его почты у нас не остаётся.

use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use crate::models::*;

/// Сеансы и коды остаются, но уже ничьи; код, который человек успел получить, действует.
pub async fn erase_user(work: &mut Work, user_id: i64) -> Result<()> {
    Session::update_many()
        .col_expr(session::Column::PendingEmail, Expr::value(None::<String>))
        .col_expr(session::Column::Metadata, Expr::value(None::<String>))
        .filter(session::Column::UserId.eq(user_id))
        .exec(work.db())
        .await?;
    Code::update_many()
        .col_expr(code::Column::Email, Expr::value(None::<String>))
        .filter(code::Column::UserId.eq(user_id))
        .exec(work.db())
        .await?;
    Person::delete_by_id(user_id).exec(work.db()).await?;
    Ok(())
}
