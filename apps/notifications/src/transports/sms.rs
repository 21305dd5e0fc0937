//! SMS: выбор провайдера и защита от второй оплаченной отправки.
//!
//! Перед разговором записывается, что он начат. Оборвался на полуслове — следующая попытка сначала спрашивает провайдера, не принял ли
//! он эту SMS. Кто ответить не умеет, тому её не посылают второй раз: человек попросит код снова, а деньги уже ушли.

use kernel::Ctx;

use super::{Accepted, SendError, attempts, files, prostor, smsru};
use crate::models::message::Model;
use crate::settings::SmsSettings;

#[derive(Clone, Copy)]
enum Gateway {
    Console,
    Prostor,
    SmsRu,
}

fn gateway(settings: &SmsSettings) -> anyhow::Result<Gateway> {
    match settings.provider.as_str() {
        "console" => Ok(Gateway::Console),
        prostor::CODE => Ok(Gateway::Prostor),
        smsru::CODE => Ok(Gateway::SmsRu),
        other => anyhow::bail!("sms.provider: unknown provider `{other}`, expected console, prostor or smsru"),
    }
}

pub(super) async fn send(ctx: &Ctx, message: &Model) -> Result<Accepted, SendError> {
    let gateway = gateway(&ctx.section::<SmsSettings>()).map_err(|error| SendError::Later(error.to_string()))?;
    if let Gateway::Console = gateway {
        return files::send(ctx, message).await.map(|()| Accepted::default());
    }
    let known = match message.attempted_at {
        Some(_) => find(ctx, gateway, message).await?,
        None => None,
    };
    if let Some(id) = known {
        return Ok(accepted(gateway, id));
    }
    attempts::mark(ctx, message, true).await?;
    let sent = match gateway {
        Gateway::Prostor => prostor::send(ctx, message).await,
        _ => smsru::send(ctx, message).await,
    };
    if let Err(SendError::Later(_)) = sent {
        attempts::mark(ctx, message, false).await?;
    }
    Ok(accepted(gateway, sent?))
}

/// Имя SMS у провайдера, если прошлая попытка всё же удалась.
async fn find(ctx: &Ctx, gateway: Gateway, message: &Model) -> Result<Option<String>, SendError> {
    match gateway {
        Gateway::Prostor => prostor::find(ctx, message).await,
        _ => Err(attempts::unknown()),
    }
}

fn accepted(gateway: Gateway, id: String) -> Accepted {
    let provider = match gateway {
        Gateway::Console => None,
        Gateway::Prostor => Some(prostor::CODE),
        Gateway::SmsRu => Some(smsru::CODE),
    };
    Accepted { provider, provider_id: Some(id) }
}

/// Проверка SMS для `megashop config check`: ключи и остаток денег.
pub async fn check(ctx: &Ctx) -> anyhow::Result<String> {
    match gateway(&ctx.section::<SmsSettings>())? {
        Gateway::Console => Ok("sms go to files in the data directory".into()),
        Gateway::Prostor => prostor::check(ctx).await,
        Gateway::SmsRu => smsru::check(ctx).await,
    }
}
