use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use megashop_net::Limits;
use tokio::time::Duration;

use crate::support::{Client, SHORT, start, within};

/// Приложение отвечает длиной тела; счётчик — сколько раз обработчик дошёл до конца чтения.
fn app(finished: &Arc<AtomicUsize>) -> Router {
    let finished = Arc::clone(finished);
    let length = move |body: Bytes| async move {
        finished.fetch_add(1, Ordering::SeqCst);
        body.len().to_string()
    };
    Router::new().route("/", post(length)).layer(DefaultBodyLimit::disable())
}

fn limits() -> Limits {
    Limits { stall_timeout: SHORT, min_bytes_per_second: 1_000, max_body_bytes: 1_000_000, ..Limits::default() }
}

async fn post_head(client: &mut Client, headers: &str) {
    client.send(format!("POST / HTTP/1.1\r\nhost: shop\r\n{headers}\r\n")).await;
}

#[tokio::test]
async fn a_body_that_stops_arriving_gets_408_and_the_connection_is_closed() {
    let finished = Arc::default();
    let server = start(app(&finished), limits()).await;
    let mut client = server.client().await;
    post_head(&mut client, "content-length: 100\r\n").await;
    client.send("half").await;
    let answer = client.answer().await;
    answer.expect_problem(408, "http.body_timeout");
    assert_eq!(answer.header("connection"), Some("close"));
    client.closed().await;
    assert_eq!(finished.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_dribbled_body_gets_408() {
    let finished = Arc::default();
    let server = start(app(&finished), limits()).await;
    let mut client = server.client().await;
    post_head(&mut client, "content-length: 10000\r\n").await;
    // 50 байт/с при наименьших 1000: минуту такого тела сервер ждать не станет.
    let dribble = client.dribble("a".repeat(3_000), 1, Duration::from_millis(20));
    within(dribble).await;
    client.answer().await.expect_problem(408, "http.body_timeout");
}

#[tokio::test]
async fn a_fast_beginning_does_not_buy_a_long_silence() {
    let finished = Arc::default();
    let server = start(app(&finished), limits()).await;
    let mut client = server.client().await;
    post_head(&mut client, "content-length: 200000\r\n").await;
    client.send("a".repeat(150_000)).await;
    client.answer().await.expect_problem(408, "http.body_timeout");
}

#[tokio::test]
async fn a_slow_but_steady_body_is_read_to_the_end() {
    let finished = Arc::default();
    let server = start(app(&finished), limits()).await;
    let mut client = server.client().await;
    post_head(&mut client, "content-length: 4000\r\n").await;
    // Тело идёт 400 мс — дольше запаса, но быстрее наименьшей скорости.
    client.dribble("a".repeat(4_000), 100, Duration::from_millis(10)).await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "4000"));
}

#[tokio::test]
async fn a_handler_that_reads_slowly_does_not_blame_the_client() {
    async fn slow_reader(body: axum::body::Body) -> String {
        tokio::time::sleep(SHORT * 2).await;
        axum::body::to_bytes(body, usize::MAX).await.unwrap().len().to_string()
    }
    let server = start(Router::new().route("/", post(slow_reader)), limits()).await;
    let mut client = server.client().await;
    post_head(&mut client, "content-length: 200000\r\n").await;
    client.send("a".repeat(200_000)).await;
    assert_eq!(client.answer().await.body, "200000");
}

#[tokio::test]
async fn a_declared_body_of_2_gb_is_refused_before_it_is_sent() {
    let finished = Arc::default();
    let server = start(app(&finished), Limits::default()).await;
    for expect in ["", "expect: 100-continue\r\n"] {
        let mut client = server.client().await;
        post_head(&mut client, &format!("content-length: 2147483648\r\n{expect}")).await;
        let answer = client.answer().await;
        answer.expect_problem(413, "http.body_too_large");
        assert_eq!(answer.header("connection"), Some("close"));
        client.closed().await;
    }
    assert_eq!(finished.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_client_that_goes_on_sending_still_sees_the_413() {
    let finished = Arc::default();
    let server = start(app(&finished), limits()).await;
    let mut client = server.client().await;
    // Больше, чем вместят буферы сокета: закрой сервер соединение сразу, отправка бы оборвалась.
    post_head(&mut client, "content-length: 30000000\r\n").await;
    client.send("a".repeat(30_000_000)).await;
    client.answer().await.expect_problem(413, "http.body_too_large");
}

#[tokio::test]
async fn a_body_without_length_is_cut_at_the_limit() {
    let finished = Arc::default();
    let server = start(app(&finished), limits()).await;
    let mut client = server.client().await;
    post_head(&mut client, "transfer-encoding: chunked\r\n").await;
    let chunk = format!("186a0\r\n{}\r\n", "a".repeat(100_000));
    client.send(chunk.repeat(11)).await;
    client.answer().await.expect_problem(413, "http.body_too_large");
    assert_eq!(finished.load(Ordering::SeqCst), 0);

    let mut client = server.client().await;
    post_head(&mut client, "transfer-encoding: chunked\r\n").await;
    client.send(chunk.repeat(9) + "0\r\n\r\n").await;
    assert_eq!(client.answer().await.body, "900000");
}

#[tokio::test]
async fn refusals_speak_the_language_of_the_client() {
    let finished = Arc::default();
    let server = start(app(&finished), Limits::default()).await;
    for (language, word) in
        [("", "Тело"), ("accept-language: en-GB, ru\r\n", "larger"), ("accept-language: ru, en\r\n", "Тело")]
    {
        let mut client = server.client().await;
        post_head(&mut client, &format!("content-length: 2147483648\r\n{language}")).await;
        let answer = client.answer().await;
        assert!(answer.body.contains(word), "{answer:?}");
    }
}
