//! Вход по одноразовому коду.

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{Answer, TestApp};

use crate::helpers::*;

const PHONE: &str = "+79161234567";

async fn verify(app: &TestApp, phone: &str, code: &str) -> Answer {
    app.anon().post("/api/v1/auth/code/verify", json!({"phone": phone, "code": code})).await
}

async fn send(app: &TestApp, phone: &str) -> Answer {
    app.anon().post("/api/v1/auth/code/send", json!({"phone": phone})).await
}

#[tokio::test]
async fn a_code_logs_in_and_a_stranger_is_registered_on_the_way() {
    let app = shop().await;
    let code = code_for(&app, "phone", "8 916 123-45-67").await;
    let session = verify(&app, PHONE, &code).await.expect(200).json();
    assert_eq!(session["user"]["phone"], PHONE);
    assert_eq!(session["user"]["phone_verified"], true);

    app.advance(TimeDelta::seconds(61));
    let code = code_for(&app, "phone", PHONE).await;
    let again = verify(&app, PHONE, &code).await.expect(200).json();
    assert_eq!(again["user"]["id"], session["user"]["id"], "тот же человек");
    app.close().await;
}

#[tokio::test]
async fn a_code_comes_by_letter_too() {
    let app = shop().await;
    let code = code_for(&app, "email", "anna@example.com").await;
    let body = json!({"email": "Anna@Example.com", "code": code});
    let session = app.anon().post("/api/v1/auth/code/verify", body).await.expect(200).json();
    assert_eq!(session["user"]["email_verified"], true);
    app.close().await;
}

