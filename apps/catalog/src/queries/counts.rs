//! Память длинных счётов: сколько товаров под отбором. Своя у каждого процесса.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use kernel::Ctx;

/// Дольше этого счёту не верят без пересчёта.
const FRESH: Duration = Duration::from_secs(60);
/// Отборов в памяти; больше — память начинается заново.
const MOST: usize = 10_000;

/// Счета процесса: `Counts::of(ctx)`.
#[derive(Default)]
pub(super) struct Counts(Mutex<HashMap<String, Count>>);

struct Count {
    total: u64,
    /// Когда посчитан или взят пересчитать.
    made: Instant,
}

/// Запомненный счёт.
pub(super) struct Known {
    pub total: u64,
    /// Спросивший пересчитывает; остальным пока отдаётся прежний.
    pub renew: bool,
}

impl Counts {
    pub fn of(ctx: &Ctx) -> Arc<Counts> {
        ctx.service_or(Counts::default)
    }

    pub fn get(&self, key: &str) -> Option<Known> {
        let mut counts = self.lock();
        let count = counts.get_mut(key)?;
        let renew = count.made.elapsed() > FRESH;
        if renew {
            count.made = Instant::now();
        }
        Some(Known { total: count.total, renew })
    }

    pub fn keep(&self, key: String, total: u64) {
        let mut counts = self.lock();
        if counts.len() >= MOST {
            counts.clear();
        }
        counts.insert(key, Count { total, made: Instant::now() });
    }

    pub fn forget(&self, key: &str) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Count>> {
        self.0.lock().unwrap_or_else(|broken| broken.into_inner())
    }
}
