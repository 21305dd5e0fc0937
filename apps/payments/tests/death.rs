//! Смерть процесса в тестах: будущее бросают на полпути, а потом живут дальше, как после перезапуска.

use std::pin::Pin;
use std::task::{Context, Poll};

use chrono::TimeDelta;
use testkit::TestApp;

/// Шаг между точками смерти: каждая точка — отдельный платёж.
pub const DEATH_STEP: usize = 2;

/// Будущее, которое бросают на полпути после стольких пробуждений.
struct Killed<F> {
    inner: Option<Pin<Box<F>>>,
    wakes_left: usize,
}

impl<F: Future> Future for Killed<F> {
    /// `true` — успело закончиться само.
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        if self.wakes_left == 0 {
            self.inner = None;
            return Poll::Ready(false);
        }
        self.wakes_left -= 1;
        let done = self.inner.as_mut().is_some_and(|inner| inner.as_mut().poll(cx).is_ready());
        if done { Poll::Ready(true) } else { Poll::Pending }
    }
}

/// `true` — дело успело кончиться раньше смерти.
pub async fn die_after<F: Future>(wakes: usize, work: F) -> bool {
    Killed { inner: Some(Box::pin(work)), wakes_left: wakes }.await
}

/// Исполнитель задач умирает после стольких пробуждений; `true` — успел всё.
pub async fn work_and_die(app: &TestApp, wakes: usize) -> bool {
    die_after(wakes, kernel::jobs::run_due(&app.ctx)).await
}

/// Новый процесс: срок задач мёртвого вышел.
pub async fn restart(app: &TestApp) {
    app.advance(TimeDelta::minutes(2));
    app.run_jobs().await;
    let left = kernel::jobs::list(&app.ctx, 10).await.expect("jobs");
    assert!(left.is_empty(), "jobs are stuck: {left:#?}");
}
