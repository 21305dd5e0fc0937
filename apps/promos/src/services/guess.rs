//! Подбор кодов: незнакомые коды считаются по сети, из которой их называют.

use std::hash::{BuildHasher, RandomState};

use accounts::services::{Client, throttle};
use kernel::{Actor, Ctx, Result, Work};
use tokio::sync::Mutex;

use crate::errors::TOO_MANY_GUESSES;
use crate::queries;
use crate::settings::PromoSettings;

/// Очередей по сетям: разные сети почти никогда не ждут друг друга.
const QUEUES: usize = 64;

/// Коды одной сети смотрят по одному, поэтому разом присланная тысяча не проскочит мимо счётчика, а знакомый код не стоит записи в
/// базу. Другой экземпляр магазина смотрит свои: вместе они пропустят сверх предела не больше попытки на экземпляр.
struct Queues {
    turns: [Mutex<()>; QUEUES],
    hasher: RandomState,
}

impl Queues {
    fn new() -> Queues {
        Queues { turns: std::array::from_fn(|_| Mutex::new(())), hasher: RandomState::new() }
    }

    fn of(&self, bucket: &str) -> &Mutex<()> {
        &self.turns[self.hasher.hash_one(bucket) as usize % QUEUES]
    }
}

/// Зовётся прежде, чем сказать о коде хоть что-нибудь. Предел исчерпан — 429, каким бы ни был код.
///
/// Незнакомый код занимает попытку своей транзакцией: отказ заказу её не забудет. Знакомый не занимает ничего: честный покупатель
/// предела не тратит.
pub async fn check_guess(ctx: &Ctx, actor: &Actor, code: &str) -> Result<()> {
    let settings = ctx.section::<PromoSettings>();
    let (guesses, window) = (settings.guesses, settings.window());
    let client = Client { ip: ctx.client_ip(), ..Client::default() };
    let bucket = format!("promo-net:{}", client.network());
    let queues = ctx.service_or(Queues::new);
    let _turn = queues.of(&bucket).lock().await;
    throttle::require_left(ctx, &bucket, guesses, window, TOO_MANY_GUESSES).await?;
    if queries::by_code(ctx.db_fresh(), code).await?.is_some() {
        return Ok(());
    }
    let count = async move |work: &mut Work| throttle::claim(work, &bucket, guesses, window, TOO_MANY_GUESSES).await;
    ctx.atomic(actor, count).await
}
