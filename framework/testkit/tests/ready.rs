//! Готовые ответы: отдаются без обработчика, но только тем и только пока они правдивы.

use chrono::TimeDelta;
use megashop_testkit::{Answer, Client, TestApp};
use serde_json::json;

use crate::notes;

const BOARD: &str = "/api/v1/notes/board";

/// Какой вход в обработчик сделал этот ответ.
fn made(answer: &Answer) -> String {
    answer.header("x-made").expect("x-made").to_owned()
}

async fn add_note(app: &TestApp, title: &str) {
    app.anon().post("/api/v1/notes/plain", json!({"title": title, "price": 1})).await.expect(201);
}

async fn board(client: Client) -> Answer {
    client.get(BOARD).await.expect(200)
}

#[tokio::test]
async fn the_handler_is_entered_once_until_something_changes() {
    let app = TestApp::new(vec![notes::app()]).await;
    add_note(&app, "раз").await;
    let first = board(app.anon()).await;
    let second = board(app.anon().header("x-request-id", "client-number-1")).await;
    assert_eq!(made(&first), made(&second));
    assert_eq!(first.body, second.body);
    assert_eq!(first.header("content-type"), second.header("content-type"));
    assert_eq!(second.header("x-request-id"), Some("client-number-1"));
    assert_ne!(first.header("x-request-id"), board(app.anon()).await.header("x-request-id"));

    add_note(&app, "два").await;
    let changed = board(app.anon()).await;
    assert_ne!(made(&first), made(&changed));
    assert_eq!(changed.json()[1]["title"], "два");
    app.close().await;
}

#[tokio::test]
async fn it_ages_by_the_clock_of_the_shop() {
    let app = TestApp::new(vec![notes::app()]).await;
    let first = board(app.anon()).await;
    app.advance(TimeDelta::milliseconds(999));
    assert_eq!(made(&first), made(&board(app.anon()).await));
    app.advance(TimeDelta::milliseconds(1));
    assert_ne!(made(&first), made(&board(app.anon()).await));
    app.close().await;
}

#[tokio::test]
async fn a_known_etag_gets_no_body() {
    let app = TestApp::new(vec![notes::app()]).await;
    let first = board(app.anon()).await;
    let etag = first.header("etag").expect("etag").to_owned();
    let again = app.anon().header("if-none-match", &etag).get(BOARD).await.expect(304);
    assert!(again.body.is_empty());
    assert_eq!(made(&first), made(&again));
    assert_eq!(again.header("etag"), Some(etag.as_str()));
    assert_eq!(again.header("content-type"), None);
    board(app.anon().header("if-none-match", "\"other\"")).await;
    app.close().await;
}

#[tokio::test]
async fn whoever_shows_a_pass_or_an_origin_goes_to_the_handler() {
    let app = TestApp::with_settings(vec![notes::app()], "[server]\ncors_origins = [\"https://shop.test\"]\n").await;
    let first = board(app.anon()).await;
    for (name, value) in [("authorization", "Bearer x"), ("cookie", "a=b"), ("range", "bytes=0-1")] {
        assert_ne!(made(&first), made(&board(app.anon().header(name, value)).await), "{name}");
    }
    let foreign = board(app.anon().header("origin", "https://shop.test")).await;
    assert_eq!(foreign.header("access-control-allow-origin"), Some("https://shop.test"));
    assert_eq!(board(app.anon()).await.header("access-control-allow-origin"), None);
    app.close().await;
}

#[tokio::test]
async fn each_encoding_and_language_has_its_own() {
    let app = TestApp::new(vec![notes::app()]).await;
    for number in 10..40 {
        add_note(&app, &format!("заметка номер {number}")).await;
    }
    let plain = board(app.anon()).await;
    let gzip = board(app.anon().header("accept-encoding", "gzip")).await;
    let again = board(app.anon().header("accept-encoding", "gzip")).await;
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(gzip.header("content-encoding"), Some("gzip"));
    assert_eq!((made(&gzip), &gzip.body), (made(&again), &again.body));
    assert!(gzip.body.len() < plain.body.len());
    let english = board(app.anon().header("accept-language", "en")).await;
    assert_ne!(made(&plain), made(&english));
    app.close().await;
}

#[tokio::test]
async fn the_rate_limit_counts_ready_answers_too() {
    let app = TestApp::with_settings(vec![notes::app()], "[limits]\nrate = \"1\"\nburst = 3\n").await;
    for _ in 0..3 {
        board(app.anon()).await;
    }
    app.anon().get(BOARD).await.refused(429, "request.too_many");
    board(app.anon().from_ip([10, 0, 0, 7])).await;
    app.close().await;
}

#[tokio::test]
async fn without_the_cache_every_request_enters_the_handler() {
    let app = TestApp::with_settings(vec![notes::app()], "[cache]\nenabled = false\n").await;
    assert_ne!(made(&board(app.anon()).await), made(&board(app.anon()).await));
    app.close().await;
}
