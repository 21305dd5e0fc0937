//! Пароли считаются на нескольких постоянных потоках: вход сотни людей не должен мешать каталогу, а память
//! (19 МиБ на проверку) — расти вместе с очередью.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use kernel::{Ctx, Error, Result};
use tokio::sync::{Semaphore, oneshot};

use crate::passwords::{self, Verdict};

/// Дольше этого в очереди не держим: 503 и `Retry-After`.
const PATIENCE: Duration = Duration::from_secs(15);

type Task = Box<dyn FnOnce() + Send>;

/// Потоки не из общего пула tokio: там их сотни, и каждый, на котором хоть раз считался пароль, оставляет себе его 19 МиБ.
struct Workers {
    slots: Arc<Semaphore>,
    queue: mpsc::Sender<Task>,
}

static WORKERS: LazyLock<Workers> = LazyLock::new(|| {
    // Одно ядро всегда остаётся остальным запросам.
    let count = thread::available_parallelism().map_or(1, NonZero::get).saturating_sub(1).max(1);
    let (queue, tasks) = mpsc::channel::<Task>();
    let tasks = Arc::new(Mutex::new(tasks));
    for _ in 0..count {
        let tasks = tasks.clone();
        thread::spawn(move || {
            while let Some(task) = next(&tasks) {
                // Паника останется без ответа, и ждущий получит 500; поток живёт дальше.
                let _ = catch_unwind(AssertUnwindSafe(task));
            }
        });
    }
    Workers { slots: Arc::new(Semaphore::new(count)), queue }
});

fn next(tasks: &Mutex<mpsc::Receiver<Task>>) -> Option<Task> {
    tasks.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

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
    let slot = tokio::time::timeout(PATIENCE, WORKERS.slots.clone().acquire_owned());
    let Ok(Ok(slot)) = slot.await else {
        return Err(Error::unavailable("accounts.busy", 2));
    };
    let (answer, done) = oneshot::channel();
    // Место держит сам поток: клиент, который отключился, не освобождает его раньше времени.
    let task = Box::new(move || {
        let result = work();
        drop(slot);
        let _ = answer.send(result);
    });
    WORKERS.queue.send(task).map_err(|_| Error::internal(anyhow::anyhow!("the hashing threads are gone")))?;
    done.await.map_err(Error::internal)
}
