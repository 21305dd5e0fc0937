//! Общее для рассказов: магазин с людьми, почта, короткие вызовы.

use accounts::services::{self, NewUser};
use kernel::{Actor, Ctx, Work};
use sea_orm::ActiveValue::Unchanged;
use sea_orm::Set;
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp};

pub const PASSWORD: &str = "синий-кот-7";

pub async fn shop() -> TestApp {
    shop_with("").await
}

/// Магазин с настройками (TOML) и объявленными правами и группами.
pub async fn shop_with(toml: &str) -> TestApp {
    let apps = || vec![notifications::app(), accounts::app()];
    let app = TestApp::with_settings(apps(), toml).await;
    let permissions = apps().into_iter().flat_map(|app| app.permissions).collect();
    let groups = apps().into_iter().flat_map(|app| app.groups).collect();
    accounts::start(&app.ctx, permissions, groups).await.expect("start");
    app
}

/// Регистрирует по телефону и паролю; возвращает ответ целиком.
pub async fn register(app: &TestApp, phone: &str) -> Value {
    let body = json!({"phone": phone, "password": PASSWORD});
    app.anon().post("/api/v1/auth/register", body).await.expect(201).json()
}

pub async fn log_in(app: &TestApp, phone: &str, password: &str) -> Answer {
    app.anon().post("/api/v1/auth/login", json!({"phone": phone, "password": password})).await
}

pub async fn refresh(app: &TestApp, token: &Value) -> Answer {
    app.anon().post("/api/v1/auth/refresh", json!({"refresh_token": token})).await
}

/// Клиент с токеном из ответа на вход.
pub fn with(app: &TestApp, session: &Value) -> Client {
    app.anon().bearer(session["access_token"].as_str().expect("access_token"))
}

/// Просит код и читает его из отправленного.
pub async fn code_for(app: &TestApp, field: &str, to: &str) -> String {
    app.anon().post("/api/v1/auth/code/send", json!({ field: to })).await.expect(200);
    last_code(app).await
}

/// Последний посланный код: шесть цифр из текста.
pub async fn last_code(app: &TestApp) -> String {
    let text = last_text(app).await;
    let digits = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    let code = text.split(|c: char| !c.is_ascii_alphanumeric()).find(digits);
    code.unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

/// Токен из последней посланной ссылки.
pub async fn last_token(app: &TestApp) -> String {
    let text = last_text(app).await;
    let token = text.split("?token=").nth(1).and_then(|rest| rest.split_whitespace().next());
    token.unwrap_or_else(|| panic!("no link in {text}")).to_owned()
}

pub async fn last_text(app: &TestApp) -> String {
    deliver(app).await;
    notifications::mailbox(&app.ctx).pop().expect("nothing was sent").body
}

/// Выполняет задачи вместе с теми, которые они поставили.
pub async fn deliver(app: &TestApp) {
    while app.run_jobs().await > 0 {}
}

pub async fn sent_count(app: &TestApp) -> usize {
    deliver(app).await;
    notifications::mailbox(&app.ctx).len()
}

/// Человек с готовым хешем пароля, как после переезда из другой системы.
pub async fn moved_in(ctx: &Ctx, phone: &str, hash: &str) -> i64 {
    let new = NewUser { phone: Some(phone.into()), password_hash: Some(hash.into()), ..NewUser::default() };
    let user =
        ctx.atomic(&Actor::System("test"), async move |work: &mut Work| services::register(work, new.clone()).await);
    user.await.expect("register").id
}

/// Помечает телефон человека доказанным.
pub async fn prove_phone(app: &TestApp, user_id: i64) {
    let row = accounts::models::user::ActiveModel {
        id: Unchanged(user_id),
        phone_verified_at: Set(Some(app.ctx.now().naive_utc())),
        ..Default::default()
    };
    accounts::factories::alter(&app.ctx, row).await;
}

pub async fn user(app: &TestApp, phone: &str) -> accounts::models::user::Model {
    let contact = accounts::contacts::Contact::parse(phone).expect("contact");
    let found = accounts::queries::user_by_contact(app.ctx.db_fresh(), &contact).await.expect("query");
    found.unwrap_or_else(|| panic!("no user {phone}"))
}
