//! Кому что можно. Отказ ничего не меняет.

use http::Method;
use kernel::Access;
use serde_json::json;
use testkit::{Client, TestApp};

use crate::support::{add, customer, id_of, shop, staff};

/// Адрес с настоящими номерами вместо `{id}`.
fn real_path(path: &str, product: i64) -> String {
    let path = path.replace("{id}", &product.to_string()).replace("{product_id}", &product.to_string());
    path.replace("{variant_id}", "1").replace("{media_id}", "1").replace("{slug}", "x")
}

async fn call(client: &Client, app: &TestApp, method: &str, path: &str, product: i64) -> u16 {
    let _ = app;
    let method: Method = method.parse().expect("method");
    let body = (method != Method::GET && method != Method::DELETE).then(|| json!({}));
    client.send(method, &real_path(path, product), body).await.status
}

#[tokio::test]
async fn staff_routes_refuse_everyone_without_the_right() {
    let app = shop().await;
    let product = add(&app, "ACC-1", json!({"stock_count": 2})).await;
    let id = id_of(&product);
    let before = staff(&app).get(&format!("/api/v1/products/{id}")).await.body;
    let mut checked = 0;
    for route in &app.routes {
        let Access::Staff(permission) = route.access else { continue };
        if !permission.code.starts_with("catalog.") {
            continue;
        }
        let (method, path) = (route.method.as_str(), route.path.as_str());
        assert_eq!(call(&app.anon(), &app, method, path, id).await, 401, "{method} {path} anonymous");
        assert_eq!(call(&customer(&app, 5), &app, method, path, id).await, 403, "{method} {path} customer");
        let others: Vec<&str> = megashop_catalog::permissions::ALL
            .iter()
            .map(|other| other.code)
            .filter(|code| *code != permission.code)
            .collect();
        let clerk = app.anon().bearer(&format!("staff:6:{}", others.join(",")));
        assert_eq!(call(&clerk, &app, method, path, id).await, 403, "{method} {path} without {}", permission.code);
        checked += 1;
    }
    assert!(checked >= 25, "only {checked} staff routes were found");
    assert_eq!(staff(&app).get(&format!("/api/v1/products/{id}")).await.body, before);
    app.close().await;
}

#[tokio::test]
async fn personal_routes_need_a_login() {
    let app = shop().await;
    for route in app.routes.iter().filter(|route| route.access == Access::Customer) {
        assert_eq!(
            call(&app.anon(), &app, &route.method, &route.path, 1).await,
            401,
            "{} {}",
            route.method,
            route.path
        );
    }
    app.close().await;
}

#[tokio::test]
async fn a_customer_sees_the_same_as_a_passer_by() {
    let app = shop().await;
    add(&app, "ACC-2", json!({"cost_price": 1})).await;
    add(&app, "ACC-3", json!({"is_active": false})).await;
    let passer = app.anon().get("/api/v1/products/").await.expect(200);
    let buyer = customer(&app, 5).get("/api/v1/products/").await.expect(200);
    assert_eq!(passer.body, buyer.body);
    app.anon().bearer("garbage").get("/api/v1/products/").await.expect(401);
    app.close().await;
}
