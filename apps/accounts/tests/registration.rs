//! Регистрация.

use futures::future::join_all;
use serde_json::json;
use testkit::Answer;

use crate::helpers::*;

const PHONE: &str = "+79161234567";

#[tokio::test]
async fn a_taken_phone_is_400_in_any_spelling() {
    let app = shop().await;
    register(&app, PHONE).await;
    for spelling in ["+79161234567", "89161234567", "8 (916) 123-45-67"] {
        let body = json!({"phone": spelling, "password": PASSWORD});
        let problem = app.anon().post("/api/v1/auth/register", body).await.refused(400, "accounts.phone_taken");
        assert!(problem["detail"].as_str().unwrap().contains("уже существует"), "{problem}");
    }
    app.close().await;
}

#[tokio::test]
async fn a_hundred_parallel_registrations_of_one_phone_make_one_person() {
    let app = shop().await;
    let body = || json!({"phone": PHONE, "password": PASSWORD});
    let one = async || app.anon().post("/api/v1/auth/register", body()).await;
    let answers: Vec<Answer> = join_all((0..100).map(|_| one())).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(made.len(), 1);
    for answer in refused {
        answer.refused(400, "accounts.phone_taken");
    }
    app.close().await;
}

#[tokio::test]
async fn a_person_registers_by_email_and_confirms_it_by_the_letter() {
    let app = shop().await;
    let body = json!({"email": "Anna@Example.com", "password": PASSWORD, "first_name": "Анна", "last_name": "Ёлкина"});
    let session = app.anon().post("/api/v1/auth/register", body).await.expect(201).json();
    assert_eq!(session["user"]["email"], "Anna@Example.com");
    assert_eq!(session["user"]["email_verified"], false);
    assert_eq!(session["user"]["full_name"], "Ёлкина Анна");

    let code = last_code(&app).await;
    let confirm = json!({"email": "anna@example.com", "code": code});
    let me = with(&app, &session).post("/api/v1/users/me/confirm", confirm).await.expect(200).json();
    assert_eq!(me["email_verified"], true);

    let login = json!({"email": "ANNA@example.com", "password": PASSWORD});
    app.anon().post("/api/v1/auth/login", login).await.expect(200);
    let again = json!({"email": "aNNa@example.COM", "password": PASSWORD});
    app.anon().post("/api/v1/auth/register", again).await.refused(400, "accounts.email_taken");
    app.close().await;
}

#[tokio::test]
async fn unfit_fields_are_422_and_leave_nothing_behind() {
    let app = shop().await;
    let register = async |body| app.anon().post("/api/v1/auth/register", body).await;
    register(json!({"phone": "12345", "password": PASSWORD})).await.invalid("phone");
    register(json!({"phone": 79161234567_i64, "password": PASSWORD})).await.invalid("phone");
    register(json!({"email": "anna@localhost", "password": PASSWORD})).await.invalid("email");
    register(json!({"phone": PHONE, "password": "коротк"})).await.invalid("password");
    register(json!({"phone": PHONE, "password": "я".repeat(129)})).await.invalid("password");
    register(json!({"phone": PHONE, "password": "password1"})).await.invalid("password");
    register(json!({"phone": PHONE, "password": PHONE})).await.invalid("password");
    register(json!({"phone": PHONE})).await.invalid("password");
    register(json!({"password": PASSWORD})).await.invalid("phone");
    register(json!({"phone": PHONE, "password": PASSWORD, "first_name": "я".repeat(101)})).await.invalid("first_name");
    log_in(&app, PHONE, PASSWORD).await.expect(401);
    app.close().await;
}

#[tokio::test]
async fn the_minimum_length_is_a_setting() {
    let app = shop_with("[auth]\npassword_min_length = 6\n").await;
    let body = json!({"phone": PHONE, "password": "ж7-щцэ"});
    app.anon().post("/api/v1/auth/register", body).await.expect(201);
    app.close().await;
}

#[tokio::test]
async fn nobody_gives_himself_rights_while_registering() {
    let app = shop().await;
    let body = json!({"phone": PHONE, "password": PASSWORD, "is_admin": true, "is_staff": true, "roles": ["admin"],
        "groups": ["admin"], "is_active": false, "id": 1, "email_verified": true, "session_version": 100});
    let session = app.anon().post("/api/v1/auth/register", body).await.expect(201).json();
    assert_eq!(session["user"]["is_admin"], false);
    assert_eq!(session["user"]["roles"], json!(["customer"]));
    assert_eq!(session["user"]["is_active"], true);
    with(&app, &session).get("/api/v1/users/").await.refused(403, "auth.forbidden");
    app.close().await;
}

#[tokio::test]
async fn a_code_instead_of_a_password_registers_a_proven_person() {
    let app = shop().await;
    let code = code_for(&app, "phone", PHONE).await;
    let body = json!({"phone": PHONE, "code": code, "first_name": "Анна"});
    let session = app.anon().post("/api/v1/auth/register", body.clone()).await.expect(201).json();
    assert_eq!(session["user"]["phone_verified"], true);
    assert_eq!(session["user"]["has_password"], false);
    app.anon().post("/api/v1/auth/register", body).await.refused(400, "accounts.wrong_code");
    app.close().await;
}

#[tokio::test]
async fn a_wrong_code_does_not_register() {
    let app = shop().await;
    let code = code_for(&app, "phone", PHONE).await;
    let body = json!({"phone": "+79160000000", "code": code, "password": PASSWORD});
    app.anon().post("/api/v1/auth/register", body).await.refused(400, "accounts.wrong_code");
    log_in(&app, "+79160000000", PASSWORD).await.expect(401);
    app.close().await;
}
