//! Время и случайность берутся только отсюда, чтобы тесты могли ими управлять.

use std::sync::Mutex;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

/// Момент времени в базе: UTC без зоны, микросекунды (так одинаково на трёх движках).
pub type Timestamp = chrono::NaiveDateTime;

/// Часы: системные или поставленные тестом.
#[derive(Debug, Default)]
pub struct Clock {
    frozen: Mutex<Option<DateTime<Utc>>>,
}

impl Clock {
    /// Текущий момент, UTC, с точностью до микросекунды (точнее базы не хранят).
    pub fn now(&self) -> DateTime<Utc> {
        let frozen = *self.frozen.lock().unwrap_or_else(|e| e.into_inner());
        frozen.unwrap_or_else(system_now)
    }

    /// Останавливает часы на данном моменте. Только для тестов.
    pub fn freeze(&self, at: DateTime<Utc>) {
        *self.frozen.lock().unwrap_or_else(|e| e.into_inner()) = Some(at.trunc_subsecs(6));
    }

    /// Переводит часы вперёд (остановленные или идущие становятся остановленными).
    pub fn advance(&self, by: TimeDelta) {
        self.freeze(self.now() + by);
    }
}

#[expect(clippy::disallowed_methods, reason = "единственное место, где спрашивают системные часы")]
fn system_now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// Источник случайности: криптографический, в тестах — с зерном.
#[derive(Debug)]
pub struct Random {
    rng: Mutex<StdRng>,
}

impl Random {
    /// Зерно берётся у операционной системы.
    pub fn system() -> Self {
        Random { rng: Mutex::new(rand::make_rng()) }
    }

    /// Повторяемая последовательность. Только для тестов.
    pub fn seeded(seed: u64) -> Self {
        Random { rng: Mutex::new(StdRng::seed_from_u64(seed)) }
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0u8; N];
        self.rng.lock().unwrap_or_else(|e| e.into_inner()).fill_bytes(&mut out);
        out
    }

    /// 128 случайных бит в шестнадцатеричном виде: ключи корзин, ссылок, файлов.
    pub fn token(&self) -> String {
        hex::encode(self.bytes::<16>())
    }

    /// Равномерное целое из `0..limit`; `limit` должен быть больше нуля.
    pub fn below(&self, limit: u32) -> u32 {
        let wide = u64::from_le_bytes(self.bytes::<8>());
        (wide % u64::from(limit.max(1))) as u32
    }

    /// UUIDv7: упорядочен по времени, поэтому годится и как ключ таблицы.
    pub fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes::<10>()).into_uuid()
    }
}
