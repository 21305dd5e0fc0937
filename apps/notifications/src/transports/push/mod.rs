//! Уведомление в браузере (RFC 8030): зашифрованное тело — службе рассылки, которую выбрал браузер.
//!
//! Повтор безвреден: у него тот же `Topic` и та же метка, браузер покажет одно.

pub mod crypto;

use kernel::{Call, CallError, Ctx};
use sea_orm::EntityTrait;
use serde_json::json;
use url::Url;

use super::{Accepted, SendError, retry_after};
use crate::models::message::Model;
use crate::models::push_subscription;
use crate::settings::PushSettings;

const CODE: &str = "push";

/// Сколько служба хранит уведомление для выключенного браузера.
const TTL: &str = "86400";

/// Адрес — службы рассылки, которой верим: его назвал браузер, а ходить по нему нам.
pub(crate) fn is_trusted(settings: &PushSettings, endpoint: &str) -> bool {
    let Ok(url) = Url::parse(endpoint) else { return false };
    let host = url.host_str().unwrap_or_default();
    let is_own = |known: &String| match known.contains("://") {
        true => url.origin().ascii_serialization() == *known,
        false => {
            let is_host = host == known || host.strip_suffix(known.as_str()).is_some_and(|rest| rest.ends_with('.'));
            is_host && url.scheme() == "https" && url.port().is_none()
        }
    };
    url.username().is_empty() && url.password().is_none() && settings.hosts.iter().any(is_own)
}

pub(super) async fn send(ctx: &Ctx, message: &Model) -> Result<Accepted, SendError> {
    let subscription = find(ctx, message).await?;
    let sealed = seal(ctx, message, &subscription).map_err(|error| SendError::Refused(format!("{error:#}")))?;
    let urgency = if message.is_urgent { "high" } else { "normal" };
    let call = Call::post(subscription.endpoint)
        .bytes("application/octet-stream", sealed.body)
        .header("content-encoding", "aes128gcm")
        .header("ttl", TTL)
        .header("urgency", urgency)
        .header("topic", &format!("m{}", message.id))
        .header("authorization", &sealed.authorization);
    let answer = ctx.http().send(call).await.map_err(|error| match error {
        CallError::NotSent(why) | CallError::Unknown(why) => SendError::Later(why),
    })?;
    let why = format!("the push service answered {}", answer.status.as_u16());
    match answer.status.as_u16() {
        200..=299 => Ok(Accepted { provider: Some(CODE), provider_id: None }),
        404 | 410 => Err(SendError::Gone(why)),
        413 => Err(SendError::Refused(why)),
        429 => Err(SendError::Wait(retry_after(&answer).unwrap_or(60), why)),
        400..=499 => {
            tracing::error!(why, "the push service does not accept our key: was the shop secret replaced?");
            Err(SendError::Refused(why))
        }
        _ => match retry_after(&answer) {
            Some(seconds) => Err(SendError::Wait(seconds, why)),
            None => Err(SendError::Later(why)),
        },
    }
}

async fn find(ctx: &Ctx, message: &Model) -> Result<push_subscription::Model, SendError> {
    let id: i64 = message.recipient.parse().unwrap_or_default();
    let found = push_subscription::Entity::find_by_id(id).one(ctx.db_fresh()).await;
    let found = found.map_err(|error| SendError::Later(error.to_string()))?;
    let trusted = |row: &push_subscription::Model| is_trusted(&ctx.section::<PushSettings>(), &row.endpoint);
    found.filter(trusted).ok_or_else(|| SendError::Refused("the browser unsubscribed".to_owned()))
}

struct Sealed {
    body: Vec<u8>,
    authorization: String,
}

fn seal(ctx: &Ctx, message: &Model, subscription: &push_subscription::Model) -> anyhow::Result<Sealed> {
    let text = json!({
        "title": message.subject,
        "body": message.body.chars().take(1000).collect::<String>(),
        "url": message.link,
        "tag": format!("m{}", message.id),
    });
    let receiver = crypto::Receiver::parse(&subscription.p256dh, &subscription.auth)?;
    let key = crypto::new_key(|| ctx.random().bytes())?;
    let body = crypto::encrypt(&receiver, &key, ctx.random().bytes(), text.to_string().as_bytes())?;
    let origin = Url::parse(&subscription.endpoint)?.origin().ascii_serialization();
    let settings = ctx.section::<PushSettings>();
    let contact = match settings.contact.as_str() {
        "" => ctx.settings().kernel.server.public_url.clone(),
        contact => contact.to_owned(),
    };
    let authorization = crypto::vapid(&server_key(ctx)?, &origin, ctx.now(), &contact)?;
    Ok(Sealed { body, authorization })
}

/// Ключ магазина перед службами рассылки: выводится из секрета магазина, поэтому один на всех узлах и хранить его незачем.
fn server_key(ctx: &Ctx) -> anyhow::Result<p256::SecretKey> {
    let mut turn = 0;
    crypto::new_key(|| {
        turn += 1;
        ctx.secret(&format!("notifications.vapid.{turn}"))
    })
}

/// Открытая половина, base64url: с ней браузер подписывается.
pub(crate) fn public_key(ctx: &Ctx) -> anyhow::Result<String> {
    Ok(crypto::encode(&crypto::public_bytes(&server_key(ctx)?)))
}
