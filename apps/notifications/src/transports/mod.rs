//! Чем отправлять: папка или SMTP для почты; папка, prostor-sms или SMS.ru для SMS.

mod files;
pub(crate) mod prostor;
mod sms;
pub(crate) mod smsru;
mod smtp;

pub use files::{Sent, mailbox};
pub use sms::check as check_sms;

use kernel::Ctx;

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
}

/// Принятое к отправке: кем и под каким именем, если его потом спросят о доставке.
#[derive(Debug, Default)]
pub(crate) struct Accepted {
    pub provider: Option<&'static str>,
    pub provider_id: Option<String>,
}

pub(crate) async fn send(ctx: &Ctx, message: &Model) -> Result<Accepted, SendError> {
    match message.channel {
        Channel::Sms => sms::send(ctx, message).await,
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
