//! Отправка.

use kernel::{Ctx, Error, Job, JobError};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use serde::{Deserialize, Serialize};

use crate::models::message::{self, Status};
use crate::transports;

/// Отправить одно сообщение. Повтор после обрыва не отправит второй раз то, что уже отмечено отправленным.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendMessage {
    pub message_id: i64,
}

impl Job for SendMessage {
    const NAME: &'static str = "notifications.send_message";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let found = message::Entity::find_by_id(self.message_id).one(ctx.db_fresh()).await?;
        let Some(row) = found.filter(|row| row.status == Status::Waiting) else { return Ok(()) };
        match transports::send(ctx, &row).await {
            Ok(()) => mark(ctx, &row, Status::Sent, None).await.map_err(JobError::Retry),
            Err(transports::SendError::Refused(reason)) => {
                mark(ctx, &row, Status::Failed, Some(reason)).await.map_err(JobError::Retry)
            }
            Err(transports::SendError::Later(reason)) => Err(JobError::Retry(Error::internal(anyhow::anyhow!(reason)))),
        }
    }
}

async fn mark(ctx: &Ctx, row: &message::Model, status: Status, error: Option<String>) -> kernel::Result<()> {
    let body = if row.is_secret { String::new() } else { row.body.clone() };
    let sent_at = (status == Status::Sent).then(|| ctx.now().naive_utc());
    message::Entity::update_many()
        .col_expr(message::Column::Status, Expr::value(status))
        .col_expr(message::Column::Body, Expr::value(body))
        .col_expr(message::Column::Error, Expr::value(error.map(|e| e.chars().take(900).collect::<String>())))
        .col_expr(message::Column::SentAt, Expr::value(sent_at))
        .filter(message::Column::Id.eq(row.id))
        .exec(&ctx.db_handle().write)
        .await?;
    Ok(())
}
