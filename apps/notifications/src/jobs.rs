//! Отправка.

use kernel::{Actor, Ctx, Error, Job, JobError, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use serde::{Deserialize, Serialize};

use crate::events::MessageSent;
use crate::models::message::{self, Delivery, Status};
use crate::services;
use crate::settings::SmsSettings;
use crate::transports::{self, Accepted, SendError, prostor};

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
            Ok(accepted) => Ok(mark(ctx, &row, Status::Sent, accepted, None).await?),
            Err(SendError::Refused(reason)) => {
                Ok(mark(ctx, &row, Status::Failed, Accepted::default(), Some(reason)).await?)
            }
            Err(SendError::Later(reason) | SendError::Unknown(reason)) => {
                Err(JobError::Retry(Error::internal(anyhow::anyhow!(reason))))
            }
        }
    }
}

/// Записывает итог; о письме с предметом — вместе с новостью, ровно один раз.
async fn mark(
    ctx: &Ctx,
    row: &message::Model,
    status: Status,
    accepted: Accepted,
    error: Option<String>,
) -> kernel::Result<()> {
    let delivery = accepted.provider_id.is_some().then_some(Delivery::Sent);
    let (body, html) = if row.is_secret { (String::new(), None) } else { (row.body.clone(), row.html.clone()) };
    let sent_at = (status == Status::Sent).then(|| ctx.now().naive_utc());
    let outcome = message::Entity::update_many()
        .col_expr(message::Column::Status, Expr::value(status))
        .col_expr(message::Column::Body, Expr::value(body))
        .col_expr(message::Column::Html, Expr::value(html))
        .col_expr(message::Column::Error, Expr::value(error.map(|e| e.chars().take(900).collect::<String>())))
        .col_expr(message::Column::SentAt, Expr::value(sent_at))
        .col_expr(message::Column::Provider, Expr::value(accepted.provider.map(str::to_owned)))
        .col_expr(message::Column::ProviderId, Expr::value(accepted.provider_id))
        .col_expr(message::Column::Delivery, Expr::value(delivery))
        .filter(message::Column::Id.eq(row.id))
        .filter(message::Column::Status.eq(Status::Waiting));
    let news = row.about().filter(|_| status == Status::Sent);
    let news = news.map(|about| MessageSent { message_id: row.id, about });
    ctx.atomic(&Actor::System("notifications"), async move |work: &mut Work| {
        let marked = outcome.clone().exec(work.db()).await?;
        match &news {
            Some(news) if marked.rows_affected == 1 => work.emit(news).await,
            _ => Ok(()),
        }
    })
    .await
}

/// Больше очередей за раз не вычёрпываем: остальное — через минуту.
const QUEUE_TURNS: usize = 20;

/// Узнать о доставке SMS, раз в минуту. SMS.ru сообщает сам, prostor-sms надо спрашивать.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct PollSms;

impl Job for PollSms {
    const NAME: &'static str = "notifications.poll_sms";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let sms = ctx.section::<SmsSettings>();
        if sms.provider != prostor::CODE || sms.prostor.queue.is_empty() {
            return Ok(());
        }
        for _ in 0..QUEUE_TURNS {
            // Провайдер молчит — спросим через минуту: состояния дождутся в очереди.
            let states = prostor::take_states(ctx).await.unwrap_or_else(|why| {
                tracing::warn!(why, "cannot poll sms states");
                Vec::new()
            });
            if states.is_empty() {
                return Ok(());
            }
            let record = async move |work: &mut Work| services::record_deliveries(work, prostor::CODE, &states).await;
            ctx.atomic(&Actor::System("notifications"), record).await?;
        }
        Ok(())
    }
}
