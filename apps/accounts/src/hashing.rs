//! Пароли считаются на отдельных потоках и не больше нескольких разом: вход сотни людей не должен мешать каталогу,
//! а память (19 МиБ на проверку) — расти вместе с очередью (reliability.md, случай 48).

use std::num::NonZero;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use kernel::{Ctx, Error, Result};
use tokio::sync::Semaphore;

use crate::passwords::{self, Verdict};

/// Дольше этого в очереди не держим: 503 и `Retry-After`.
const PATIENCE: Duration = Duration::from_secs(15);

/// Одно ядро всегда остаётся остальным запросам.
static SLOTS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Arc::new(Semaphore::new((cores - 1).max(1)))
});

pub async fn hash(ctx: &Ctx, password: &str) -> Result<String> {
    let (password, salt) = (password.to_owned(), ctx.random().bytes::<16>());
    in_turn(move || passwords::hash(&password, &salt)).await?.map_err(|error| Error::internal(anyhow::anyhow!(error)))
}

/// Сверяет пароль; без хеша тратит столько же времени и отвечает «неверно».
pub async fn verify(password: &str, stored: Option<&str>) -> Result<Verdict> {
    let (password, stored) = (password.to_owned(), stored.map(str::to_owned));
    in_turn(move || match stored {
        Some(stored) => passwords::verify(&password, &stored),
        None => passwords::verify_nobody(&password),
    })
    .await
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let slot = tokio::time::timeout(PATIENCE, SLOTS.clone().acquire_owned());
    let Ok(Ok(slot)) = slot.await else {
        return Err(Error::unavailable("accounts.busy", 2));
    };
    // Место держит сам поток: клиент, который отключился, не освобождает его раньше времени.
    let done = tokio::task::spawn_blocking(move || {
        let result = work();
        drop(slot);
        result
    });
    done.await.map_err(Error::internal)
}
