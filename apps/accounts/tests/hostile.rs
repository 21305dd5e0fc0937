//! Враждебный ввод: понятный отказ и ничего больше.

use axum::body::Body;
use http::{HeaderValue, Method};
use serde_json::json;

use crate::helpers::*;

const POSTS: &[&str] = &[
    "/api/v1/auth/register",
    "/api/v1/auth/login",
    "/api/v1/auth/refresh",
    "/api/v1/auth/logout",
    "/api/v1/auth/code/send",
    "/api/v1/auth/code/verify",
    "/api/v1/auth/setup",
    "/api/v1/auth/password/reset",
    "/api/v1/auth/password/reset/confirm",
];

#[tokio::test]
async fn garbage_bodies_are_4xx_everywhere() {
    let app = shop().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let bodies =
        ["", "{", "null", "[]", "\"x\"", "{\"phone\":{}}", "{\"phone\":\"\\u0000\"}", "\u{feff}{}", deep.as_str()];
    for path in POSTS {
        for body in bodies {
            let json = HeaderValue::from_static("application/json");
            let answer = app.anon().raw(Method::POST, path, Some(json), Body::from(body.to_owned())).await;
            assert!((400..500).contains(&answer.status), "{path} {}: {}", &body[..body.len().min(20)], answer.text());
        }
    }
    app.close().await;
}

#[tokio::test]
async fn quotes_wildcards_and_newlines_are_just_text() {
    let app = shop().await;
    let session = register(&app, "+79161234567").await;
    let me = with(&app, &session);
    let evil = "Robert'); DROP TABLE users;--\r\n<script>alert(1)</script>{{ 7*7 }}";
    let out = me.patch("/api/v1/users/me", json!({"full_name": evil})).await.expect(200).json();
    assert_eq!(out["full_name"], evil);
    for login in ["' OR 1=1 --", "%", "anna@example.com' OR '1'='1"] {
        let answer = app.anon().post("/api/v1/auth/login", json!({"login": login, "password": PASSWORD})).await;
        assert!([401, 422].contains(&answer.status), "{}", answer.text());
    }
    app.close().await;
}

#[tokio::test]
async fn a_letter_header_cannot_be_injected_through_the_address() {
    let app = shop().await;
    let body = json!({"email": "anna@example.com\r\nBcc: victim@example.com"});
    app.anon().post("/api/v1/auth/code/send", body).await.invalid("email");
    assert_eq!(sent_count(&app).await, 0);
    app.close().await;
}
