//! Поставить сообщение.

mod people;
mod preferences;
mod push;
mod telegram;
mod templates;

pub use people::{Notice, Person, tell};
pub use preferences::{Said, forget_person, set_preference};
pub use push::{drop_subscription, subscribe, unsubscribe};
pub use telegram::{REPEATED, begin_link, drop_chat, forget_updates, hear, unlink};
pub use templates::{prepare, reset_template, send_sample, update_template};

use kernel::{Error, Lang, Result, Subject, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{NotSet, Set};
use serde_json::Value;

use crate::jobs::SendMessage;
use crate::known_templates::changed;
use crate::letters::{self, file_of};
use crate::models::message::{self, Channel, Delivery, Purpose, Status};
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

/// Чем сообщение отличается от обычного.
#[derive(Clone, Copy, Debug, Default)]
struct Terms<'a> {
    user_id: Option<i64>,
    about: Option<&'a Subject>,
    purpose: Purpose,
    urgent: bool,
    /// Почему его нельзя отправлять.
    barred: Option<&'a str>,
}

/// Реклама по адресу, чьего хозяина мы не знаем: согласия тут быть не может.
const NO_CONSENT: &str = "no consent to advertising";

/// Ставит сообщение в этой же транзакции; уйдёт фоновой задачей, один раз. Реклама так не уйдёт: ей нужен человек ([`tell`]).
pub async fn send_later(work: &mut Work, message: &Message) -> Result<()> {
    let purpose = letters::purpose_of(work.ctx(), &message.template);
    queue(work, message, Terms { purpose, ..Terms::default() }).await
}

/// То же о предмете: когда сообщение уйдёт, об этом расскажет новость [`crate::events::MessageSent`].
pub async fn send_about(work: &mut Work, message: &Message, about: &Subject) -> Result<()> {
    let purpose = letters::purpose_of(work.ctx(), &message.template);
    queue(work, message, Terms { about: Some(about), purpose, ..Terms::default() }).await
}

async fn queue(work: &mut Work, message: &Message, terms: Terms<'_>) -> Result<()> {
    let rendered = render(work, message).await?;
    let rendered = rendered.ok_or_else(|| no_text(&message.template))?;
    let is_stray = terms.purpose == Purpose::Advertising && terms.user_id.is_none();
    let barred = is_stray.then_some(NO_CONSENT);
    enqueue(work, message, Terms { barred: terms.barred.or(barred), ..terms }, rendered).await
}

fn no_text(template: &str) -> Error {
    Error::internal(anyhow::anyhow!("no text for template {template}"))
}

async fn enqueue(work: &mut Work, message: &Message, terms: Terms<'_>, rendered: Rendered) -> Result<()> {
    let Rendered { subject, body, html } = rendered;
    let link = message.data.get("url").and_then(Value::as_str).filter(|link| link.len() <= 500);
    let row = message::ActiveModel {
        id: NotSet,
        channel: Set(message.channel),
        recipient: Set(message.to.clone()),
        template: Set(message.template.clone()),
        subject: Set(subject),
        body: Set(body),
        html: Set(html),
        subject_kind: Set(terms.about.map(|about| about.kind.clone())),
        subject_id: Set(terms.about.map(|about| about.id.clone())),
        is_secret: Set(message.secret),
        status: Set(if terms.barred.is_some() { Status::Skipped } else { Status::Waiting }),
        error: Set(terms.barred.map(str::to_owned)),
        created_at: Set(work.timestamp()),
        sent_at: Set(None),
        attempted_at: Set(None),
        provider: Set(None),
        provider_id: Set(None),
        delivery: Set(None),
        user_id: Set(terms.user_id),
        purpose: Set(terms.purpose),
        is_urgent: Set(terms.urgent || message.secret),
        not_before: Set(None),
        link: Set(link.filter(|_| message.channel == Channel::Push).map(str::to_owned)),
    };
    let message_id = work.insert_numbered(row).await?;
    if terms.barred.is_some() { Ok(()) } else { work.enqueue(&SendMessage { message_id }).await }
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

    /// Один короткий текст; у уведомления браузера над ним заголовок — тема письма.
    fn short(title: Option<String>, text: Option<String>) -> Option<Rendered> {
        Self::letter(Some(title.unwrap_or_default()), text, None)
    }

    /// Сообщение этого канала; нет для него слов — `None`. В Telegram за неимением своих уходят слова SMS.
    fn of(channel: Channel, part: impl Fn(&str) -> Option<String>) -> Option<Rendered> {
        match channel {
            Channel::Email => Self::letter(part("subject"), part("body"), part("html")),
            Channel::Sms => Self::short(None, part("sms")),
            Channel::Telegram => Self::short(None, part("telegram").or_else(|| part("sms"))),
            Channel::Push => Self::short(part("subject"), part("push")),
        }
    }
}

/// Слова берутся у сотрудника, если он их изменил, иначе — из текстов приложения, приславшего сообщение.
async fn render(work: &Work, message: &Message) -> Result<Option<Rendered>> {
    let changed = changed(work.ctx(), work.db(), &message.template, message.lang).await?;
    let part = |name: &str| match &changed {
        Some(row) => draw(work, row, name, &message.data),
        None => work.ctx().texts().find(message.lang, &format!("{}.{name}", message.template), &message.data),
    };
    Ok(Rendered::of(message.channel, part))
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
