//! Вход и выход.

use kernel::Work;

use crate::shop::*;

pub const PASSWORD: &str = "Гроза-над-морем-7";

/// Администратор с паролем; ответ — его почта.
pub async fn with_password(app: &testkit::TestApp) -> String {
    let login = accounts::factories::admin(&app.ctx).await;
    let hash = accounts::hashing::hash(&app.ctx, PASSWORD).await.expect("hash");
    let id = login.user_id;
    let set = async move |work: &mut Work| accounts::services::set_password(work, id, &hash).await.map(|_| ());
    app.ctx.atomic(&kernel::Actor::System("tests"), set).await.expect("password");
    login.email
}

#[tokio::test]
async fn a_guest_is_sent_to_the_login_page_and_back() {
    let app = open().await;
    let email = with_password(&app).await;
    let sent = browser(&app).get("/admin/orders/order?status=paid").await.expect(303);
    assert_eq!(location(&sent), "/admin/login?next=%2Fadmin%2Forders%2Forder%3Fstatus%3Dpaid");
    shows(&browser(&app).get(&location(&sent)).await.expect(200), "Вход в админку");

    let own = browser(&app).header("origin", "http://localhost:8000");
    let form = encode(&[("login", &email), ("password", PASSWORD), ("next", "/admin/orders/order?status=paid")]);
    let entered = own.form("/admin/login", &form).await.expect(303);
    assert_eq!(location(&entered), "/admin/orders/order?status=paid");
    let cookie = entered.header("set-cookie").expect("a cookie").to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("Path=/admin") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let pair = cookie.split(';').next().expect("a pair");
    let person = browser(&app).header("cookie", pair);
    let home = person.get("/admin").await.expect(200);
    shows(&home, "Заказов сегодня");

    let csrf = hidden(&home.text(), "_csrf");
    let out = encode(&[("_csrf", &csrf)]);
    let own = person.clone().header("origin", "http://localhost:8000");
    let left = own.form("/admin/logout", &out).await.expect(303);
    assert!(left.header("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=0")));
    person.get("/admin").await.expect(303);
    close(app).await;
}

#[tokio::test]
async fn a_wrong_password_is_explained_and_limited() {
    let app = with("[auth]\nlogin_attempts = 5\n").await;
    let email = with_password(&app).await;
    let own = browser(&app).header("origin", "http://localhost:8000");
    let wrong = encode(&[("login", &email), ("password", "не тот"), ("next", "https://evil.example")]);
    let refused = own.form("/admin/login", &wrong).await;
    assert!((400..500).contains(&refused.status), "{}", refused.status);
    assert!(refused.header("set-cookie").is_none());
    shows(&refused, "role=\"alert\"");
    hides(&refused, "evil.example");
    let mut last = refused.status;
    for _ in 0..6 {
        last = own.form("/admin/login", &wrong).await.status;
    }
    assert_eq!(last, 429);
    close(app).await;
}

#[tokio::test]
async fn a_customer_does_not_enter() {
    let app = open().await;
    let customer = Staff::of(&app, &accounts::factories::customer(&app.ctx).await.token);
    let refused = customer.get("/admin").await.expect(403);
    shows(&refused, "Недостаточно прав");
    let api = app.anon().get("/admin").await;
    api.refused(401, "auth.unauthorized");
    close(app).await;
}
