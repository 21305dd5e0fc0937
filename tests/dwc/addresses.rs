//! Все адреса договора одной таблицей: методы, оба основания, слэш на конце, кого пускают.

use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use super::{admin, buyer, close, shop};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    Anyone,
    User,
    Admin,
}
use Caller::{Admin, Anyone, User};

/// Метод, адрес, кого пускают.
const ADDRESSES: &[(&str, &str, Caller)] = &[
    ("POST", "/auth/register", Anyone),
    ("POST", "/auth/login", Anyone),
    ("GET", "/users/me", User),
    ("PUT", "/users/me", User),
    ("PUT", "/users/me/password", User),
    ("GET", "/users/", Admin),
    ("GET", "/users/00000000-0000-7000-8000-000000000000", Admin),
    ("GET", "/products/", Anyone),
    ("GET", "/products/999999", Anyone),
    ("POST", "/products/", Admin),
    ("PUT", "/products/999999", Admin),
    ("DELETE", "/products/999999", Admin),
    ("POST", "/products/999999/archive", Admin),
    ("POST", "/products/upload-images", Admin),
    ("POST", "/products/upload-preview-image", Admin),
    ("GET", "/orders/", User),
    ("GET", "/orders/999999", User),
    ("POST", "/orders/", User),
    ("PUT", "/orders/999999", Admin),
    ("PATCH", "/orders/999999", Admin),
    ("GET", "/orders/admin/all", Admin),
    ("PATCH", "/orders/admin/bulk-production-status", Admin),
    ("GET", "/promo-codes/", Admin),
    ("GET", "/promo-codes/999999", Admin),
    ("POST", "/promo-codes/validate", Anyone),
    ("POST", "/promo-codes/", Admin),
    ("PUT", "/promo-codes/999999", Admin),
    ("DELETE", "/promo-codes/999999", Admin),
    ("GET", "/pages/", Anyone),
    ("GET", "/pages/faq", Anyone),
    ("POST", "/pages/", Admin),
    ("PUT", "/pages/none", Admin),
    ("DELETE", "/pages/none", Admin),
    ("GET", "/analytics/sales", Admin),
    ("GET", "/analytics/preorders", Admin),
    ("GET", "/analytics/customers", Admin),
    ("GET", "/analytics/promo-codes", Admin),
    ("GET", "/analytics/export/customers", Admin),
    ("GET", "/analytics/export/orders", Admin),
    ("POST", "/payment/create/999999", User),
    ("GET", "/payment/callback", Anyone),
    ("POST", "/payment/webhook", Anyone),
    ("GET", "/cart/", User),
    ("DELETE", "/cart/", User),
    ("POST", "/cart/items", User),
    ("PUT", "/cart/items/999999", User),
    ("DELETE", "/cart/items/999999", User),
    ("GET", "/splash/", Admin),
    ("POST", "/splash/", Admin),
    ("GET", "/splash/random", Anyone),
    ("GET", "/splash/999999", Admin),
    ("PUT", "/splash/999999", Admin),
    ("DELETE", "/splash/999999", Admin),
];

/// Корзина служит и гостю, а платёж видит тот, у кого есть ссылка: без пропуска здесь тоже пускают.
const OPEN_TO_GUESTS: &[&str] = &["/cart/"];

async fn call(client: &Client, method: &str, path: &str) -> Answer {
    let method: Method = method.parse().expect("method");
    // Заказ без пропуска узнаётся по телу: без контакта это не гость, а забытый пропуск.
    let is_order = method == Method::POST && path.trim_end_matches('/').ends_with("/orders");
    let body = if is_order { json!({"items": [{"product_id": 999_999}]}) } else { json!({}) };
    let has_body = method != Method::GET && method != Method::DELETE;
    client.send(method, path, has_body.then_some(body)).await
}

