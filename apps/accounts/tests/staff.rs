//! Люди глазами сотрудника.

use accounts::{factories, permissions};
use serde_json::{Value, json};

use crate::helpers::*;

const PHONE: &str = "+79161234567";

#[tokio::test]
async fn the_list_is_searched_paged_and_shaped_by_rights() {
    let app = shop().await;
    let anna = register(&app, PHONE).await;
    let name = json!({"full_name": "Ёлкина Анна 100%"});
    with(&app, &anna).patch("/api/v1/users/me", name).await.expect(200);
    let names_only = factories::staff(&app.ctx, &[permissions::LIST_USER]).await;
    let full = factories::staff(&app.ctx, &[permissions::LIST_USER, permissions::VIEW_USER]).await;
    let (moderator, manager) = (app.anon().bearer(&names_only.token), app.anon().bearer(&full.token));

    for search in ["елкин", "ЁЛКИНА", "анна 100%", "8916123", "+7916123", "8-916-123-45-67"] {
        let query: String = url_encode(search);
        let list = manager.get(&format!("/api/v1/users/?search={query}")).await.expect(200).json();
        let expected = if search == "8916123" { 0 } else { 1 };
        assert_eq!(list["total"], expected, "{search}: {list}");
    }
    for search in ["%", "_", "никто"] {
        let path = format!("/api/v1/users/?search={}", url_encode(search));
        let total = manager.get(&path).await.expect(200).json()["total"].clone();
        assert_eq!(total, if search == "%" { 1 } else { 0 }, "{search}");
    }
    let row = &manager.get("/api/v1/users/?search=%2B7916123").await.expect(200).json()["users"][0];
    assert_eq!(row["phone"], PHONE);
    let path = format!("/api/v1/users/?search={}", url_encode("елкина"));
    let row = &moderator.get(&path).await.expect(200).json()["users"][0];
    assert_eq!((row.get("phone"), row.get("email")), (None, None), "без права контактов нет");

    let page = manager.get("/api/v1/users/?page=2&page_size=2").await.expect(200).json();
    assert_eq!((page["total"].clone(), page["page"].clone()), (json!(3), json!(2)));
    assert_eq!(page["users"].as_array().unwrap().len(), 1);
    // Кто размера не назвал, получает сто, как обещал прежний контракт; лишний параметр старого клиента не мешает.
    assert_eq!(manager.get("/api/v1/users/?utm=1").await.expect(200).json()["page_size"], 100);
    assert_eq!(manager.get("/api/v1/users/?page=2").await.expect(200).json()["users"], json!([]));
    app.close().await;
}

fn url_encode(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

#[tokio::test]
async fn looking_at_a_person_is_recorded() {
    let app = shop().await;
    let anna = register(&app, PHONE).await;
    let path = format!("/api/v1/users/{}", anna["user"]["id"].as_str().unwrap());
    let staff = factories::staff(&app.ctx, &[permissions::LIST_USER, permissions::VIEW_USER]).await;
    let out = app.anon().bearer(&staff.token).get(&path).await.expect(200).json();
    assert_eq!(out["phone"], PHONE);
    assert!(out.get("password_hash").is_none());
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let seen = kernel::events::event_row::Entity::find()
        .filter(kernel::events::event_row::Column::Name.eq("accounts.user_viewed"))
        .all(app.ctx.db_fresh())
        .await
        .unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].actor, format!("user:{}", staff.user_id));
    app.anon().bearer(&staff.token).get(&format!("/api/v1/users/{}", uuid(9))).await.expect(404);
    app.anon().bearer(&staff.token).get("/api/v1/users/17").await.expect(422);
    app.close().await;
}

fn uuid(n: u128) -> String {
    format!("{n:032x}").parse::<uuid::Uuid>().unwrap().to_string()
}

#[tokio::test]
async fn a_blocked_person_is_out_at_once_and_cannot_return() {
    let app = shop().await;
    let anna = register(&app, PHONE).await;
    let path = format!("/api/v1/users/{}", anna["user"]["id"].as_str().unwrap());
    let staff = factories::staff(&app.ctx, &[permissions::VIEW_USER, permissions::BLOCK_USER]).await;
    let staff = app.anon().bearer(&staff.token);
    let out = staff.patch(&path, json!({"is_active": false})).await.expect(200).json();
    assert_eq!(out["is_active"], false);
    with(&app, &anna).get("/api/v1/users/me").await.refused(401, "auth.unauthorized");
    refresh(&app, &anna["refresh_token"]).await.expect(401);
    log_in(&app, PHONE, PASSWORD).await.refused(403, "accounts.blocked");
    log_in(&app, PHONE, "не тот").await.refused(401, "accounts.wrong_credentials");

    staff.patch(&path, json!({"is_active": true})).await.expect(200);
    with(&app, &anna).get("/api/v1/users/me").await.expect(401);
    log_in(&app, PHONE, PASSWORD).await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn blocking_needs_the_right_and_never_touches_oneself_or_an_admin() {
    let app = shop().await;
    let anna = register(&app, PHONE).await;
    let path = |id: &Value| format!("/api/v1/users/{}", id.as_str().unwrap());
    let viewer = factories::staff(&app.ctx, &[permissions::VIEW_USER]).await;
    let block = json!({"is_active": false});
    let viewer = app.anon().bearer(&viewer.token);
    viewer.patch(&path(&anna["user"]["id"]), block.clone()).await.refused(403, "auth.forbidden");
    with(&app, &anna).get("/api/v1/users/me").await.expect(200);

    let blocker = factories::staff(&app.ctx, &[permissions::VIEW_USER, permissions::BLOCK_USER]).await;
    let admin = factories::admin(&app.ctx).await;
    let own = path(&json!(blocker.public_id));
    let blocker = app.anon().bearer(&blocker.token);
    blocker.patch(&own, block.clone()).await.refused(400, "accounts.own_account");
    blocker.patch(&path(&json!(admin.public_id)), block).await.refused(403, "auth.forbidden");
    viewer.patch(&path(&anna["user"]["id"]), json!({"phone": "+79160000000"})).await.invalid("phone");
    app.close().await;
}

#[tokio::test]
async fn teachers_are_public_by_name_only() {
    let app = shop().await;
    let teacher = factories::teacher(&app.ctx).await;
    factories::customer(&app.ctx).await;
    let list = app.anon().get("/api/v1/users/teachers").await.expect(200).json();
    assert_eq!(list["total"], 1);
    let row = list["teachers"][0].as_object().unwrap();
    assert_eq!(row["id"], json!(teacher.public_id));
    let mut fields: Vec<&str> = row.keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["avatar", "full_name", "id"]);
    app.close().await;
}
