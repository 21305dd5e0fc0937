//! На что откликаемся.

use kernel::{Lang, Listener, Result, Work};
use notifications::events::ConsentChanged;
use notifications::services::send_later;
use notifications::{Channel, Message};
use sea_orm::entity::prelude::*;
use serde_json::{Value, json};

use crate::codes::{digits, link};
use crate::contacts::Contact;
use crate::events::CodeRequested;
use crate::models::one_time_code::Model as Code;
use crate::models::{OneTimeCode, Purpose};
use crate::security::Security;
use crate::services::{may_reset, newsletter};
use crate::settings::AuthSettings;
use crate::{phones, queries};

/// Шлёт код или ссылку. Здесь, а не в запросе, решается, есть ли кому: запрос о неизвестном человеке неотличим.
pub struct DeliverCode;

impl Listener for DeliverCode {
    const NAME: &'static str = "accounts.deliver_code";
    type Event = CodeRequested;

    async fn handle(work: &mut Work, event: CodeRequested) -> Result<()> {
        let Some(code) = OneTimeCode::find_by_id(event.code_id).one(work.db()).await? else {
            return Ok(());
        };
        let Some(contact) = Contact::parse(&code.target).filter(|_| code.expires_at > work.timestamp()) else {
            return Ok(());
        };
        if code.purpose == Purpose::Reset && !has_owner(work, &contact).await? {
            return Ok(());
        }
        send_later(work, &message(work, &code, &contact, &event.lang)).await
    }
}

async fn has_owner(work: &Work, contact: &Contact) -> Result<bool> {
    let user = queries::user_by_contact(work.db(), contact).await?;
    Ok(user.is_some_and(|user| may_reset(&user, contact)))
}

fn message(work: &Work, code: &Code, contact: &Contact, lang: &str) -> Message {
    let letter = match code.purpose {
        Purpose::Login | Purpose::Setup => "login_code",
        Purpose::Confirm => "confirm_code",
        Purpose::Reset => "reset_password",
    };
    Message {
        channel: match contact {
            Contact::Phone(_) => Channel::Sms,
            Contact::Email(_) => Channel::Email,
        },
        to: contact.key().to_owned(),
        template: format!("accounts.letters.{letter}"),
        lang: if lang == "en" { Lang::En } else { Lang::Ru },
        data: data(work, code, contact),
        secret: true,
    }
}

/// Что подставляется в текст. Ссылка — только в письме о сбросе: адрес сайта из настроек, не из заголовков запроса.
fn data(work: &Work, code: &Code, contact: &Contact) -> Value {
    let ctx = work.ctx();
    let key = &Security::of(ctx).code_key;
    let site = ctx.settings().kernel.server.public_url.trim_end_matches('/');
    let minutes = (code.expires_at - work.timestamp()).num_minutes().max(1);
    match (code.purpose, contact) {
        (Purpose::Reset, Contact::Email(_)) => {
            let page = &ctx.section::<AuthSettings>().reset_page;
            json!({"link": format!("{site}{page}?token={}", link(key, code.id)), "minutes": minutes})
        }
        _ => json!({"code": digits(key, code.id), "minutes": minutes, "to": phones::display(contact.key())}),
    }
}

/// Отписался по ссылке из письма — не подписан и в профиле.
pub struct ReflectNewsletter;

impl Listener for ReflectNewsletter {
    const NAME: &'static str = "accounts.reflect_newsletter";
    type Event = ConsentChanged;

    async fn handle(work: &mut Work, event: ConsentChanged) -> Result<()> {
        newsletter::reflect(work, event.user_id).await
    }
}
