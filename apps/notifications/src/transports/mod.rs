//! Чем отправлять: папка или SMTP для почты, папка для SMS.

mod files;
mod smtp;

pub use files::{Sent, mailbox};

use kernel::Ctx;

use crate::models::message::{Channel, Model};
use crate::settings::{MailSettings, SmsSettings};

/// Почему не ушло.
#[derive(Debug)]
pub(crate) enum SendError {
    /// Повторить позже.
    Later(String),
    /// Адрес или текст не годится, повторять незачем.
    Refused(String),
}

pub(crate) async fn send(ctx: &Ctx, message: &Model) -> Result<(), SendError> {
    match message.channel {
        Channel::Email if ctx.section::<MailSettings>().transport == "smtp" => smtp::send(ctx, message).await,
        _ => files::send(ctx, message).await,
    }
}

/// Проверка настроек для `megashop config check`.
pub async fn check(ctx: &Ctx) -> anyhow::Result<String> {
    let sms = ctx.section::<SmsSettings>();
    anyhow::ensure!(sms.provider == "console", "sms.provider: unknown provider `{}`, expected `console`", sms.provider);
    let mail = ctx.section::<MailSettings>();
    match mail.transport.as_str() {
        "files" => Ok("mail goes to files in the data directory".into()),
        "smtp" => smtp::check(&mail).await,
        other => anyhow::bail!("mail.transport: unknown transport `{other}`, expected `files` or `smtp`"),
    }
}
