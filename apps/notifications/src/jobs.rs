//! Отправка.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Actor, Ctx, Error, Job, JobError, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use serde::{Deserialize, Serialize};

use crate::events::MessageSent;
use crate::models::consent::Source;
use crate::models::message::{self, Channel, Delivery, Purpose, Status};
use crate::settings::SmsSettings;
use crate::transports::{self, Accepted, SendError, prostor, telegram};
use crate::{queries, quiet, services};

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
        if let Some(till) = quiet::wait_of(ctx, &row) {
            return put_off(ctx, &row, till).await;
        }
        if !is_allowed(ctx, &row).await? {
            return Ok(mark(ctx, &row, Outcome::bad(Status::Skipped, "consent was withdrawn")).await?);
        }
        match transports::send(ctx, &row).await {
            Ok(accepted) => Ok(mark(ctx, &row, Outcome { accepted, ..Outcome::default() }).await?),
            Err(SendError::Refused(reason)) => Ok(mark(ctx, &row, Outcome::bad(Status::Failed, &reason)).await?),
            Err(SendError::Gone(reason)) => {
                Ok(mark(ctx, &row, Outcome { is_gone: true, ..Outcome::bad(Status::Failed, &reason) }).await?)
            }
            Err(SendError::Wait(seconds, reason)) => wait(ctx, &row, seconds, reason).await,
            Err(SendError::Later(reason) | SendError::Unknown(reason)) => {
                Err(JobError::Retry(Error::internal(anyhow::anyhow!(reason))))
            }
        }
    }
}

/// Согласие на рекламу могли отозвать, пока она ждала.
async fn is_allowed(ctx: &Ctx, row: &message::Model) -> kernel::Result<bool> {
    match (row.purpose, row.user_id) {
        (Purpose::Service, _) => Ok(true),
        (Purpose::Advertising, Some(user_id)) => {
            queries::is_on(ctx.db_fresh(), user_id, row.channel, Purpose::Advertising).await
        }
        (Purpose::Advertising, None) => Ok(false),
    }
}

/// Ждёт назначенного мига; до которого — видно в сообщении.
async fn put_off(ctx: &Ctx, row: &message::Model, till: DateTime<Utc>) -> Result<(), JobError> {
    message::Entity::update_many()
        .col_expr(message::Column::NotBefore, Expr::value(till.naive_utc()))
        .filter(message::Column::Id.eq(row.id))
        .filter(message::Column::Status.eq(Status::Waiting))
        .exec(&ctx.db_handle().write)
        .await?;
    Err(JobError::Later(till))
}

/// Дольше провайдера не уговариваем.
const PATIENCE: TimeDelta = TimeDelta::days(2);

/// Провайдер просит подождать.
async fn wait(ctx: &Ctx, row: &message::Model, seconds: i64, reason: String) -> Result<(), JobError> {
    let till = ctx.now() + TimeDelta::seconds(seconds.clamp(1, 3600));
    match till > row.created_at.and_utc() + PATIENCE {
        true => Ok(mark(ctx, row, Outcome::bad(Status::Failed, &reason)).await?),
        false => put_off(ctx, row, till).await,
    }
}

/// Чем кончилась отправка.
#[derive(Clone)]
struct Outcome {
    status: Status,
    accepted: Accepted,
    error: Option<String>,
    /// Адреса больше нет: забыть его.
    is_gone: bool,
}

impl Default for Outcome {
    fn default() -> Self {
        Outcome { status: Status::Sent, accepted: Accepted::default(), error: None, is_gone: false }
    }
}

impl Outcome {
    fn bad(status: Status, why: &str) -> Outcome {
        Outcome { status, error: Some(why.chars().take(900).collect()), ..Outcome::default() }
    }
}

/// Записывает итог; о письме с предметом — вместе с новостью, ровно один раз.
async fn mark(ctx: &Ctx, row: &message::Model, outcome: Outcome) -> kernel::Result<()> {
    let Outcome { status, accepted, error, is_gone } = outcome;
    let delivery = accepted.provider_id.is_some().then_some(Delivery::Sent);
    let (body, html) = if row.is_secret { (String::new(), None) } else { (row.body.clone(), row.html.clone()) };
    let sent_at = (status == Status::Sent).then(|| ctx.now().naive_utc());
    let written = message::Entity::update_many()
        .col_expr(message::Column::Status, Expr::value(status))
        .col_expr(message::Column::Body, Expr::value(body))
        .col_expr(message::Column::Html, Expr::value(html))
        .col_expr(message::Column::Error, Expr::value(error))
        .col_expr(message::Column::SentAt, Expr::value(sent_at))
        .col_expr(message::Column::Provider, Expr::value(accepted.provider.map(str::to_owned)))
        .col_expr(message::Column::ProviderId, Expr::value(accepted.provider_id))
        .col_expr(message::Column::Delivery, Expr::value(delivery))
        .filter(message::Column::Id.eq(row.id))
        .filter(message::Column::Status.eq(Status::Waiting));
    let news = row.about().filter(|_| status == Status::Sent);
    let news = news.map(|about| MessageSent { message_id: row.id, about });
    let row = row.clone();
    ctx.atomic(&Actor::System("notifications"), async move |work: &mut Work| {
        let marked = written.clone().exec(work.db()).await?;
        if is_gone {
            forget_address(work, &row).await?;
        }
        match &news {
            Some(news) if marked.rows_affected == 1 => work.emit(news).await,
            _ => Ok(()),
        }
    })
    .await
}

/// Бота заблокировали или браузер отказался от уведомлений: больше туда не пишем.
async fn forget_address(work: &mut Work, row: &message::Model) -> kernel::Result<()> {
    let Ok(id) = row.recipient.parse() else { return Ok(()) };
    match row.channel {
        Channel::Telegram => services::drop_chat(work, id, Source::Blocked).await,
        Channel::Push => services::drop_subscription(work, id).await,
        Channel::Email | Channel::Sms => Ok(()),
    }
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

/// Сказать Telegram, куда нести вести, и забыть давно принятые: номера он хранит сутки.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct KeepTelegram;

impl Job for KeepTelegram {
    const NAME: &'static str = "notifications.keep_telegram";

    async fn run(self, ctx: &Ctx) -> Result<(), JobError> {
        let forget = async move |work: &mut Work| services::forget_updates(work).await;
        ctx.atomic(&Actor::System("notifications"), forget).await?;
        if let Err(why) = telegram::set_webhook(ctx).await {
            tracing::warn!(%why, "cannot tell Telegram where to bring updates");
        }
        Ok(())
    }
}
