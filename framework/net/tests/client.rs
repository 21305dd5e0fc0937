//! Исходящие запросы: что ушло, что вернулось и что считать неизвестным.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Redirect;
use axum::routing::{get, post};
use megashop_net::{Call, CallError, HttpClient, Limits};
use serde_json::{Value, json};

use crate::support::{LONG, TestServer, start, within};

async fn server(router: Router) -> (TestServer, String) {
    let server = start(router, Limits::default()).await;
    let url = format!("http://{}", server.address);
    (server, url)
}

async fn echo(uri: Uri, headers: HeaderMap, body: String) -> axum::Json<Value> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    axum::Json(json!({
        "uri": uri.to_string(),
        "auth": header("authorization"),
        "key": header("idempotence-key"),
        "type": header("content-type"),
        "body": body,
    }))
}

#[tokio::test]
async fn a_call_carries_its_headers_query_and_body() {
    let (_server, url) = server(Router::new().route("/x", get(echo).post(echo))).await;
    let http = HttpClient::default();
    let call = Call::post(format!("{url}/x")).header("idempotence-key", "k-1").basic_auth("100500", "test_secret");
    assert!(!format!("{call:?}").contains("MTAwNTAw"), "the password is not printed: {call:?}");
    let seen: Value = http.send(call.json(&json!({"a": 1}))).await.unwrap().json().unwrap();
    assert_eq!(seen["auth"], "Basic MTAwNTAwOnRlc3Rfc2VjcmV0");
    assert_eq!((&seen["key"], &seen["type"]), (&json!("k-1"), &json!("application/json")));
    assert_eq!(seen["body"], r#"{"a":1}"#);

    let form = Call::post(format!("{url}/x")).form(&[("to", "79000000000"), ("msg", "Код 1 & 2")]);
    let seen: Value = http.send(form).await.unwrap().json().unwrap();
    assert_eq!(seen["body"], "to=79000000000&msg=%D0%9A%D0%BE%D0%B4+1+%26+2");

    let list = Call::get(format!("{url}/x")).query(&[("payment_id", "a b"), ("limit", "100")]);
    let seen: Value = http.send(list).await.unwrap().json().unwrap();
    assert_eq!(seen["uri"], "/x?payment_id=a+b&limit=100");
}

/// Отказ — тоже ответ; перенаправление не исполняется: ключи не уходят на чужой адрес.
#[tokio::test]
async fn refusals_and_redirects_are_answers() {
    let router = Router::new()
        .route("/refused", get(async || (StatusCode::BAD_REQUEST, "no")))
        .route("/moved", get(async || Redirect::temporary("/refused")));
    let (_server, url) = server(router).await;
    let http = HttpClient::default();
    let refused = http.send(Call::get(format!("{url}/refused"))).await.unwrap();
    assert_eq!((refused.status.as_u16(), &refused.body[..]), (400, &b"no"[..]));
    assert!(matches!(refused.json::<Value>(), Err(CallError::Unknown(_))));
    let moved = http.send(Call::get(format!("{url}/moved"))).await.unwrap();
    assert_eq!((moved.status.as_u16(), moved.headers[header::LOCATION].to_str().unwrap()), (307, "/refused"));
}

#[tokio::test]
async fn a_closed_door_is_not_sent_and_silence_is_unknown() {
    let http = HttpClient::default();
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let closed = within(http.send(Call::post(format!("http://{free}/?token=secret")))).await.unwrap_err();
    assert!(matches!(&closed, CallError::NotSent(why) if !why.contains("secret")), "{closed}");
    assert!(matches!(http.send(Call::get("nowhere")).await, Err(CallError::NotSent(_))));

    let silent = Router::new().route("/slow", post(async || tokio::time::sleep(LONG).await));
    let (_server, url) = server(silent).await;
    let (started, soon) = (Instant::now(), Duration::from_millis(200));
    let late = within(http.send(Call::post(format!("{url}/slow")).timeout(soon))).await.unwrap_err();
    assert!(matches!(late, CallError::Unknown(_)) && started.elapsed() < LONG / 2, "{late}");
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let endless = || async {
        let piece = bytes::Bytes::from(vec![b'x'; 64 << 10]);
        Body::from_stream(futures::stream::repeat_with(move || Ok::<_, std::io::Error>(piece.clone())))
    };
    let (_server, url) = server(Router::new().route("/endless", get(endless))).await;
    let cut = within(HttpClient::default().send(Call::get(format!("{url}/endless")))).await.unwrap_err();
    assert!(matches!(&cut, CallError::Unknown(why) if why.contains("too long")), "{cut}");
}
