//! Отправку начали: записывается до разговора, чтобы после обрыва не послать второй раз вслепую.

use kernel::Ctx;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::SendError;
use crate::models::message::{self, Model};

/// Прошлая попытка оборвалась, и спросить о ней некого.
pub(super) fn unknown() -> SendError {
    SendError::Refused("the outcome of the first attempt is unknown; not sent twice".to_owned())
}

pub(super) async fn mark(ctx: &Ctx, message: &Model, begun: bool) -> Result<(), SendError> {
    let at = begun.then(|| ctx.now().naive_utc());
    let marked = message::Entity::update_many()
        .col_expr(message::Column::AttemptedAt, Expr::value(at))
        .filter(message::Column::Id.eq(message.id))
        .exec(&ctx.db_handle().write)
        .await;
    marked.map(|_| ()).map_err(|error| SendError::Later(error.to_string()))
}

/// Занимает единственную попытку: двое разом её не получат.
pub(super) async fn claim(ctx: &Ctx, message: &Model) -> Result<(), SendError> {
    let claimed = message::Entity::update_many()
        .col_expr(message::Column::AttemptedAt, Expr::value(ctx.now().naive_utc()))
        .filter(message::Column::Id.eq(message.id))
        .filter(message::Column::AttemptedAt.is_null())
        .exec(&ctx.db_handle().write)
        .await;
    match claimed.map_err(|error| SendError::Later(error.to_string()))?.rows_affected {
        0 => Err(unknown()),
        _ => Ok(()),
    }
}
