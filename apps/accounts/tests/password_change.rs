//! Смена и сброс пароля.

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{Answer, TestApp};

use crate::helpers::*;

const PHONE: &str = "+79161234567";
const NEW: &str = "рыжий-пёс-8";

async fn confirm(app: &TestApp, body: Value) -> Answer {
    app.anon().post("/api/v1/auth/password/reset/confirm", body).await
}

async fn with_proven_email(app: &TestApp) -> Value {
    let body = json!({"phone": PHONE, "email": "anna@example.com", "password": PASSWORD});
    let session = app.anon().post("/api/v1/auth/register", body).await.expect(201).json();
    let code = last_code(app).await;
    let proof = json!({"email": "anna@example.com", "code": code});
    with(app, &session).post("/api/v1/users/me/confirm", proof).await.expect(200);
    app.advance(TimeDelta::seconds(61));
    session
}

#[tokio::test]
async fn changing_the_password_ends_every_session_but_gives_a_new_one() {
    let app = shop().await;
    let one = register(&app, PHONE).await;
    let two = log_in(&app, PHONE, PASSWORD).await.expect(200).json();
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    let new = with(&app, &one).put("/api/v1/users/me/password", body).await.expect(200).json();
    for old in [&one, &two] {
        with(&app, old).get("/api/v1/users/me").await.expect(401);
        refresh(&app, &old["refresh_token"]).await.expect(401);
    }
    with(&app, &new).get("/api/v1/users/me").await.expect(200);
    log_in(&app, PHONE, PASSWORD).await.expect(401);
    log_in(&app, PHONE, NEW).await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn the_current_password_is_asked_for_and_cannot_be_guessed_forever() {
    let app = shop_with("[auth]\nlogin_attempts = 3\n").await;
    let session = register(&app, PHONE).await;
    let me = with(&app, &session);
    let change = async |current: Value| {
        me.put("/api/v1/users/me/password", json!({"current_password": current, "new_password": NEW})).await
    };
    change(Value::Null).await.invalid("current_password");
    me.put("/api/v1/users/me/password", json!({"current_password": PASSWORD, "new_password": "123"}))
        .await
        .invalid("new_password");
    for _ in 0..3 {
        change(json!("не тот")).await.refused(400, "accounts.wrong_password");
    }
    change(json!(PASSWORD)).await.refused(429, "accounts.too_many_logins");
    app.close().await;
}

#[tokio::test]
async fn a_letter_with_a_link_resets_the_password_once() {
    let app = shop().await;
    let session = with_proven_email(&app).await;
    app.anon().post("/api/v1/auth/password/reset", json!({"email": "ANNA@example.com"})).await.expect(200);
    let text = last_text(&app).await;
    assert!(text.contains("http://localhost:8000/reset-password?token="), "адрес сайта — из настроек: {text}");
    let token = last_token(&app).await;

    confirm(&app, json!({"token": token, "password": "123"})).await.invalid("password");
    let answers = join_all((0..30).map(|_| confirm(&app, json!({"token": token, "password": NEW})))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 204) {
        answer.refused(400, "accounts.wrong_code");
    }
    with(&app, &session).get("/api/v1/users/me").await.expect(401);
    refresh(&app, &session["refresh_token"]).await.expect(401);
    log_in(&app, PHONE, PASSWORD).await.expect(401);
    log_in(&app, PHONE, NEW).await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn the_site_of_the_link_does_not_come_from_the_request() {
    let app = shop().await;
    with_proven_email(&app).await;
    let evil = app.anon().header("host", "evil.example").header("x-forwarded-host", "evil.example");
    evil.post("/api/v1/auth/password/reset", json!({"email": "anna@example.com"})).await.expect(200);
    assert!(!last_text(&app).await.contains("evil"));
    app.close().await;
}

#[tokio::test]
async fn a_reset_link_expires_in_thirty_minutes() {
    let app = shop_with("[auth]\nreset_ttl = 999999\n").await;
    with_proven_email(&app).await;
    app.anon().post("/api/v1/auth/password/reset", json!({"email": "anna@example.com"})).await.expect(200);
    let token = last_token(&app).await;
    app.advance(TimeDelta::seconds(1801));
    confirm(&app, json!({"token": token, "password": NEW})).await.refused(400, "accounts.wrong_code");
    app.close().await;
}

#[tokio::test]
async fn a_code_from_an_sms_resets_the_password() {
    let app = shop().await;
    register(&app, PHONE).await;
    app.anon().post("/api/v1/auth/password/reset", json!({"phone": PHONE})).await.expect(200);
    let code = last_code(&app).await;
    confirm(&app, json!({"phone": "+79160000000", "code": code, "password": NEW})).await.expect(400);
    confirm(&app, json!({"phone": "89161234567", "code": code, "new_password": NEW})).await.expect(204);
    log_in(&app, PHONE, NEW).await.expect(200);
    confirm(&app, json!({"password": NEW})).await.invalid("token");
    app.close().await;
}

#[tokio::test]
async fn an_unknown_address_gets_the_same_answer_and_no_letter() {
    let app = shop().await;
    with_proven_email(&app).await;
    let before = sent_count(&app).await;
    let reset = async |email| app.anon().post("/api/v1/auth/password/reset", json!({"email": email})).await.expect(200);
    let (known, unknown) = (reset("anna@example.com").await, reset("nobody@example.com").await);
    assert_eq!(known.json(), unknown.json());
    assert_eq!(sent_count(&app).await, before + 1);
    app.close().await;
}

/// В чужую запись, где доказан телефон, не войти через недоказанную почту, вписанную по ошибке.
#[tokio::test]
async fn an_unproven_email_of_a_proven_person_cannot_reset_the_password() {
    let app = shop().await;
    let body = json!({"phone": PHONE, "email": "typo@example.com", "password": PASSWORD});
    app.anon().post("/api/v1/auth/register", body).await.expect(201);
    prove_phone(&app, user(&app, PHONE).await.id).await;
    let before = sent_count(&app).await;
    app.advance(TimeDelta::seconds(61));
    app.anon().post("/api/v1/auth/password/reset", json!({"email": "typo@example.com"})).await.expect(200);
    assert_eq!(sent_count(&app).await, before);
    app.close().await;
}

#[tokio::test]
async fn a_person_without_a_password_sets_one() {
    let app = shop().await;
    let code = code_for(&app, "phone", PHONE).await;
    let verify = json!({"phone": PHONE, "code": code});
    let session = app.anon().post("/api/v1/auth/code/verify", verify).await.expect(200).json();
    with(&app, &session).put("/api/v1/users/me/password", json!({"new_password": NEW})).await.expect(200);
    log_in(&app, PHONE, NEW).await.expect(200);
    app.close().await;
}
