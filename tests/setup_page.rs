//! Страница `/setup`: форма, отказы словами, погасшая ссылка; есть и без витрины.

use kernel::Ctx;
use megashop::apps;
use megashop_files::{Storage, StorageConfig};
use serde_json::json;
use testkit::{Answer, TestApp};

const PASSWORD: &str = "рыжий-пёс-на-мосту";

async fn shop(toml: &str) -> TestApp {
    let app = TestApp::with_settings(apps::all(), toml).await;
    app.ctx.provide(Storage::open(&StorageConfig::Memory).expect("storage"));
    app
}

async fn token(ctx: &Ctx) -> String {
    let link = accounts::admin_link(ctx).await.expect("link").expect("there is no admin yet");
    link.split_once("/setup?token=").expect("a token").1.to_owned()
}

async fn open(app: &TestApp, token: &str) -> Answer {
    app.anon().header("accept", "text/html").get(&format!("/setup?token={token}")).await
}

async fn send(app: &TestApp, token: &str, login: &str, password: &str) -> Answer {
    let login = login.replace('+', "%2B").replace('@', "%40");
    app.anon().form("/setup", &format!("token={token}&login={login}&password={password}")).await
}

#[track_caller]
fn shows(page: &Answer, text: &str) {
    assert!(page.text().contains(text), "the page does not show {text:?}:\n{}", page.text());
}

#[tokio::test]
async fn the_form_makes_an_admin_and_the_link_dies() {
    let app = shop("").await;
    let token = token(&app.ctx).await;
    let form = open(&app, &token).await.expect(200);
    shows(&form, "Первый администратор");
    assert_eq!(form.header("cache-control"), Some("no-store"));
    assert_eq!(form.header("referrer-policy"), Some("no-referrer"));
    let done = send(&app, &token, "boss@example.com", PASSWORD).await.expect(200);
    shows(&done, "вы администратор");
    shows(&done, "Открыть витрину");
    assert!(done.header("set-cookie").is_some_and(|cookie| cookie.starts_with("session=")));
    let login = json!({"login": "boss@example.com", "password": PASSWORD});
    let session = app.anon().post("/api/v1/auth/login", login).await.expect(200).json();
    assert_eq!(session["user"]["is_admin"], true);
    shows(&open(&app, &token).await.expect(400), "Ссылка не действует");
    shows(&send(&app, &token, "thief@example.com", PASSWORD).await.expect(400), "Ссылка не действует");
    while app.run_jobs().await > 0 {}
    app.close().await;
}

#[tokio::test]
async fn mistakes_are_explained_and_do_not_spend_the_link() {
    let app = shop("").await;
    let token = token(&app.ctx).await;
    let bad = send(&app, &token, "12", PASSWORD).await.expect(422);
    shows(&bad, "id=\"login-error\">Это не номер телефона.");
    shows(&bad, "value=\"12\"");
    shows(&send(&app, &token, "+79161234567", "123").await.expect(422), "id=\"password-error\"");
    shows(&send(&app, &token, "", PASSWORD).await.expect(422), "id=\"login-error\"");
    shows(&send(&app, &token, "<b>@x", PASSWORD).await.expect(422), "&lt;b&gt;@x");
    for wrong in ["", "x.y", "nonsense"] {
        shows(&open(&app, wrong).await.expect(400), "Ссылка не действует");
        shows(&send(&app, wrong, "+79161234567", PASSWORD).await.expect(400), "Ссылка не действует");
    }
    open(&app, &token).await.expect(200);
    shows(&send(&app, &token, "+79161234567", PASSWORD).await.expect(200), "вы администратор");
    app.close().await;
}

#[tokio::test]
async fn the_page_needs_no_storefront() {
    let app = shop("[apps]\ndisabled = [\"storefront\"]").await;
    let token = token(&app.ctx).await;
    open(&app, &token).await.expect(200);
    let done = send(&app, &token, "+79161234567", PASSWORD).await.expect(200);
    assert!(!done.text().contains("витрин"), "{}", done.text());
    assert_eq!(done.header("set-cookie"), None);
    assert_eq!(app.anon().get("/setup.css").await.expect(200).header("content-type"), Some("text/css; charset=utf-8"));
    app.close().await;
}
