//! Свой профиль.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::helpers::*;

const PHONE: &str = "+79161234567";

#[tokio::test]
async fn sent_fields_change_and_others_stay() {
    let app = shop().await;
    let me = with(&app, &register(&app, PHONE).await);
    let body = json!({"full_name": "Анна Иванова", "address": "Москва, Тверская, 1", "cdek_point": "MSK123",
        "telegram": "https://t.me/Anna_Iv", "vk": "vk.com/id42", "newsletter": true,
        "questionnaire": {"has_children": true, "rooms": ["kitchen"]}, "nonsense": 1});
    let out = me.put("/api/v1/users/me", body).await.expect(200).json();
    assert_eq!(out["telegram"], "anna_iv");
    assert_eq!(out["vk"], "id42");
    assert_eq!(out["questionnaire"]["rooms"][0], "kitchen");
    assert!(out.get("pending").is_none());

    let out = me.patch("/api/v1/users/me", json!({"address": ""})).await.expect(200).json();
    assert_eq!(out["address"], Value::Null);
    assert_eq!(out["full_name"], "Анна Иванова");
    assert_eq!(out["cdek_point"], "MSK123");

    let out = me.patch("/api/v1/users/me", json!({"last_name": "Петрова", "first_name": "Анна"})).await.expect(200);
    assert_eq!(out.json()["full_name"], "Петрова Анна");
    assert_eq!(me.get("/api/v1/users/me").await.expect(200).json()["full_name"], "Петрова Анна");
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn rights_do_not_change_through_the_profile() {
    let app = shop().await;
    let me = with(&app, &register(&app, PHONE).await);
    let body = json!({"is_admin": true, "is_active": false, "roles": ["admin"], "phone_verified": true, "id": 5,
        "password": "нечто-новое-1", "password_hash": "x"});
    let out = me.patch("/api/v1/users/me", body).await.expect(200).json();
    assert_eq!((&out["is_admin"], &out["is_active"]), (&json!(false), &json!(true)));
    assert_eq!(out["phone_verified"], false);
    log_in(&app, PHONE, PASSWORD).await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn unfit_fields_are_422() {
    let app = shop().await;
    let me = with(&app, &register(&app, PHONE).await);
    for (field, value) in [
        ("telegram", json!("+79161234567")),
        ("vk", json!("a b")),
        ("phone", json!("123")),
        ("email", json!("nonsense")),
        ("full_name", json!("я".repeat(301))),
        ("avatar", json!("javascript:alert(1)")),
        ("newsletter", json!("yes")),
        ("questionnaire", json!({"text": "я".repeat(9000)})),
    ] {
        me.patch("/api/v1/users/me", json!({field: value})).await.invalid(field);
    }
    app.close().await;
}

#[tokio::test]
async fn a_new_email_waits_for_its_code() {
    let app = shop().await;
    let me = with(&app, &register(&app, PHONE).await);
    let out = me.patch("/api/v1/users/me", json!({"email": "Anna@example.com", "first_name": "Анна"})).await;
    let out = out.expect(200).json();
    assert_eq!(out["email"], Value::Null);
    assert_eq!(out["first_name"], "Анна");
    assert_eq!(out["pending"][0]["field"], "email");
    assert_eq!(out["pending"][0]["value"], "anna@example.com");

    let code = last_code(&app).await;
    let confirm = async |email: &str, code: &str| {
        me.post("/api/v1/users/me/confirm", json!({"email": email, "code": code})).await
    };
    confirm("other@example.com", &code).await.refused(400, "accounts.wrong_code");
    let stranger = with(&app, &register(&app, "+79160000001").await);
    let stolen = json!({"email": "anna@example.com", "code": code});
    stranger.post("/api/v1/users/me/confirm", stolen).await.refused(400, "accounts.wrong_code");
    let out = confirm("Anna@example.com", &code).await.expect(200).json();
    assert_eq!(out["email"], "Anna@example.com");
    assert_eq!(out["email_verified"], true);
    confirm("Anna@example.com", &code).await.refused(400, "accounts.wrong_code");
    app.close().await;
}

#[tokio::test]
async fn a_new_phone_waits_for_its_code_and_then_logs_in() {
    let app = shop().await;
    let me = with(&app, &register(&app, PHONE).await);
    let out = me.patch("/api/v1/users/me", json!({"phone": "8 916 000-00-01"})).await.expect(200).json();
    assert_eq!(out["phone"], PHONE);
    assert_eq!(out["pending"][0]["value"], "+79160000001");
    let code = last_code(&app).await;
    me.post("/api/v1/users/me/confirm", json!({"phone": "89160000001", "code": code})).await.expect(200);
    log_in(&app, PHONE, PASSWORD).await.expect(401);
    log_in(&app, "+79160000001", PASSWORD).await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn a_taken_contact_looks_like_any_other_until_the_code() {
    let app = shop().await;
    let other = accounts::factories::customer(&app.ctx).await;
    let me = with(&app, &register(&app, PHONE).await);
    let out = me.patch("/api/v1/users/me", json!({"email": other.email})).await.expect(200).json();
    assert_eq!(out["pending"][0]["field"], "email");
    let code = last_code(&app).await;
    let confirm = json!({"email": other.email, "code": code});
    me.post("/api/v1/users/me/confirm", confirm).await.refused(400, "accounts.email_taken");
    app.close().await;
}

#[tokio::test]
async fn ones_own_proven_contact_starts_no_proof() {
    let app = shop().await;
    let login = accounts::factories::customer(&app.ctx).await;
    let me = app.anon().bearer(&login.token);
    let out = me.put("/api/v1/users/me", json!({"email": login.email, "phone": login.phone})).await.expect(200).json();
    assert!(out.get("pending").is_none());
    assert_eq!(sent_count(&app).await, 0);
    app.close().await;
}

#[tokio::test]
async fn an_erased_person_leaves_no_trace_and_the_phone_is_free() {
    let app = shop().await;
    let session = register(&app, PHONE).await;
    let me = with(&app, &session);
    me.patch("/api/v1/users/me", json!({"full_name": "Анна Иванова", "telegram": "anna_iv"})).await.expect(200);
    me.post("/api/v1/users/me/addresses", json!({"text": "Москва, Тверская, 1"})).await.expect(201);
    log_in(&app, PHONE, "не тот").await.expect(401);
    code_for(&app, "phone", PHONE).await;
    let id = user(&app, PHONE).await.id;
    me.delete("/api/v1/users/me").await.expect(204);

    me.get("/api/v1/users/me").await.expect(401);
    refresh(&app, &session["refresh_token"]).await.expect(401);
    log_in(&app, PHONE, PASSWORD).await.expect(401);
    let row = accounts::queries::user_by_id(app.ctx.db_fresh(), id).await.unwrap().expect("строка осталась");
    let text = format!("{row:?}");
    for trace in ["79161234567", "Иванова", "иванова", "anna_iv", "argon2"] {
        assert!(!text.contains(trace), "{trace} в {text}");
    }
    use accounts::models::*;
    use sea_orm::{EntityTrait, PaginatorTrait};
    let db = app.ctx.db_fresh();
    assert_eq!(Address::find().count(db).await.unwrap(), 0);
    assert_eq!(OneTimeCode::find().count(db).await.unwrap(), 0);
    assert_eq!(Device::find().count(db).await.unwrap(), 0);

    app.advance(TimeDelta::seconds(5));
    let again = register(&app, PHONE).await;
    assert_ne!(again["user"]["id"], session["user"]["id"]);
    app.close().await;
}
