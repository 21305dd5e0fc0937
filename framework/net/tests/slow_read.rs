use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use http_body::{Body as HttpBody, Frame};
use megashop_net::Limits;
use tokio::sync::oneshot;
use tokio::time::Duration;

use crate::support::{SHORT, start, within};

const PIECE: usize = 64 * 1024;

/// Тело заданной длины; когда сервер его бросает, `dropped` узнаёт, сколько кусков не отдано.
struct Pieces {
    left: usize,
    dropped: Option<oneshot::Sender<usize>>,
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'a'; PIECE])))))
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        let _ = self.dropped.take().map(|dropped| dropped.send(self.left));
    }
}

/// Приложение, которое один раз отдаёт столько кусков.
fn app(pieces: usize) -> (Router, oneshot::Receiver<usize>) {
    let (sender, dropped) = oneshot::channel();
    let body = Arc::new(Mutex::new(Some(Pieces { left: pieces, dropped: Some(sender) })));
    let handler = move || async move { Body::new(body.lock().unwrap().take().unwrap()) };
    (Router::new().route("/", get(handler)), dropped)
}

fn limits() -> Limits {
    Limits { stall_timeout: SHORT, min_bytes_per_second: 100_000, ..Limits::default() }
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_cut() {
    let (app, dropped) = app(usize::MAX);
    let server = start(app, limits()).await;
    let mut client = server.client().await;
    client.send("GET / HTTP/1.1\r\nhost: shop\r\n\r\n").await;
    assert!(within(dropped).await.unwrap() > 0, "the body must be left unfinished");
}

#[tokio::test]
async fn a_steady_reader_gets_everything() {
    const PIECES: usize = 300;
    let (app, dropped) = app(PIECES);
    let server = start(app, limits()).await;
    let mut client = server.client().await;
    client.send("GET / HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n").await;
    // Перерывы короче запаса, всё вместе дольше его: обрыв значил бы, что срок считается на ответ целиком.
    let mut clock = tokio::time::interval(Duration::from_millis(50));
    for _ in 0..10 {
        clock.tick().await;
        assert!(within(client.read_exactly(PIECES * PIECE / 10)).await);
    }
    assert_eq!(within(dropped).await.unwrap(), 0);
}
