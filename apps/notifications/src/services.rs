//! Поставить сообщение.

use kernel::{Error, Lang, Result, Subject, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{NotSet, Set};
use serde_json::Value;

use crate::jobs::SendMessage;
use crate::models::message::{self, Channel, Delivery, Status};

/// Что отправить.
#[derive(Clone, Debug)]
pub struct Message {
    pub channel: Channel,
    /// Адрес почты или телефон E.164.
    pub to: String,
    /// `<приложение>.letters.<имя>`.
    pub template: String,
    pub lang: Lang,
    /// Подстановки шаблона.
    pub data: Value,
    /// В тексте одноразовый код: после отправки стереть.
    pub secret: bool,
}

/// Ставит сообщение в этой же транзакции; уйдёт фоновой задачей, один раз.
pub async fn send_later(work: &mut Work, message: &Message) -> Result<()> {
    queue(work, message, None).await
}

/// То же о предмете: когда сообщение уйдёт, об этом расскажет новость [`crate::events::MessageSent`].
pub async fn send_about(work: &mut Work, message: &Message, about: &Subject) -> Result<()> {
    queue(work, message, Some(about)).await
}

async fn queue(work: &mut Work, message: &Message, about: Option<&Subject>) -> Result<()> {
    let Rendered { subject, body, html } = render(work, message)?;
    let row = message::ActiveModel {
        id: NotSet,
        channel: Set(message.channel),
        recipient: Set(message.to.clone()),
        template: Set(message.template.clone()),
        subject: Set(subject),
        body: Set(body),
        html: Set(html),
        subject_kind: Set(about.map(|about| about.kind.clone())),
        subject_id: Set(about.map(|about| about.id.clone())),
        is_secret: Set(message.secret),
        status: Set(Status::Waiting),
        error: Set(None),
        created_at: Set(work.timestamp()),
        sent_at: Set(None),
        attempted_at: Set(None),
        provider: Set(None),
        provider_id: Set(None),
        delivery: Set(None),
    };
    let message_id = work.insert_numbered(row).await?;
    work.enqueue(&SendMessage { message_id }).await
}

/// Ещё одна попытка неудавшегося; тайное не повторяют: код в нём уже стёрт.
pub async fn resend(work: &mut Work, message_id: i64) -> Result<()> {
    let changed = message::Entity::update_many()
        .col_expr(message::Column::Status, Expr::value(Status::Waiting))
        .col_expr(message::Column::Error, Expr::value(Option::<String>::None))
        .filter(message::Column::Id.eq(message_id))
        .filter(message::Column::Status.eq(Status::Failed))
        .filter(message::Column::IsSecret.eq(false))
        .exec(work.db())
        .await?;
    if changed.rows_affected == 0 {
        return Err(Error::refused("notifications.not_failed"));
    }
    work.enqueue(&SendMessage { message_id }).await
}

/// Готовые слова.
struct Rendered {
    subject: String,
    body: String,
    html: Option<String>,
}

/// Слова берутся из текстов приложения, приславшего сообщение.
fn render(work: &Work, message: &Message) -> Result<Rendered> {
    let text =
        |part: &str| work.ctx().texts().find(message.lang, &format!("{}.{part}", message.template), &message.data);
    let missing = || Error::internal(anyhow::anyhow!("no text for template {}", message.template));
    match message.channel {
        Channel::Sms => Ok(Rendered { subject: String::new(), body: text("sms").ok_or_else(missing)?, html: None }),
        Channel::Email => {
            // Перевод строки в теме дал бы чужой заголовок письма.
            let subject = text("subject").ok_or_else(missing)?.replace(['\r', '\n'], " ");
            let body = text("body").ok_or_else(missing)?;
            Ok(Rendered { subject: subject.chars().take(300).collect(), body, html: text("html") })
        }
    }
}

/// Записывает, что операторы сказали о доставке. Окончательное слово не меняется: вести приходят и повторно, и не по порядку.
pub async fn record_deliveries(work: &mut Work, provider: &str, states: &[(String, Delivery)]) -> Result<()> {
    for (provider_id, delivery) in states {
        message::Entity::update_many()
            .col_expr(message::Column::Delivery, Expr::value(*delivery))
            .filter(message::Column::Provider.eq(provider))
            .filter(message::Column::ProviderId.eq(provider_id.as_str()))
            .filter(message::Column::Delivery.eq(Delivery::Sent))
            .exec(work.db())
            .await?;
    }
    Ok(())
}
