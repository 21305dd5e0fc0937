//! Второй фактор: завести, войти, повтор кода, запасные коды, перебор, обязанность сотрудников.

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{Answer, TestApp};
use totp_rs::{Builder, Secret};

use crate::helpers::*;

const PHONE: &str = "+79161234567";
const ME: &str = "/api/v1/users/me/second-factor";

/// Код, который показало бы приложение в этот миг.
fn code(app: &TestApp, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).expect("base32");
    let totp = Builder::new().with_secret(secret).with_account_name("me").build().expect("totp");
    totp.generate(u64::try_from(app.ctx.now().timestamp()).expect("time")).to_string()
}

/// Человек со включённым вторым фактором: секрет и запасные коды.
async fn enrolled(app: &TestApp) -> (Value, String, Vec<String>) {
    let session = register(app, PHONE).await;
    let me = with(app, &session);
    let begun = me.post(ME, json!({})).await.expect(200).json();
    let secret = begun["secret"].as_str().expect("secret").to_owned();
    assert!(begun["url"].as_str().is_some_and(|url| url.starts_with("otpauth://totp/") && url.contains(&secret)));
    log_in(app, PHONE, PASSWORD).await.expect(200); // начатый, но не подтверждённый ничего не спрашивает
    let done = me.post(&format!("{ME}/confirm"), json!({"code": code(app, &secret)})).await.expect(200).json();
    let codes: Vec<String> = serde_json::from_value(done["recovery_codes"].clone()).expect("codes");
    assert_eq!(codes.len(), 10);
    app.advance(TimeDelta::seconds(30));
    (session, secret, codes)
}

async fn enter(app: &TestApp, code: &str) -> Answer {
    app.anon().post("/api/v1/auth/login", json!({"phone": PHONE, "password": PASSWORD, "code": code})).await
}

#[tokio::test]
async fn a_login_asks_for_the_code_and_takes_each_code_once() {
    let app = shop().await;
    let (_, secret, _) = enrolled(&app).await;
    let asked = log_in(&app, PHONE, PASSWORD).await.refused(401, "accounts.second_factor_required");
    assert_eq!(asked["errors"][0]["field"], "code");
    // Неверный пароль о втором факторе не рассказывает.
    log_in(&app, PHONE, "другой-кот-8").await.refused(401, "accounts.wrong_credentials");
    let now = code(&app, &secret);
    enter(&app, "000000").await.refused(401, "accounts.wrong_second_factor");
    enter(&app, &now).await.expect(200);
    enter(&app, &now).await.refused(401, "accounts.wrong_second_factor");
    app.advance(TimeDelta::seconds(30));
    enter(&app, &code(&app, &secret)).await.expect(200);
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_code_opens_one_session() {
    let app = shop().await;
    let (_, secret, recovery) = enrolled(&app).await;
    let now = code(&app, &secret);
    for code in [now, recovery[0].clone()] {
        let answers = join_all((0..8).map(|_| enter(&app, &code))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{code}");
    }
    app.close().await;
}

#[tokio::test]
async fn a_recovery_code_works_once_and_new_ones_replace_the_old() {
    let app = shop().await;
    let (session, secret, recovery) = enrolled(&app).await;
    enter(&app, &recovery[0].to_uppercase()).await.expect(200);
    enter(&app, &recovery[0]).await.refused(401, "accounts.wrong_second_factor");
    let me = with(&app, &session);
    me.post(&format!("{ME}/disable"), json!({"code": "123456"})).await.refused(401, "accounts.wrong_second_factor");
    me.post(ME, json!({})).await.refused(400, "accounts.second_factor_on");
    me.post(&format!("{ME}/disable"), json!({"code": recovery[1]})).await.expect(204);
    log_in(&app, PHONE, PASSWORD).await.expect(200);
    // Заведённый заново — другой: прежние секрет и коды не годятся.
    let again = me.post(ME, json!({})).await.expect(200).json();
    assert_ne!(again["secret"], secret.as_str());
    app.close().await;
}

#[tokio::test]
async fn guessing_codes_is_bounded() {
    let app = shop().await;
    let (_, secret, _) = enrolled(&app).await;
    let guesses = join_all((0..30).map(|n| {
        let app = &app;
        async move { enter(app, &format!("{:06}", 100_000 + n)).await.status }
    }));
    let statuses = guesses.await;
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 10, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 20, "{statuses:?}");
    enter(&app, &code(&app, &secret)).await.refused(429, "accounts.too_many_second_factors");
    app.advance(TimeDelta::minutes(16));
    enter(&app, &code(&app, &secret)).await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn a_login_by_message_asks_too() {
    let app = shop().await;
    let (session, secret, _) = enrolled(&app).await;
    let id = user(&app, PHONE).await.id;
    prove_phone(&app, id).await;
    let sent = code_for(&app, "phone", PHONE).await;
    let verify = async |second: Option<String>| {
        let body = json!({"phone": PHONE, "code": sent, "second_factor": second});
        app.anon().post("/api/v1/auth/code/verify", body).await
    };
    verify(None).await.refused(401, "accounts.second_factor_required");
    verify(Some(code(&app, &secret))).await.expect(200);
    // Стёртый человек не оставляет ничего.
    with(&app, &session).delete("/api/v1/users/me").await.expect(204);
    assert!(accounts::services::second_factor::of(app.ctx.db_fresh(), id).await.expect("read").is_none());
    app.close().await;
}

#[tokio::test]
async fn staff_without_it_have_no_rights_when_the_owner_demands_it() {
    let app = shop_with("[auth]\nstaff_second_factor = true\n").await;
    let admin = accounts::factories::admin(&app.ctx).await;
    let me = app.anon().bearer(&admin.token);
    me.get("/api/v1/groups/").await.expect(403);
    let begun = me.post(ME, json!({})).await.expect(200).json();
    let now = code(&app, begun["secret"].as_str().expect("secret"));
    me.post(&format!("{ME}/confirm"), json!({"code": now})).await.expect(200);
    me.get("/api/v1/groups/").await.expect(200);
    // Покупателя это не касается.
    let customer = accounts::factories::customer(&app.ctx).await;
    app.anon().bearer(&customer.token).get("/api/v1/users/me").await.expect(200);
    app.close().await;
}
