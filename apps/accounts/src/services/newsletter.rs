//! Согласие на рассылку: правда — в `notifications` (выбор и журнал), столбец `users.newsletter` её повторяет.

use kernel::{Result, Work};
use notifications::models::consent::Source;
use notifications::services::{Said, set_preference};
use notifications::{Channel, Purpose, queries};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use crate::models::{User, user};

/// Человек согласился на рекламные письма или передумал.
pub async fn agree(work: &mut Work, user_id: i64, is_given: bool, source: Source) -> Result<()> {
    let said = Said { channel: Channel::Email, purpose: Purpose::Advertising, is_given, source };
    set_preference(work, user_id, said).await
}

/// Повторяет сказанное не в профиле: ссылкой отписки, в настройках уведомлений. Спрашивает, как теперь: вести приходят не по порядку.
pub async fn reflect(work: &mut Work, user_id: i64) -> Result<()> {
    let is_given = queries::is_on(work.db(), user_id, Channel::Email, Purpose::Advertising).await?;
    User::update_many()
        .col_expr(user::Column::Newsletter, Expr::value(is_given))
        .filter(user::Column::Id.eq(user_id))
        .filter(user::Column::Newsletter.ne(is_given))
        .exec(work.db())
        .await?;
    Ok(())
}
