//! Подбор кодов: незнакомые коды считаются по сети, из которой их называют.

use accounts::services::{Client, throttle};
use kernel::{Actor, Ctx, Result, Work};

use crate::errors::TOO_MANY_GUESSES;
use crate::queries;
use crate::settings::PromoSettings;

/// Зовётся прежде, чем сказать о коде хоть что-нибудь. Предел исчерпан — 429, каким бы ни был код.
///
/// Попытка занимается до взгляда на код, своей транзакцией: разом присланная тысяча кодов не проскочит мимо счётчика, а отказ заказу её
/// не забудет. Знакомый код попытку возвращает: честный покупатель предела не тратит.
pub async fn check_guess(ctx: &Ctx, actor: &Actor, code: &str) -> Result<()> {
    let code = code.to_owned();
    ctx.atomic(actor, async move |work: &mut Work| count_guess(work, &code).await).await
}

async fn count_guess(work: &mut Work, code: &str) -> Result<()> {
    let settings = work.ctx().section::<PromoSettings>();
    let client = Client { ip: work.ctx().client_ip(), ..Client::default() };
    let bucket = format!("promo-net:{}", client.network());
    throttle::claim(work, &bucket, settings.guesses, settings.window(), TOO_MANY_GUESSES).await?;
    match queries::by_code(work.db(), code).await? {
        Some(_) => throttle::give_back(work, &bucket, 1).await,
        None => Ok(()),
    }
}
