//! Действие, которое клиент не может оборвать.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;
use http::Method;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::problem::{INTERNAL, Language};

/// Начатые действия; `serve` кладёт в каждый запрос и ждёт их при остановке.
#[derive(Clone)]
pub(crate) struct Tasks(pub TaskTracker);

/// Прослойка для `axum::middleware::from_fn`: всё, кроме GET, HEAD и OPTIONS, идёт в собственной задаче сервера.
///
/// Обработчик axum бросают на ближайшем `await`, когда клиент повесил трубку; денежный ход при этом
/// разорвался бы пополам. Паника любого обработчика становится ответом 500. Ставится ближе к обработчику, чем
/// срок ответа: по сроку клиент получит отказ, а действие дойдёт до конца. Task-local значения в задачу не переходят.
pub async fn detach(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let tasks = request.extensions().get::<Tasks>().cloned();
    let handler = AssertUnwindSafe(next.run(request)).catch_unwind();
    if is_safe {
        return handler.await.unwrap_or_else(|_| INTERNAL.response(language));
    }
    let handler = handler.in_current_span();
    let task = match tasks {
        Some(Tasks(tracker)) => tracker.spawn(handler),
        None => tokio::spawn(handler),
    };
    match task.await {
        Ok(Ok(response)) => response,
        _ => INTERNAL.response(language),
    }
}
