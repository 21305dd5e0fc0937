use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use axum::middleware::from_fn;
use axum::routing::any;
use megashop_net::{Limits, detach};
use tokio::sync::{Notify, mpsc};

use crate::support::{SHORT, TestServer, start, within};

#[derive(Debug, PartialEq)]
enum Seen {
    Started,
    Finished,
    Dropped,
}

/// Обработчик, который ждёт `go` и рассказывает, чем кончил.
struct Story {
    server: TestServer,
    go: Arc<Notify>,
    seen: mpsc::UnboundedReceiver<Seen>,
}

struct Teller {
    seen: mpsc::UnboundedSender<Seen>,
    is_finished: bool,
}

impl Drop for Teller {
    fn drop(&mut self) {
        let _ = self.seen.send(if self.is_finished { Seen::Finished } else { Seen::Dropped });
    }
}

async fn story() -> Story {
    let go = Arc::new(Notify::new());
    let (tell, seen) = mpsc::unbounded_channel();
    let wait = Arc::clone(&go);
    let handler = move || async move {
        let mut teller = Teller { seen: tell, is_finished: false };
        teller.seen.send(Seen::Started).unwrap();
        wait.notified().await;
        teller.is_finished = true;
        "done"
    };
    let app = Router::new().route("/", any(handler)).layer(from_fn(detach));
    Story { server: start(app, Limits::default()).await, go, seen }
}

impl Story {
    async fn next(&mut self) -> Seen {
        within(self.seen.recv()).await.unwrap()
    }

    async fn start_and_hang_up(&mut self, method: &Method) {
        let mut client = self.server.client().await;
        client.send(format!("{method} / HTTP/1.1\r\nhost: shop\r\n\r\n")).await;
        assert_eq!(self.next().await, Seen::Started);
        client.hang_up();
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_cannot_cut_work_in_half() {
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let mut story = story().await;
        story.start_and_hang_up(&method).await;
        // Остановка ждёт и действие, у которого больше нет клиента.
        story.server.begin_stop();
        story.go.notify_one();
        assert_eq!(story.next().await, Seen::Finished, "{method}");
        story.server.stopped().await;
    }
}

#[tokio::test]
async fn shutdown_waits_for_a_change_without_a_client() {
    let mut story = story().await;
    story.start_and_hang_up(&Method::POST).await;
    story.server.begin_stop();
    within(async { while tokio::net::TcpStream::connect(story.server.address).await.is_ok() {} }).await;
    story.server.still_runs(SHORT).await;
    story.go.notify_one();
    assert_eq!(story.next().await, Seen::Finished);
    story.server.stopped().await;
}

#[tokio::test]
async fn a_panic_becomes_500_and_the_connection_lives_on() {
    async fn broken() -> &'static str {
        panic!("the handler is broken on purpose")
    }
    let app = Router::new().route("/broken", any(broken)).route("/", any(|| async { "ok" })).layer(from_fn(detach));
    let server = start(app, Limits::default()).await;
    let mut client = server.client().await;
    for method in ["GET", "POST"] {
        client.send(format!("{method} /broken HTTP/1.1\r\nhost: shop\r\n\r\n")).await;
        client.answer().await.expect_problem(500, "http.internal_error");
    }
    assert_eq!(client.get("/").await.body, "ok");
}

#[tokio::test]
async fn without_the_server_a_change_still_runs() {
    use tower::ServiceExt;
    let app = Router::new().route("/", any(|| async { "ok" })).layer(from_fn(detach));
    let request = axum::http::Request::post("/").body(axum::body::Body::empty()).unwrap();
    assert_eq!(app.oneshot(request).await.unwrap().status(), 200);
}
