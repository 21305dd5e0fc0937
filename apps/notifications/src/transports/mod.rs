//! Чем отправлять: папка или SMTP для почты; папка, prostor-sms или SMS.ru для SMS; бот Telegram; служба рассылки браузера.

mod attempts;
mod files;
pub(crate) mod prostor;
pub(crate) mod push;
mod sms;
pub(crate) mod smsru;
mod smtp;
pub(crate) mod telegram;

pub use files::{Sent, mailbox};
pub use push::crypto;
pub use sms::check as check_sms;
pub use telegram::check as check_telegram;

use http::header::RETRY_AFTER;
use kernel::{CallAnswer, Ctx};

use crate::models::message::{Channel, Model};
use crate::settings::MailSettings;

/// Почему не ушло.
#[derive(Debug)]
pub(crate) enum SendError {
    /// Точно не принято; повторить позже.
    Later(String),
    /// Принято ли, неизвестно: прежде чем повторять, спросить.
    Unknown(String),
    /// Адрес или текст не годится, повторять незачем.
    Refused(String),
    /// Просят подождать столько секунд.
    Wait(i64, String),
    /// Адреса больше нет: бота заблокировали, браузер отписался.
    Gone(String),
}

/// Сколько просят подождать в `Retry-After`.
fn retry_after(answer: &CallAnswer) -> Option<i64> {
    answer.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// Принятое к отправке: кем и под каким именем, если его потом спросят о доставке.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accepted {
    pub provider: Option<&'static str>,
    pub provider_id: Option<String>,
}

pub(crate) async fn send(ctx: &Ctx, message: &Model) -> Result<Accepted, SendError> {
    match message.channel {
        Channel::Sms => sms::send(ctx, message).await,
        Channel::Telegram => telegram::send(ctx, message).await,
        Channel::Push => push::send(ctx, message).await,
        Channel::Email if ctx.section::<MailSettings>().transport == "smtp" => {
            smtp::send(ctx, message).await.map(|()| Accepted::default())
        }
        Channel::Email => files::send(ctx, message).await.map(|()| Accepted::default()),
    }
}

/// Проверка почты для `megashop config check`.
pub async fn check_mail(ctx: &Ctx) -> anyhow::Result<String> {
    let mail = ctx.section::<MailSettings>();
    match mail.transport.as_str() {
        "files" => Ok("mail goes to files in the data directory".into()),
        "smtp" => smtp::check(&mail).await,
        other => anyhow::bail!("mail.transport: unknown transport `{other}`, expected `files` or `smtp`"),
    }
}
