//! Поставить сообщение.

mod templates;

pub use templates::{prepare, reset_template, send_sample, update_template};

use kernel::{Error, Lang, Result, Subject, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{NotSet, Set};
use serde_json::Value;

use crate::jobs::SendMessage;
use crate::known_templates::changed;
use crate::letters::file_of;
use crate::models::message::{self, Channel, Delivery, Status};
use crate::models::template;

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
    let rendered = render(work, message).await?;
    enqueue(work, message, about, rendered).await
}

async fn enqueue(work: &mut Work, message: &Message, about: Option<&Subject>, rendered: Rendered) -> Result<()> {
    let Rendered { subject, body, html } = rendered;
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

impl Rendered {
    /// Письмо; без темы или текста его нет. Перевод строки в теме дал бы чужой заголовок письма.
    fn letter(subject: Option<String>, body: Option<String>, html: Option<String>) -> Option<Rendered> {
        let subject: String = subject?.replace(['\r', '\n'], " ").chars().take(300).collect();
        Some(Rendered { subject, body: body?, html })
    }

    fn sms(text: Option<String>) -> Option<Rendered> {
        Some(Rendered { subject: String::new(), body: text?, html: None })
    }
}

/// Слова берутся у сотрудника, если он их изменил, иначе — из текстов приложения, приславшего сообщение.
async fn render(work: &Work, message: &Message) -> Result<Rendered> {
    let changed = changed(work.ctx(), work.db(), &message.template, message.lang).await?;
    let part = |name: &str| match &changed {
        Some(row) => draw(work, row, name, &message.data),
        None => work.ctx().texts().find(message.lang, &format!("{}.{name}", message.template), &message.data),
    };
    let rendered = match message.channel {
        Channel::Sms => Rendered::sms(part("sms")),
        Channel::Email => Rendered::letter(part("subject"), part("body"), part("html")),
    };
    rendered.ok_or_else(|| Error::internal(anyhow::anyhow!("no text for template {}", message.template)))
}

/// Изменённая часть; не нарисовалась на настоящих данных — вшитая: письмо важнее правки.
fn draw(work: &Work, row: &template::Model, part: &str, data: &Value) -> Option<String> {
    let texts = work.ctx().texts();
    match texts.render(file_of(part), row.part(part)?, data) {
        Ok(text) => Some(text),
        Err(fault) => {
            tracing::error!(
                template = row.template,
                part,
                line = fault.line,
                reason = fault.reason,
                "changed template failed"
            );
            texts.find(row.lang(), &format!("{}.{part}", row.template), data)
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
