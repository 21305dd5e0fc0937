//! Письма и SMS файлами в папке данных: для демонстрации, разработки и тестов.

use std::path::{Path, PathBuf};

use kernel::Ctx;

use super::SendError;
use crate::models::message::{Channel, Model};

/// Отправленное, как оно лежит в папке.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub channel: Channel,
    pub to: String,
    pub subject: String,
    pub body: String,
    /// То же письмо разметкой.
    pub html: Option<String>,
}

fn folder(ctx: &Ctx) -> PathBuf {
    ctx.settings().data_dir().join("mail")
}

pub(super) async fn send(ctx: &Ctx, message: &Model) -> Result<(), SendError> {
    let folder = folder(ctx);
    let path = folder.join(format!("{:08}-{}.txt", message.id, message.channel.code()));
    let text = format!("Кому: {}\nТема: {}\n\n{}", message.recipient, message.subject, message.body);
    let later = |error: std::io::Error| SendError::Later(error.to_string());
    tokio::fs::create_dir_all(&folder).await.map_err(later)?;
    if let Some(html) = &message.html {
        tokio::fs::write(path.with_extension("html"), html).await.map_err(later)?;
    }
    tokio::fs::write(&path, text).await.map_err(later)?;
    tracing::info!(message.id = message.id, message.template, file = %path.display(), "message written to a file");
    Ok(())
}

/// Всё, что «отправлено» в папку, по порядку.
pub fn mailbox(ctx: &Ctx) -> Vec<Sent> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder(ctx)).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files.iter().filter_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Option<Sent> {
    if path.extension().is_none_or(|extension| extension != "txt") {
        return None;
    }
    let text = std::fs::read_to_string(path).ok()?;
    let (head, body) = text.split_once("\n\n")?;
    let (to, subject) = head.split_once('\n')?;
    let channel = if path.to_string_lossy().ends_with("-sms.txt") { Channel::Sms } else { Channel::Email };
    Some(Sent {
        channel,
        to: to.strip_prefix("Кому: ")?.to_owned(),
        subject: subject.strip_prefix("Тема: ")?.to_owned(),
        body: body.to_owned(),
        html: std::fs::read_to_string(path.with_extension("html")).ok(),
    })
}
