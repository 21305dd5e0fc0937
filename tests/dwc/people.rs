//! Регистрация, вход, профиль, люди глазами администратора.

use serde_json::{Value, json};
use testkit::TestApp;

use super::{admin, buyer, close, has, in_russian, list, shop};

const USER: &[&str] = &[
    "id",
    "phone",
    "full_name",
    "email",
    "address",
    "cdek_point",
    "telegram",
    "vk",
    "is_admin",
    "is_active",
    "created_at",
];

async fn register(app: &TestApp, phone: &str, password: &str) -> Value {
    app.anon().post("/api/v1/auth/register", json!({"phone": phone, "password": password})).await.expect(201).json()
}

#[tokio::test]
async fn post_auth_register() {
    let app = shop().await;
    // Шесть знаков — столько принимал прежний магазин.
    let session = register(&app, "8 (916) 123-45-67", "лампа7").await;
    has(&session, &["access_token", "token_type", "user"]);
    assert_eq!(session["token_type"], "bearer");
    has(&session["user"], USER);
    assert_eq!((&session["user"]["phone"], &session["user"]["is_admin"]), (&json!("+79161234567"), &json!(false)));
    assert!(session["user"].get("password_hash").is_none() && session["user"].get("updated_at").is_none());
    // Пропуск, выданный при регистрации, действует сразу.
    let token = session["access_token"].as_str().expect("token");
    assert_eq!(app.anon().bearer(token).get("/api/v1/users/me").await.expect(200).json()["id"], session["user"]["id"]);
    let post = async |body: Value| app.anon().post("/api/v1/auth/register", body).await;
    let taken = post(json!({"phone": "+79161234567", "password": "лампа8"})).await.refused(400, "accounts.phone_taken");
    assert!(taken["detail"].as_str().is_some_and(|words| words.contains("уже существует")), "{taken}");
    in_russian(&post(json!({"phone": "12345", "password": "лампа7"})).await.invalid("phone"));
    in_russian(&post(json!({"phone": "+79161234568", "password": "лам7"})).await.invalid("password"));
    post(json!({"phone": "+79161234568"})).await.expect(422);
    post(json!({"password": "лампа7"})).await.invalid("phone");
    close(app).await;
}

#[tokio::test]
async fn post_auth_login() {
    let app = shop().await;
    register(&app, "+79161234567", "лампа7").await;
    let log_in = async |phone: &str, password: &str| {
        app.anon().post("/api/v1/auth/login", json!({"phone": phone, "password": password})).await
    };
    for phone in ["+79161234567", "89161234567", "8 916 123 45 67"] {
        let session = log_in(phone, "лампа7").await.expect(200).json();
        has(&session, &["access_token", "token_type", "user"]);
        assert_eq!(session["user"]["phone"], "+79161234567", "{phone}");
    }
    in_russian(&log_in("+79161234567", "другой7").await.refused(401, "accounts.wrong_credentials"));
    log_in("+79169999999", "лампа7").await.refused(401, "accounts.wrong_credentials");
    app.anon().post("/api/v1/auth/login", json!({"phone": "+79161234567"})).await.invalid("password");
    let boss = admin(&app).await;
    let id = boss.get("/api/v1/users/?search=%2B7916123").await.expect(200).json()["users"][0]["id"].clone();
    boss.patch(&format!("/api/v1/users/{}", id.as_str().expect("id")), json!({"is_active": false})).await.expect(200);
    in_russian(&log_in("+79161234567", "лампа7").await.expect(403).json());
    close(app).await;
}

#[tokio::test]
async fn get_and_put_users_me() {
    let app = shop().await;
    let anna = buyer(&app).await;
    let before = anna.get("/api/v1/users/me").await.expect(200).json();
    has(&before, USER);
    // Старая витрина возвращает профиль целиком, вместе с тем, что менять нельзя.
    let mut whole = before.clone();
    whole["full_name"] = json!("Анна Петрова");
    whole["is_admin"] = json!(true);
    let after = anna.put("/api/v1/users/me", whole).await.expect(200).json();
    assert_eq!((&after["full_name"], &after["is_admin"]), (&json!("Анна Петрова"), &json!(false)));
    let changes = json!({"address": "Тверь, Мира 1", "cdek_point": "TVR5", "telegram": "@anna_petrova", "vk": "vk.com/anna_petrova"});
    let after = anna.put("/api/v1/users/me", changes).await.expect(200).json();
    has(&after, USER);
    assert_eq!((&after["address"], &after["cdek_point"]), (&json!("Тверь, Мира 1"), &json!("TVR5")));
    assert_eq!((&after["full_name"], &after["phone"]), (&json!("Анна Петрова"), &before["phone"]));
    close(app).await;
}

#[tokio::test]
async fn put_users_me_password() {
    let app = shop().await;
    let session = register(&app, "+79161234567", "лампа7").await;
    let anna = app.anon().bearer(session["access_token"].as_str().expect("token"));
    let put = async |old: &str, new: &str| {
        anna.put("/api/v1/users/me/password", json!({"current_password": old, "new_password": new})).await
    };
    in_russian(&put("чужой7", "торшер7").await.expect(400).json());
    put("лампа7", "тор7").await.invalid("new_password");
    put("лампа7", "торшер7").await.expect(200);
    let log_in = json!({"phone": "+79161234567", "password": "торшер7"});
    app.anon().post("/api/v1/auth/login", log_in).await.expect(200);
    close(app).await;
}

/// Отличие первое: у списка есть `total`.
#[tokio::test]
async fn get_users() {
    let app = shop().await;
    let (anna, boss) = (buyer(&app).await, admin(&app).await);
    anna.put("/api/v1/users/me", json!({"vk": "vk.com/anna_petrova", "address": "Тверь"})).await.expect(200);
    let answer = boss.get("/api/v1/users/").await.expect(200).json();
    assert_eq!((list(&answer, "users").len(), &answer["page_size"]), (2, &json!(100)));
    for user in list(&answer, "users") {
        has(user, USER);
    }
    let roles: Vec<_> = list(&answer, "users").iter().map(|user| user["is_admin"].clone()).collect();
    assert!(roles.contains(&json!(true)) && roles.contains(&json!(false)), "{roles:?}");
    let page = boss.get("/api/v1/users/?skip=1&limit=1").await.expect(200).json();
    assert_eq!((list(&page, "users").len(), &page["total"], &page["page"]), (1, &json!(2), &json!(2)));
    close(app).await;
}

#[tokio::test]
async fn get_users_user_id() {
    let app = shop().await;
    let (anna, boss) = (buyer(&app).await, admin(&app).await);
    let me = anna.get("/api/v1/users/me").await.expect(200).json();
    let seen = boss.get(&format!("/api/v1/users/{}", me["id"].as_str().expect("id"))).await.expect(200).json();
    has(&seen, USER);
    assert_eq!(seen["phone"], me["phone"]);
    boss.get("/api/v1/users/00000000-0000-7000-8000-000000000000").await.refused(404, "accounts.user_not_found");
    close(app).await;
}
