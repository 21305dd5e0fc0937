//! Вход в админку в два шага и своя страница второго фактора.

use chrono::TimeDelta;
use testkit::{Answer, TestApp};
use totp_rs::{Builder, Secret};

use crate::session::{PASSWORD, with_password};
use crate::shop::*;

const PAGE: &str = "/admin/account/second-factor";

fn code(app: &TestApp, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).expect("base32");
    let totp = Builder::new().with_secret(secret).with_account_name("me").build().expect("totp");
    totp.generate(u64::try_from(app.ctx.now().timestamp()).expect("time")).to_string()
}

/// Всё, что на странице набрано кодами.
fn codes(page: &Answer) -> Vec<String> {
    page.text().split("<code>").skip(1).filter_map(|rest| Some(rest.split('<').next()?.to_owned())).collect()
}

async fn enter(app: &TestApp, fields: &[(&str, &str)]) -> Answer {
    browser(app).header("origin", "http://localhost:8000").form("/admin/login", &encode(fields)).await
}

fn signed_in(app: &TestApp, answer: &Answer) -> Staff {
    let cookie = answer.header("set-cookie").expect("a cookie");
    let token = cookie.trim_start_matches("admin_session=").split(';').next().expect("a token");
    Staff::of(app, token)
}

#[tokio::test]
async fn set_up_log_in_with_a_code_and_turn_off() {
    let app = with("[auth]\nstaff_second_factor = true\n").await;
    let email = with_password(&app).await;
    // Без обязательного второго фактора вошедший попадает на его страницу и больше никуда.
    let entered = enter(&app, &[("login", &email), ("password", PASSWORD), ("next", "/admin")]).await.expect(303);
    assert_eq!(location(&entered), PAGE);
    let me = signed_in(&app, &entered);
    me.get("/admin").await.expect(403);
    let page = me.get(PAGE).await.expect(200);
    shows(&page, "Владелец требует второй фактор");
    let begun = me.fill_at(PAGE, &format!("{PAGE}/begin"), &[]).await.expect(303);
    let page = me.get(&location(&begun)).await.expect(200);
    shows(&page, "<svg xmlns");
    let secret = codes(&page).pop().expect("the key in letters");
    let wrong = me.fill_at(PAGE, &format!("{PAGE}/confirm"), &[("code", "000000")]).await.expect(401);
    shows(&wrong, "Код второго фактора неверен");
    let now = code(&app, &secret);
    let done = me.fill_at(PAGE, &format!("{PAGE}/confirm"), &[("code", &now)]).await.expect(200);
    let recovery = codes(&done);
    assert_eq!(recovery.len(), 10);
    me.get("/admin").await.expect(200);

    app.advance(TimeDelta::seconds(60));
    let asked = enter(&app, &[("login", &email), ("password", PASSWORD), ("next", "/admin")]).await.expect(200);
    assert!(asked.header("set-cookie").is_none());
    hides(&asked, PASSWORD);
    let ticket = hidden(&asked.text(), "ticket");
    let wrong = enter(&app, &[("ticket", &ticket), ("code", "000000"), ("next", "/admin")]).await.expect(401);
    shows(&wrong, "Код второго фактора неверен");
    let entered = enter(&app, &[("ticket", &ticket), ("code", &recovery[0]), ("next", "/admin")]).await.expect(303);
    assert_eq!(location(&entered), "/admin");
    signed_in(&app, &entered).get("/admin").await.expect(200);
    enter(&app, &[("ticket", "чужой"), ("code", &recovery[1]), ("next", "/admin")]).await.expect(401);
    // Билет живёт пять минут и пропуском не служит.
    Staff::of(&app, &ticket).get("/admin").await.expect(303);
    app.advance(TimeDelta::minutes(6));
    let late = enter(&app, &[("ticket", &ticket), ("code", &recovery[1]), ("next", "/admin")]).await.expect(401);
    shows(&late, "Вход слишком долгий");

    me.fill_at(PAGE, &format!("{PAGE}/disable"), &[("code", &recovery[1])]).await.expect(303);
    me.get("/admin").await.expect(403);
    close(app).await;
}
