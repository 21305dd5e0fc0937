//! Подбор кодов: незнакомые коды считаются по сети, из которой их называют.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use accounts::services::{Client, throttle};
use kernel::{Actor, Ctx, Result, Work};
use moka::sync::Cache;
use tokio::sync::Mutex;

use crate::errors::TOO_MANY_GUESSES;
use crate::known;
use crate::settings::PromoSettings;

/// Очередей по сетям: разные сети почти никогда не ждут друг друга.
const QUEUES: usize = 64;

/// Сетей, которых помнят за незнакомым кодом.
const SUSPECTS: u64 = 100_000;

/// Коды одной сети смотрят по одному, поэтому разом присланная тысяча не проскочит мимо счётчика. Сеть, не назвавшая здесь ни одного
/// незнакомого кода, счётчика в базе не касается. Другой экземпляр магазина и он же после перезапуска помнят своё: сверх предела
/// проскочит не больше попытки на каждый.
struct Queues {
    turns: [Mutex<()>; QUEUES],
    hasher: RandomState,
    suspects: Cache<String, ()>,
}

impl Queues {
    fn new(window: Duration) -> Queues {
        let suspects = Cache::builder().max_capacity(SUSPECTS).time_to_live(window).build();
        Queues { turns: std::array::from_fn(|_| Mutex::new(())), hasher: RandomState::new(), suspects }
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
    let queues = ctx.service_or(|| Queues::new(window.to_std().unwrap_or_default()));
    let _turn = queues.of(&bucket).lock().await;
    let is_known = known::terms(ctx, ctx.db_fresh(), code).await?.is_some();
    if !is_known {
        queues.suspects.insert(bucket.clone(), ());
    }
    if queues.suspects.contains_key(&bucket) {
        throttle::require_left(ctx, &bucket, guesses, window, TOO_MANY_GUESSES).await?;
    }
    if is_known {
        return Ok(());
    }
    let count = async move |work: &mut Work| throttle::claim(work, &bucket, guesses, window, TOO_MANY_GUESSES).await;
    ctx.atomic(actor, count).await
}
