//! Придирчивый клиент: тела, виды содержимого, методы, косые черты, знаки. Ни один вызов не отвечает 500, у каждого отказа есть `detail`.

use axum::body::Body;
use http::{HeaderValue, Method};
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::shop::{self, start, view};

const BASES: [&str; 3] = ["", "/api", "/api/v1"];
const POSTS: [&str; 3] = ["/session/start/", "/view/", "/user/email/"];

async fn send(client: &Client, path: &str, kind: Option<&'static str>, body: impl Into<Body>) -> Answer {
    client.raw(Method::POST, path, kind.map(HeaderValue::from_static), body.into()).await
}

/// Отказ словами: старая страница читает `detail`.
#[track_caller]
fn told(answer: Answer, status: u16) -> Value {
    let body = answer.expect(status).json();
    assert!(body["detail"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    body
}

#[tokio::test]
async fn a_body_that_is_not_an_object_is_a_400() {
    let app = shop::with_assets(1).await;
    let client = app.anon();
    for path in BASES.iter().flat_map(|base| POSTS.map(|post| format!("{base}{post}"))) {
        for body in ["{", "not json", "[]", "[1]", "17", "\"text\"", "null", "{\"a\":1} tail", "{\"a\": \"\\u0000\"}"] {
            told(send(&client, &path, Some("application/json"), body).await, 400);
        }
        told(send(&client, &path, Some("application/json"), vec![0xFF, 0xFE]).await, 400);
        let huge = json!({"session_id": "x".repeat(20_000)}).to_string();
        told(send(&client, &path, Some("application/json"), huge).await, 413);
    }
    app.close().await;
}

#[tokio::test]
async fn a_call_is_json_and_a_start_may_be_empty() {
    let app = shop::with_assets(1).await;
    let client = app.anon();
    let session = start(&client).await;
    let body = json!({"session_id": session, "asset_slug": "asset-1"}).to_string();
    let form = format!("session_id={session}&asset_slug=asset-1");
    for base in BASES {
        for path in ["/view/", "/user/email/"] {
            let path = format!("{base}{path}");
            told(send(&client, &path, Some("application/x-www-form-urlencoded"), form.clone()).await, 415);
            told(send(&client, &path, Some("text/plain"), body.clone()).await, 415);
            told(send(&client, &path, None, body.clone()).await, 415);
        }
        let view = format!("{base}/view/");
        send(&client, &view, Some("application/json; charset=utf-8"), body.clone()).await.expect(200);
        let starting = format!("{base}/session/start/");
        for (kind, body) in [(None, ""), (Some("application/json"), " "), (Some("application/json"), "{}")] {
            let started = send(&client, &starting, kind, body).await.expect(201).json();
            assert_eq!(started.as_object().map(|all| all.len()), Some(1), "{started}");
        }
        // Чужие ключи сеансу не мешают.
        client.post(&starting, json!({"device": {"os": "iOS"}, "utm": ["a"]})).await.expect(201);
    }
    app.close().await;
}

#[tokio::test]
async fn every_wrong_value_names_its_key() {
    let app = shop::with_assets(1).await;
    let client = app.anon();
    let session = start(&client).await;
    let wrong = [json!(17), json!(true), json!([]), json!(["a"]), json!({}), json!(1.5)];
    let missing = [json!(null), json!(""), json!("   ")];
    for (path, good) in [
        ("/view/", json!({"session_id": session, "asset_slug": "asset-1"})),
        ("/user/email/", json!({"session_id": session, "email": "anna@example.ru"})),
    ] {
        for key in good.as_object().expect("object").keys() {
            for value in wrong.iter().chain(&missing) {
                let mut body = good.clone();
                body[key] = value.clone();
                let answer = told(client.post(path, body).await, 400);
                assert!(answer["detail"].as_str().is_some_and(|text| text.contains(key)), "{key} {value}: {answer}");
            }
            let mut body = good.clone();
            body.as_object_mut().expect("object").remove(key);
            let answer = told(client.post(path, body).await, 400);
            assert_eq!(answer["code"], "campaigns.keys_required", "{key}: {answer}");
        }
    }
    let answer = told(client.post("/view/", json!({})).await, 400);
    assert!(answer["detail"].as_str().is_some_and(|text| text.contains("session_id, asset_slug")), "{answer}");
    // Оба не разобрать — названо первое; длинное и незнакомое — не поломка.
    for (path, body, status) in [
        ("/view/", json!({"session_id": "x".repeat(5000), "asset_slug": "asset-1"}), 400),
        ("/view/", json!({"session_id": session, "asset_slug": "ж".repeat(5000)}), 404),
        ("/view/", json!({"session_id": session, "asset_slug": "asset-1", "event_id": "e".repeat(101)}), 400),
        ("/view/", json!({"session_id": session, "asset_slug": "asset-1", "event_id": 7}), 400),
        ("/view/", json!({"session_id": session, "asset_slug": "asset-1", "event_id": "a\nb"}), 400),
        ("/user/email/", json!({"session_id": session, "email": format!("{}@example.ru", "a".repeat(5000))}), 400),
        ("/user/email/", json!({"session_id": session, "email": "a@b\r\nBcc: all@example.ru"}), 400),
        ("/session/start/", json!({"campaign": 7}), 400),
        ("/session/start/", json!({"campaign": "нет такой"}), 404),
    ] {
        told(client.post(path, body).await, status);
    }
    for query in ["session_id=%00", "session_id=%FF", "user_id=1%27--", "email=%00", "email=a%40b%0D%0A"] {
        for path in ["/progress/", "/promo/"] {
            let answer = client.get(&format!("{path}?{query}")).await;
            assert!([400, 404, 422].contains(&answer.status), "{path}?{query}: {}", answer.text());
        }
    }
    app.close().await;
}

/// Кириллица в имени ящика и домене — настоящая почта: она принимается и остаётся одним человеком.
#[tokio::test]
async fn an_email_in_cyrillic_is_an_email() {
    let app = shop::with_assets(1).await;
    let client = app.anon();
    let (one, two) = (start(&client).await, start(&client).await);
    let attached = shop::attach(&client, &one, "анна@почта.рф").await;
    assert_eq!(attached["email"], "анна@почта.рф");
    assert_eq!(shop::attach(&client, &two, "АННА@ПОЧТА.РФ").await["user_id"], attached["user_id"]);
    view(&client, &one, "asset-1").await;
    let query = "/promo/?email=%D0%B0%D0%BD%D0%BD%D0%B0%40%D0%BF%D0%BE%D1%87%D1%82%D0%B0.%D1%80%D1%84";
    assert!(client.get(query).await.expect(200).json()["promo_code"].is_string());
    app.close().await;
}

#[tokio::test]
async fn paths_answer_with_and_without_the_final_slash() {
    let app = shop::with_assets(1).await;
    let client = app.anon();
    for base in BASES {
        let started = client.post(&format!("{base}/session/start"), json!({})).await.expect(201).json();
        let body = json!({"session_id": started["session_id"], "asset_slug": "asset-1"});
        assert!(client.post(&format!("{base}/view"), body).await.expect(200).json()["promo_code"].is_string());
        let email = json!({"session_id": started["session_id"], "email": "anna@example.ru"});
        client.post(&format!("{base}/user/email"), email).await.expect(200);
        let query = format!("?session_id={}", started["session_id"].as_str().expect("id"));
        client.get(&format!("{base}/progress{query}")).await.expect(200);
        client.get(&format!("{base}/promo{query}")).await.expect(200);
        client.get(&format!("{base}/stats")).await.expect(200);
    }
    for path in ["/api/health/", "/api/health"] {
        let health = client.get(path).await.expect(200);
        assert_eq!(health.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(health.text(), "ok");
    }
    while app.run_jobs().await > 0 {}
    app.close().await;
}

#[tokio::test]
async fn other_methods_are_405_and_head_is_get_without_a_body() {
    let app = shop::with_assets(1).await;
    let client = app.anon();
    for base in BASES {
        for path in POSTS {
            for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD] {
                let answer = client.send(method.clone(), &format!("{base}{path}"), None).await.expect(405);
                assert!(answer.header("allow").is_some_and(|allowed| allowed.contains("POST")), "{method} {path}");
            }
        }
        for path in ["/progress/", "/promo/", "/stats/"] {
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                client.send(method, &format!("{base}{path}"), None).await.expect(405);
            }
        }
        let head = client.send(Method::HEAD, &format!("{base}/stats/"), None).await.expect(200);
        assert!(head.body.is_empty());
    }
    app.close().await;
}

/// Что названо первым, то и решает: и ответ, и отказ.
#[tokio::test]
async fn the_first_named_key_decides() {
    let app = shop::with_assets(1).await;
    let client = app.anon();
    let (session, code) = shop::complete(&client, 1).await;
    let user = shop::attach(&client, &session, "anna@example.ru").await["user_id"].as_str().expect("id").to_owned();
    let (nobody, empty) = ("3d1f0c52-6a4e-4d7e-9a3b-2f1c5d7e9a3b", start(&client).await);
    for (query, status) in [
        (format!("session_id={nobody}&user_id={user}&email=anna@example.ru"), 404),
        (format!("session_id=abc&user_id={user}"), 400),
        (format!("session_id={empty}&user_id={user}&email=anna@example.ru"), 404),
        (format!("user_id={nobody}&email=anna@example.ru"), 404),
        ("user_id=abc&email=anna@example.ru".to_owned(), 400),
        // Пустое — не названное.
        (format!("session_id=&user_id={user}"), 200),
        ("session_id=%20&user_id=&email=anna@example.ru".to_owned(), 200),
        (format!("session_id={}", session.to_uppercase()), 200),
    ] {
        let answer = client.get(&format!("/promo/?{query}")).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
        if status == 200 {
            assert_eq!(answer.json(), json!({"promo_code": code}), "{query}");
        }
    }
    for (query, status) in [
        (format!("session_id={nobody}&user_id={user}"), 404),
        (format!("session_id=abc&user_id={user}"), 400),
        (format!("session_id=&user_id={user}"), 200),
    ] {
        let answer = client.get(&format!("/progress/?{query}")).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
    }
    while app.run_jobs().await > 0 {}
    app.close().await;
}

/// Чужой адрес, которого нет в списке, разрешения не получает; печений страница не шлёт, и их не разрешают.
#[tokio::test]
async fn a_foreign_origin_is_not_let_in() {
    let app = shop::with_assets(1).await;
    let asking = |origin: &str| {
        app.anon()
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
    };
    for path in BASES.iter().flat_map(|base| POSTS.map(|post| format!("{base}{post}"))) {
        let stranger = asking("https://evil.example").send(Method::OPTIONS, &path, None).await;
        assert_eq!(stranger.header("access-control-allow-origin"), None, "{path}");
        let own = asking("http://localhost:8000").send(Method::OPTIONS, &path, None).await.expect(200);
        assert_eq!(own.header("access-control-allow-origin"), Some("http://localhost:8000"), "{path}");
        assert_eq!(own.header("access-control-allow-credentials"), None, "{path}");
    }
    // Отказ страница тоже должна прочесть.
    let refused = app.anon().header("origin", "http://localhost:3000").post("/view/", json!({})).await.expect(400);
    assert_eq!(refused.header("access-control-allow-origin"), Some("http://localhost:3000"));
    app.close().await;
}
