//! Смена пароля. Сами хеши считаются до транзакции, в [`crate::hashing`].

use kernel::{Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::end_all_sessions;
use crate::events::PasswordChanged;
use crate::models::{User, user};

/// Новый пароль; все прежние входы закончены.
pub async fn set_password(work: &mut Work, user_id: i64, new_hash: &str) -> Result<user::Model> {
    User::update_many()
        .col_expr(user::Column::PasswordHash, Expr::value(new_hash))
        .col_expr(user::Column::UpdatedAt, Expr::value(work.timestamp()))
        .filter(user::Column::Id.eq(user_id))
        .filter(user::Column::DeletedAt.is_null())
        .exec(work.db())
        .await?;
    work.emit(&PasswordChanged { user_id }).await?;
    end_all_sessions(work, user_id).await
}

/// Хеш того же пароля в новом виде; если пароль за это время сменили — ничего.
pub async fn upgrade_hash(work: &Work, user: &user::Model, new_hash: &str) -> Result<()> {
    User::update_many()
        .col_expr(user::Column::PasswordHash, Expr::value(new_hash))
        .filter(user::Column::Id.eq(user.id))
        .filter(user::Column::PasswordHash.eq(user.password_hash.clone()))
        .exec(work.db())
        .await?;
    Ok(())
}
