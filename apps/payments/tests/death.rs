//! Смерть процесса в тестах: будущее бросают на полпути, а потом живут дальше, как после перезапуска.

use std::pin::Pin;
use std::task::{Context, Poll};

use chrono::TimeDelta;
use testkit::TestApp;

/// Дело убивают всё позже, пока оно трижды подряд не успеет кончиться само. Сколько раз оно просыпается, зависит от базы и соседей по машине,
/// поэтому заранее не известно; каждая точка смерти — отдельный платёж.
pub struct Deaths {
    /// Через сколько пробуждений умереть теперь.
    pub wakes: usize,
    step: usize,
    killed: usize,
    finished: usize,
}

impl Deaths {
    pub fn every(step: usize) -> Deaths {
        Deaths { wakes: 1, step, killed: 0, finished: 0 }
    }

    pub fn are_over(&mut self, finished: bool) -> bool {
        self.killed += usize::from(!finished);
        self.finished = if finished { self.finished + 1 } else { 0 };
        self.wakes += self.step;
        self.finished == 3
    }

    /// Убивали на самом деле, а не успевали всякий раз.
    #[track_caller]
    pub fn assert_many(&self) {
        assert!(self.killed > 1, "killed {} times only", self.killed);
    }
}

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