fn code(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    body["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn each_address_answers_under_both_bases_with_and_without_the_slash() {
    let app = shop().await;
    for (method, path, _) in ADDRESSES {
        let bare = path.trim_end_matches('/');
        for form in [format!("/api/v1{bare}"), format!("/api/v1{bare}/"), format!("/api{bare}"), format!("/api{bare}/")]
        {
            let answer = call(&app.anon(), method, &form).await;
            let code = code(&answer);
            assert!(code != "request.unknown_route" && answer.status != 405, "{method} {form}: {}", answer.text());
            assert!(answer.status < 500, "{method} {form}: {}", answer.text());
            assert!(!(300..400).contains(&answer.status), "{method} {form} redirects");
        }
    }
    close(app).await;
}

#[tokio::test]
async fn no_token_and_a_bad_one_are_401_and_a_missing_right_is_403() {
    let app = shop().await;
    let (buyer, admin) = (buyer(&app).await, admin(&app).await);
    for (method, path, caller) in ADDRESSES {
        let address = format!("/api/v1{path}");
        let stranger = call(&app.anon(), method, &address).await;
        if *caller == Anyone || OPEN_TO_GUESTS.iter().any(|open| path.starts_with(open)) {
            assert_ne!(code(&stranger), "auth.forbidden", "{method} {path}");
            continue;
        }
        assert_eq!((stranger.status, code(&stranger).as_str()), (401, "auth.unauthorized"), "{method} {path}");
        assert_eq!(stranger.header("www-authenticate"), Some("Bearer"), "{method} {path}");
        for header in ["Bearer nonsense", "Basic dXNlcjpwYXNz", "Bearer"] {
            let answer = call(&app.anon().header("authorization", header), method, &address).await;
            assert_eq!(answer.status, 401, "{method} {path} with {header}");
        }
        let customer = call(&buyer, method, &address).await;
        match caller {
            Admin => {
                assert_eq!((customer.status, code(&customer).as_str()), (403, "auth.forbidden"), "{method} {path}");
                super::in_russian(&customer.json());
                let boss = call(&admin, method, &address).await;
                assert!(boss.status != 401 && boss.status != 403, "{method} {path}: {}", boss.text());
            }
            _ => assert!(customer.status != 401 && customer.status != 403, "{method} {path}: {}", customer.text()),
        }
    }
    close(app).await;
}

/// Что негодно по форме — 422 с полем; чего нет — 404.
#[tokio::test]
async fn malformed_requests_are_422_and_missing_things_404() {
    let app = shop().await;
    let admin = admin(&app).await;
    for path in ["/products/", "/orders/", "/promo-codes/", "/pages/", "/users/"] {
        admin.get(&format!("/api/v1{path}?limit=101")).await.invalid("limit");
        admin.get(&format!("/api/v1{path}?skip=-1")).await.expect(422);
        // Чужие параметры старых витрин не мешают.
        admin.get(&format!("/api/v1{path}?utm_source=vk")).await.expect(200);
    }
    for path in ["/products/abc", "/orders/abc", "/promo-codes/abc", "/users/abc"] {
        admin.get(&format!("/api/v1{path}")).await.expect(422);
    }
    for path in ["/products/999999", "/orders/999999", "/promo-codes/999999", "/pages/none", "/splash/999999"] {
        super::in_russian(&admin.get(&format!("/api/v1{path}")).await.expect(404).json());
    }
    for path in ["/auth/register", "/auth/login", "/products/", "/orders/", "/promo-codes/validate", "/pages/"] {
        let problem = admin.post(&format!("/api/v1{path}"), json!([1])).await.expect(422).json();
        super::in_russian(&problem);
    }
    close(app).await;
}

/// Корень и здоровье — без основания.
#[tokio::test]
async fn the_root_and_health_tell_who_answers() {
    let app = shop().await;
    let root = app.anon().get("/").await.expect(200).json();
    super::has(&root, &["status", "message", "version", "docs"]);
    assert_eq!(root["status"], "ok");
    let health = app.anon().get("/health").await.expect(200).json();
    assert_eq!((&health["status"], &health["database"]), (&json!("healthy"), &json!("connected")));
    assert!(health["version"].is_string());
    close(app).await;
}

/// Витрина живёт на другом сайте: ей разрешено спрашивать.
#[tokio::test]
async fn the_old_front_end_may_call_from_its_site() {
    let app = shop().await;
    for site in ["http://localhost:3000", "http://localhost:8000"] {
        let answer = app.anon().header("origin", site).get("/api/v1/pages/").await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), Some(site));
    }
    close(app).await;
}
