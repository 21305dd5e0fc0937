//! Терпение сервера к медленному клиенту.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::Limits;

/// Запас ожидания: тает, пока ждём клиента, и восполняется переданными байтами, но не выше исходного.
///
/// Считается только ожидание клиента: время, которое тратит сам сервер, клиенту не вменяется.
pub(crate) struct Pace {
    patience: Duration,
    bytes_per_second: u64,
    left: Duration,
    waiting_since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    pub fn new(limits: &Limits) -> Self {
        Self {
            patience: limits.stall_timeout,
            bytes_per_second: u64::from(limits.min_bytes_per_second.max(1)),
            left: limits.stall_timeout,
            waiting_since: None,
            alarm: None,
        }
    }

    /// Клиент передал или принял столько байт.
    pub fn moved(&mut self, bytes: usize) {
        if let Some(since) = self.waiting_since.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        if self.left == self.patience {
            return;
        }
        let earned = (bytes as u64).saturating_mul(1_000_000) / self.bytes_per_second;
        self.left = self.left.saturating_add(Duration::from_micros(earned)).min(self.patience);
    }

    /// Клиента приходится ждать; `Ready` — терпение кончилось.
    pub fn poll_exhausted(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.waiting_since.is_none() {
            let now = Instant::now();
            self.waiting_since = Some(now);
            set_alarm(&mut self.alarm, now + self.left);
        }
        match &mut self.alarm {
            Some(alarm) => alarm.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

/// Завести будильник; память под него берётся при первом ожидании и дальше служит соединению.
pub(crate) fn set_alarm(alarm: &mut Option<Pin<Box<Sleep>>>, at: Instant) {
    match alarm {
        Some(alarm) => alarm.as_mut().reset(at),
        None => *alarm = Some(Box::pin(sleep_until(at))),
    }
}
