//! Кому что открыто: каждый маршрут × каждый вызывающий; отказ ничего не меняет.

use accounts::{factories, permissions};
use http::Method;
use serde_json::json;

use crate::helpers::*;

#[tokio::test]
async fn models_and_tables_agree() {
    let app = shop().await;
    app.assert_no_drift().await;
    app.close().await;
}

#[tokio::test]
async fn every_text_has_its_pair() {
    let app = shop().await;
    assert_eq!(app.ctx.texts().unpaired(), Vec::<String>::new());
    app.close().await;
}

/// Маршрут и право, без которого он закрыт; `-` — вошедшему, `public` — всем.
const TABLE: &[(&str, &str, &str)] = &[
    ("POST", "/api/v1/auth/register", "public"),
    ("POST", "/api/v1/auth/login", "public"),
    ("POST", "/api/v1/auth/refresh", "public"),
    ("POST", "/api/v1/auth/logout", "public"),
    ("POST", "/api/v1/auth/code/send", "public"),
    ("POST", "/api/v1/auth/code/verify", "public"),
    ("POST", "/api/v1/auth/setup", "public"),
    ("POST", "/api/v1/auth/password/reset", "public"),
    ("POST", "/api/v1/auth/password/reset/confirm", "public"),
    ("GET", "/api/v1/users/me", "customer"),
    ("PUT", "/api/v1/users/me", "customer"),
    ("PATCH", "/api/v1/users/me", "customer"),
    ("DELETE", "/api/v1/users/me", "customer"),
    ("POST", "/api/v1/users/me/confirm", "customer"),
    ("PUT", "/api/v1/users/me/password", "customer"),
    ("POST", "/api/v1/users/me/second-factor", "customer"),
    ("POST", "/api/v1/users/me/second-factor/confirm", "customer"),
    ("POST", "/api/v1/users/me/second-factor/disable", "customer"),
    ("GET", "/api/v1/users/me/devices", "customer"),
    ("DELETE", "/api/v1/users/me/devices/{id}", "customer"),
    ("GET", "/api/v1/users/me/addresses", "customer"),
    ("POST", "/api/v1/users/me/addresses", "customer"),
    ("PUT", "/api/v1/users/me/addresses/{id}", "customer"),
    ("DELETE", "/api/v1/users/me/addresses/{id}", "customer"),
    ("GET", "/api/v1/users/teachers", "public"),
    ("GET", "/api/v1/users/", "staff:accounts.list_user"),
    ("GET", "/api/v1/users/{id}", "staff:accounts.view_user"),
    ("PATCH", "/api/v1/users/{id}", "staff:accounts.view_user"),
    ("GET", "/api/v1/groups/permissions", "staff:accounts.view_group"),
    ("GET", "/api/v1/groups/", "staff:accounts.view_group"),
    ("POST", "/api/v1/groups/", "staff:accounts.change_group"),
    ("GET", "/api/v1/groups/{id}", "staff:accounts.view_group"),
    ("PUT", "/api/v1/groups/{id}", "staff:accounts.change_group"),
    ("DELETE", "/api/v1/groups/{id}", "staff:accounts.change_group"),
];

#[tokio::test]
async fn routes_are_open_to_exactly_those_in_the_table() {
    let app = shop().await;
    // Рядом поднято и приложение уведомлений: его адреса — не наши.
    let foreign = ["sms", "push", "telegram", "unsubscribe", "users/me/notifications", "users/me/telegram"];
    let is_foreign = |path: &str| foreign.iter().any(|start| path.starts_with(&format!("/api/v1/{start}")));
    let own = app.routes.iter().filter(|route| !is_foreign(&route.path));
    let mut real: Vec<_> = own.map(|r| (r.method.clone(), r.path.clone(), r.access.label())).collect();
    let mut table: Vec<_> = TABLE.iter().map(|(m, p, a)| ((*m).to_owned(), (*p).to_owned(), (*a).to_owned())).collect();
    real.sort();
    table.sort();
    assert_eq!(real, table);
    app.close().await;
}

#[tokio::test]
async fn closed_routes_are_closed() {
    let app = shop().await;
    let customer = factories::customer(&app.ctx).await;
    let nobody_special = factories::staff(&app.ctx, &[]).await;
    for (method, path, access) in TABLE.iter().filter(|(_, _, access)| *access != "public") {
        let path = path.replace("{id}", "0192f0c8-0000-7000-8000-000000000001");
        let body = (*method != "GET" && *method != "DELETE").then(|| json!({}));
        let send =
            async |client: testkit::Client| client.send(method.parse::<Method>().unwrap(), &path, body.clone()).await;
        send(app.anon()).await.refused(401, "auth.unauthorized");
        send(app.anon().bearer("x.y.z")).await.refused(401, "auth.unauthorized");
        if access.starts_with("staff:") {
            send(app.anon().bearer(&customer.token)).await.refused(403, "auth.forbidden");
            send(app.anon().bearer(&nobody_special.token)).await.refused(403, "auth.forbidden");
        }
    }
    let admin = factories::admin(&app.ctx).await;
    let total = app.anon().bearer(&admin.token).get("/api/v1/users/").await.expect(200).json()["total"].clone();
    assert_eq!(total, 3, "отказы никого не завели и не убрали");
    assert_eq!(permissions::ALL.len(), 6);
    app.close().await;
}
