//! Действие, которое клиент не может оборвать.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::problem::{INTERNAL, Language};

/// Начатые действия; `serve` кладёт в каждый запрос и ждёт их при остановке.
#[derive(Clone)]
pub(crate) struct Tasks(pub TaskTracker);

/// Прослойка для `axum::middleware::from_fn`: каждый обработчик идёт в собственной задаче сервера.
///
/// Обработчик axum бросают на ближайшем `await`, когда клиент повесил трубку. Денежный ход при этом разорвался бы пополам,
/// а брошенное посреди ответа чтение оставило бы соединению с базой чужой остаток (sqlx 0.9 и MariaDB ждут его без срока).
/// Паника обработчика становится ответом 500. Ставится ближе к обработчику, чем срок ответа: по сроку клиент получит отказ,
/// а действие дойдёт до конца. Task-local значения в задачу не переходят.
pub async fn detach(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let tasks = request.extensions().get::<Tasks>().cloned();
    let handler = next.run(request).in_current_span();
    let task = match tasks {
        Some(Tasks(tracker)) => tracker.spawn(handler),
        None => tokio::spawn(handler),
    };
    task.await.unwrap_or_else(|_| INTERNAL.response(language))
}