#[tokio::test]
async fn two_hundred_parallel_uses_of_one_code_succeed_once() {
    let app = shop().await;
    let code = code_for(&app, "phone", PHONE).await;
    let answers = join_all((0..200).map(|_| verify(&app, PHONE, &code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        answer.refused(400, "accounts.wrong_code");
    }
    app.close().await;
}

#[tokio::test]
async fn five_wrong_tries_burn_the_code_even_in_parallel() {
    let app = shop().await;
    let code = code_for(&app, "phone", PHONE).await;
    let number: u32 = code.parse().unwrap();
    let guesses: Vec<String> = (1..=40).map(|i| format!("{:06}", (number + i) % 1_000_000)).collect();
    for answer in join_all(guesses.iter().map(|guess| verify(&app, PHONE, guess))).await {
        answer.refused(400, "accounts.wrong_code");
    }
    verify(&app, PHONE, &code).await.refused(400, "accounts.wrong_code");
    app.close().await;
}

#[tokio::test]
async fn four_wrong_tries_leave_the_fifth() {
    let app = shop().await;
    let code = code_for(&app, "phone", PHONE).await;
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    for _ in 0..4 {
        verify(&app, PHONE, &wrong).await.expect(400);
    }
    verify(&app, PHONE, &code).await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn an_expired_used_foreign_or_superseded_code_is_refused() {
    let app = shop().await;
    let code = code_for(&app, "phone", PHONE).await;
    verify(&app, "+79160000000", &code).await.refused(400, "accounts.wrong_code");
    app.advance(TimeDelta::seconds(301));
    verify(&app, PHONE, &code).await.refused(400, "accounts.wrong_code");

    let first = code_for(&app, "phone", PHONE).await;
    app.advance(TimeDelta::seconds(61));
    let second = code_for(&app, "phone", PHONE).await;
    verify(&app, PHONE, &first).await.refused(400, "accounts.wrong_code");
    verify(&app, PHONE, &second).await.expect(200);
    verify(&app, PHONE, &second).await.refused(400, "accounts.wrong_code");
    app.close().await;
}

#[tokio::test]
async fn a_code_of_one_purpose_does_not_fit_another() {
    let app = shop().await;
    let session = register(&app, PHONE).await;
    app.anon().post("/api/v1/auth/password/reset", json!({"phone": PHONE})).await.expect(200);
    let reset = last_code(&app).await;
    verify(&app, PHONE, &reset).await.refused(400, "accounts.wrong_code");
    let confirm = json!({"phone": PHONE, "code": reset});
    with(&app, &session).post("/api/v1/users/me/confirm", confirm).await.refused(400, "accounts.wrong_code");
    app.close().await;
}

#[tokio::test]
async fn codes_are_sent_no_faster_than_the_rules_allow() {
    let app = shop().await;
    send(&app, PHONE).await.expect(200);
    let early = send(&app, PHONE).await.expect(429);
    assert_eq!(early.header("retry-after"), Some("61"));
    for _ in 0..4 {
        app.advance(TimeDelta::seconds(60));
        send(&app, PHONE).await.expect(200);
    }
    app.advance(TimeDelta::seconds(60));
    send(&app, PHONE).await.refused(429, "accounts.too_many_codes");
    send(&app, "+79160000000").await.expect(200);

    app.advance(TimeDelta::hours(1));
    for _ in 0..5 {
        send(&app, PHONE).await.expect(200);
        app.advance(TimeDelta::seconds(60));
    }
    app.advance(TimeDelta::hours(2));
    send(&app, PHONE).await.refused(429, "accounts.too_many_codes");
    app.advance(TimeDelta::hours(22));
    send(&app, PHONE).await.expect(200);
    assert_eq!(sent_count(&app).await, 1, "старые коды истекли и не посланы");
    app.close().await;
}

#[tokio::test]
async fn a_flood_of_parallel_requests_sends_one_code() {
    let app = shop().await;
    let answers = join_all((0..50).map(|_| send(&app, PHONE))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(sent_count(&app).await, 1);
    app.close().await;
}

#[tokio::test]
async fn sms_have_a_budget_per_network_and_per_day() {
    let app = shop_with("[auth]\ncodes_per_network_hour = 3\nsms_per_day = 5\n").await;
    let from = async |ip: [u8; 4], last: u32| {
        let body = json!({"phone": format!("+7916000{last:04}")});
        app.anon().from_ip(ip).post("/api/v1/auth/code/send", body).await
    };
    for i in 0..3 {
        from([203, 0, 113, i as u8], i).await.expect(200);
    }
    from([203, 0, 113, 200], 3).await.refused(429, "accounts.too_many_codes");
    for i in 4..6 {
        from([198, 51, 100, 1], i).await.expect(200);
    }
    from([198, 51, 101, 1], 6).await.refused(429, "accounts.sms_budget_spent");
    let letter = json!({"email": "anna@example.com"});
    app.anon().from_ip([203, 0, 113, 9]).post("/api/v1/auth/code/send", letter.clone()).await.expect(429);
    app.anon().post("/api/v1/auth/code/send", letter).await.expect(200);
    assert_eq!(sent_count(&app).await, 6);
    app.close().await;
}

#[tokio::test]
async fn no_sms_to_landlines_and_abroad() {
    let app = shop().await;
    for phone in ["+74951234567", "+77011234567", "+375291234567"] {
        send(&app, phone).await.invalid("phone");
    }
    app.anon().post("/api/v1/auth/code/send", json!({})).await.invalid("phone");
    app.close().await;
}

#[tokio::test]
async fn the_code_is_nowhere_in_the_answer_or_the_database() {
    let app = shop().await;
    let answer = send(&app, PHONE).await.expect(200).text();
    let code = last_code(&app).await;
    assert!(!answer.contains(&code));
    use sea_orm::EntityTrait;
    let messages = notifications::models::message::Entity::find().all(app.ctx.db_fresh()).await.unwrap();
    assert!(messages.iter().all(|message| !message.body.contains(&code) && !message.subject.contains(&code)));
    app.close().await;
}

/// Чужой номер, заранее занятый паролем, переходит тому, кто его доказал.
#[tokio::test]
async fn a_proof_takes_the_account_from_whoever_registered_it_first() {
    let app = shop().await;
    let squatter = app
        .anon()
        .post("/api/v1/auth/register", json!({"phone": PHONE, "email": "evil@example.com", "password": PASSWORD}))
        .await
        .expect(201)
        .json();
    let everything = json!({"email": {"advertising": true}, "sms": {"advertising": true}});
    with(&app, &squatter).patch("/api/v1/users/me/notifications", everything).await.expect(200);
    deliver(&app).await;
    let code = code_for(&app, "phone", PHONE).await;
    let owner = verify(&app, PHONE, &code).await.expect(200).json();
    assert_eq!(owner["user"]["email"], Value::Null, "второй, недоказанный логин снят");
    let chosen = with(&app, &owner).get("/api/v1/users/me/notifications").await.expect(200).json();
    assert_eq!((&chosen["email"]["advertising"], &chosen["sms"]["advertising"]), (&json!(false), &json!(false)));
    let me = with(&app, &owner).get("/api/v1/users/me").await.expect(200).json();
    assert_eq!(me["newsletter"], false, "чужое согласие — не его согласие");
    with(&app, &squatter).get("/api/v1/users/me").await.expect(401);
    refresh(&app, &squatter["refresh_token"]).await.expect(401);
    log_in(&app, PHONE, PASSWORD).await.expect(401);
    with(&app, &owner).get("/api/v1/users/me").await.expect(200);
    app.close().await;
}

/// У занявшего доказана почта: запись остаётся ему, номер уходит к хозяину.
#[tokio::test]
async fn an_unproven_phone_of_a_proven_person_goes_to_its_owner() {
    let app = shop().await;
    let body = json!({"phone": PHONE, "email": "boris@example.com", "password": PASSWORD});
    let boris = app.anon().post("/api/v1/auth/register", body).await.expect(201).json();
    let code = last_code(&app).await;
    let confirm = json!({"email": "boris@example.com", "code": code});
    with(&app, &boris).post("/api/v1/users/me/confirm", confirm).await.expect(200);

    let code = code_for(&app, "phone", PHONE).await;
    let owner = verify(&app, PHONE, &code).await.expect(200).json();
    assert_ne!(owner["user"]["id"], boris["user"]["id"]);
    let me = with(&app, &boris).get("/api/v1/users/me").await.expect(200).json();
    assert_eq!(me["phone"], Value::Null);
    app.close().await;
}

#[tokio::test]
async fn a_blocked_person_does_not_get_in_by_code() {
    let app = shop().await;
    let session = register(&app, PHONE).await;
    prove_phone(&app, user(&app, PHONE).await.id).await;
    let admin = accounts::factories::admin(&app.ctx).await;
    let path = format!("/api/v1/users/{}", session["user"]["id"].as_str().unwrap());
    app.anon().bearer(&admin.token).patch(&path, json!({"is_active": false})).await.expect(200);
    let code = code_for(&app, "phone", PHONE).await;
    verify(&app, PHONE, &code).await.refused(403, "accounts.blocked");
    app.close().await;
}
