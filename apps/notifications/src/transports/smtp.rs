//! SMTP через lettre. Соединения переживают письмо: приветствие и TLS на каждое стоили бы дороже самого письма.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use kernel::Ctx;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{MessageBuilder, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::SendError;
use crate::models::message::{Model, Purpose};
use crate::settings::MailSettings;
use crate::unsubscribe;

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Соединения с почтовым сервером и настройки, с которыми они открыты.
#[derive(Default)]
struct Mailer(Mutex<Option<(Arc<MailSettings>, Transport)>>);

impl Mailer {
    fn transport(&self, mail: &Arc<MailSettings>) -> anyhow::Result<Transport> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((settings, transport)) = &*kept
            && Arc::ptr_eq(settings, mail)
        {
            return Ok(transport.clone());
        }
        let fresh = transport(mail)?;
        *kept = Some((mail.clone(), fresh.clone()));
        Ok(fresh)
    }
}

fn transport(mail: &MailSettings) -> anyhow::Result<Transport> {
    let builder = match mail.encryption.as_str() {
        "starttls" => Transport::starttls_relay(&mail.host)?,
        "tls" => Transport::relay(&mail.host)?,
        "none" => Transport::builder_dangerous(&mail.host),
        other => anyhow::bail!("mail.encryption: unknown value `{other}`, expected starttls, tls or none"),
    };
    let builder = builder.port(mail.port).timeout(Some(std::time::Duration::from_secs(20)));
    Ok(match mail.user.as_str() {
        "" => builder.build(),
        user => builder.credentials(Credentials::new(user.to_owned(), mail.password.clone())).build(),
    })
}

pub(super) async fn send(ctx: &Ctx, message: &Model) -> Result<(), SendError> {
    let mail = ctx.section::<MailSettings>();
    let letter = letter(ctx, &mail, message).map_err(|e| SendError::Refused(format!("{e:#}")))?;
    let transport = ctx.service_or(Mailer::default).transport(&mail).map_err(|e| SendError::Later(format!("{e:#}")))?;
    match transport.send(letter).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_permanent() => Err(SendError::Refused(error.to_string())),
        Err(error) => Err(SendError::Later(error.to_string())),
    }
}

fn letter(ctx: &Ctx, mail: &MailSettings, message: &Model) -> anyhow::Result<Message> {
    let host = mail.from.rsplit('@').next().unwrap_or("localhost").trim_end_matches('>');
    let head = Message::builder()
        .from(mail.from.parse().context("mail.from")?)
        .to(message.recipient.parse().context("recipient")?)
        .subject(&message.subject)
        // Номер письма постоянен: почтовый сервер сам отбросит повтор после обрыва.
        .message_id(Some(format!("<megashop-{}-{}@{host}>", message.id, message.created_at.and_utc().timestamp())));
    let head = with_unsubscribe(head, ctx, message);
    Ok(match &message.html {
        Some(html) => head.multipart(MultiPart::alternative_plain_html(message.body.clone(), html.clone()))?,
        None => head.header(ContentType::TEXT_PLAIN).body(message.body.clone())?,
    })
}

/// Рекламу почтовые программы отписывают сами, одним нажатием (RFC 8058).
fn with_unsubscribe(head: MessageBuilder, ctx: &Ctx, message: &Model) -> MessageBuilder {
    let Some(user_id) = message.user_id.filter(|_| message.purpose == Purpose::Advertising) else { return head };
    let raw = |name, text| HeaderValue::new(HeaderName::new_from_ascii_str(name), text);
    let link = unsubscribe::link(ctx, user_id, message.channel);
    head.raw_header(raw("List-Unsubscribe", format!("<{link}>")))
        .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()))
}

pub(super) async fn check(mail: &MailSettings) -> anyhow::Result<String> {
    let ok =
        transport(mail)?.test_connection().await.with_context(|| format!("mail server {}:{}", mail.host, mail.port))?;
    anyhow::ensure!(ok, "mail server {}:{} refused the connection", mail.host, mail.port);
    Ok(format!("mail server {}:{} answers", mail.host, mail.port))
}
