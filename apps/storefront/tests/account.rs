//! Вход, регистрация, выход.

use catalog::factories::product;

use crate::browser::{Browser, hides, location, shop, shows};

const PERSON: [(&str, &str); 3] =
    [("full_name", "Ольга Иванова"), ("login", "8 916 123-45-67"), ("password", "длинная тихая фраза")];

#[tokio::test]
async fn a_person_registers_leaves_and_comes_back_with_the_cart() {
    let app = shop("").await;
    let variant = product(&app.ctx).stock(5).create().await.variants[0].id.to_string();
    let mut browser = Browser::new(&app);
    browser.submit("/cart/items", &[("variant", &variant), ("quantity", "2")]).await.expect(200);
    let joined = browser.send("/register", &PERSON).await.expect(303);
    assert_eq!(location(&joined), "/");
    let cart = browser.get("/cart").await.expect(200);
    shows(&cart, "Мои заказы");
    shows(&cart, "<b class=\"count\">2");
    let session = browser.cookie("session").expect("a session").to_owned();
    browser.send("/logout", &[]).await.expect(303);
    assert_eq!(browser.cookie("session"), None);
    let mut stale = Browser::new(&app);
    stale.set_cookie("session", &session);
    app.advance(chrono::TimeDelta::seconds(5));
    hides(&stale.get("/cart").await.expect(200), "Мои заказы");
    let login = [("login", "+79161234567"), ("password", "длинная тихая фраза"), ("next", "/cart")];
    let back = browser.submit("/login", &login).await.expect(200);
    shows(&back, "<b class=\"count\">2");
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn mistakes_are_explained_next_to_the_fields() {
    let app = shop("").await;
    let mut browser = Browser::new(&app);
    let empty = browser.send("/register", &[("login", ""), ("password", "")]).await.expect(422);
    shows(&empty, "id=\"login-error\"");
    let weak = browser.send("/register", &[("login", "olga@example.com"), ("password", "12345678")]).await.expect(422);
    shows(&weak, "id=\"password-error\"");
    shows(&weak, "value=\"olga@example.com\"");
    hides(&weak, "value=\"12345678\"");
    let wrong = browser.send("/login", &[("login", "olga@example.com"), ("password", "нет такого")]).await.expect(401);
    shows(&wrong, "Неверный логин или пароль.");
    app.close().await;
}

#[tokio::test]
async fn nobody_is_sent_to_another_site_after_login() {
    let app = shop("").await;
    let mut browser = Browser::new(&app);
    browser.send("/register", &PERSON).await.expect(303);
    for next in ["https://evil.example", "//evil.example", "/\\evil.example", "cart", "/a\r\nb"] {
        let fields = [("login", PERSON[1].1), ("password", PERSON[2].1), ("next", next)];
        assert_eq!(location(&browser.send("/login", &fields).await.expect(303)), "/", "{next}");
    }
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn only_the_demo_shop_prints_passwords() {
    let app = shop("").await;
    hides(&Browser::new(&app).get("/login").await.expect(200), "demo-customer");
    app.close().await;
    let demo = shop("[storefront]\ndemo = true").await;
    shows(&Browser::new(&demo).get("/login").await.expect(200), "demo-customer");
    demo.close().await;
}

/// Галочки уведомлений: что показано, то и сохраняется; гостю сюда не надо.
#[tokio::test]
async fn a_person_chooses_notifications() {
    let app = shop("[telegram]\ntoken = \"42:TOKEN\"\nbot = \"shop_bot\"\nsecret = \"s\"\n").await;
    let mut browser = Browser::new(&app);
    browser.get("/notifications").await.expect(303);
    browser.send("/register", &PERSON).await.expect(303);
    let page = browser.get("/notifications").await.expect(200);
    shows(&page, "name=\"email_service\" aria-label=\"Почта: о моих заказах\" checked");
    shows(&page, "name=\"email_advertising\" aria-label=\"Почта: новости и скидки\">");
    hides(&page, "telegram_service");
    let chosen = [("shown_email", "1"), ("email_service", "on"), ("email_advertising", "on"), ("shown_sms", "1")];
    let page = browser.submit("/notifications", &chosen).await.expect(200);
    shows(&page, "aria-label=\"Почта: новости и скидки\" checked");
    let page = browser.submit("/notifications", &[("shown_email", "1"), ("email_service", "on")]).await.expect(200);
    shows(&page, "aria-label=\"Почта: новости и скидки\">");
    let linking = browser.send("/notifications/telegram", &[]).await.expect(200);
    shows(&linking, "https://t.me/shop_bot?start=");

    let keys = [("p256dh", "AAAA"), ("auth", "AAAA")];
    let alien = [keys[0], keys[1], ("endpoint", "https://evil.example/x")];
    browser.send("/notifications/push", &alien).await.expect(422);
    let worker = browser.get("/sw.js").await.expect(200);
    assert_eq!(worker.header("content-type"), Some("text/javascript; charset=utf-8"));
    app.run_jobs().await;
    app.close().await;
}
