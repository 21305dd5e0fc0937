use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use megashop_net::Limits;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::support::{LONG, SHORT, TestServer, start, within};

struct Slow {
    server: TestServer,
    started: Arc<Notify>,
    go: Arc<Notify>,
}

async fn slow_server(limits: Limits) -> Slow {
    let (started, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (starts, goes) = (Arc::clone(&started), Arc::clone(&go));
    let slow = move || async move {
        starts.notify_one();
        goes.notified().await;
        "finished"
    };
    let app = Router::new().route("/slow", get(slow)).route("/", get(|| async { "ok" }));
    Slow { server: start(app, limits).await, started, go }
}

#[tokio::test]
async fn shutdown_finishes_what_was_accepted_and_takes_nothing_new() {
    let mut slow = slow_server(Limits::default()).await;
    let mut idle = slow.server.client().await;
    idle.get("/").await;
    let mut silent = slow.server.client().await;
    let mut working = slow.server.client().await;
    working.send("GET /slow HTTP/1.1\r\nhost: shop\r\n\r\n").await;
    within(slow.started.notified()).await;

    slow.server.begin_stop();
    idle.closed().await;
    silent.closed().await;
    within(async { while TcpStream::connect(slow.server.address).await.is_ok() {} }).await;
    slow.server.still_runs(SHORT).await;

    slow.go.notify_one();
    let answer = working.answer().await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "finished"));
    assert_eq!(answer.header("connection"), Some("close"));
    working.closed().await;
    slow.server.stopped().await;
}

#[tokio::test]
async fn shutdown_does_not_wait_for_a_stuck_handler_longer_than_the_drain_timeout() {
    let slow = slow_server(Limits { drain_timeout: SHORT, idle_timeout: LONG, ..Limits::default() }).await;
    let mut stuck = slow.server.client().await;
    stuck.send("GET /slow HTTP/1.1\r\nhost: shop\r\n\r\n").await;
    within(slow.started.notified()).await;

    let began = Instant::now();
    slow.server.begin_stop();
    slow.server.stopped().await;
    assert!(began.elapsed() >= SHORT);
    stuck.closed().await;
}

#[tokio::test]
async fn nothing_to_listen_on_is_an_error() {
    let served = megashop_net::serve([], Router::new(), Limits::default(), std::future::pending()).await;
    assert_eq!(served.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}
