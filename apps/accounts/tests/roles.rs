//! Группы прав и кто в них.

use accounts::models::group::ADMIN;
use accounts::permissions::{self, CHANGE_GROUP, CHANGE_USER_GROUPS, VIEW_GROUP, VIEW_USER};
use accounts::{factories, services};
use chrono::TimeDelta;
use futures::future::join_all;
use kernel::{Actor, Work};
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp};

use crate::helpers::*;

async fn set_groups(client: &Client, id: uuid::Uuid, groups: Value) -> Answer {
    client.patch(&format!("/api/v1/users/{id}"), json!({"groups": groups})).await
}

fn of(app: &TestApp, login: &factories::Login) -> Client {
    app.anon().bearer(&login.token)
}

#[tokio::test]
async fn the_app_brings_its_groups_and_what_an_admin_took_away_stays_away() {
    let app = shop().await;
    let admin = of(&app, &factories::admin(&app.ctx).await);
    let list = admin.get("/api/v1/groups/").await.expect(200).json();
    let codes: Vec<&str> = list["groups"].as_array().unwrap().iter().map(|g| g["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["customer", "teacher", "moderator", "manager", "admin"]);
    let manager = list["groups"][3].clone();
    assert_eq!(manager["permissions"], json!(["accounts.list_user", "accounts.view_user"]));

    let path = format!("/api/v1/groups/{}", manager["id"]);
    let body = json!({"code": "manager", "title": "Менеджеры", "permissions": ["accounts.list_user"]});
    admin.put(&path, body).await.expect(200);
    let groups = accounts::app().groups;
    accounts::start(&app.ctx, accounts::app().permissions, groups).await.unwrap();
    let manager = admin.get(&path).await.expect(200).json();
    assert_eq!(manager["permissions"], json!(["accounts.list_user"]), "перезапуск отнятого не вернул");
    app.close().await;
}

#[tokio::test]
async fn promotion_and_demotion_act_at_once() {
    let app = shop().await;
    let admin = of(&app, &factories::admin(&app.ctx).await);
    let anna = factories::customer(&app.ctx).await;
    let me = of(&app, &anna);
    me.get("/api/v1/users/").await.refused(403, "auth.forbidden");
    let out = set_groups(&admin, anna.public_id, json!(["manager"])).await.expect(200).json();
    assert_eq!(out["roles"], json!(["customer", "manager"]));
    me.get("/api/v1/users/").await.expect(200);
    set_groups(&admin, anna.public_id, json!([])).await.expect(200);
    me.get("/api/v1/users/").await.refused(403, "auth.forbidden");
    app.close().await;
}

#[tokio::test]
async fn a_right_taken_from_a_group_is_gone_within_five_seconds() {
    let app = shop().await;
    let admin = of(&app, &factories::admin(&app.ctx).await);
    let staff = factories::staff(&app.ctx, &[permissions::LIST_USER]).await;
    let me = of(&app, &staff);
    me.get("/api/v1/users/").await.expect(200);
    let groups = admin.get("/api/v1/groups/").await.expect(200).json();
    let own = groups["groups"].as_array().unwrap().iter().find(|g| g["code"].as_str().unwrap().starts_with("staff-"));
    let own = own.unwrap();
    let body = json!({"code": own["code"], "title": "Никто", "permissions": []});
    admin.put(&format!("/api/v1/groups/{}", own["id"]), body).await.expect(200);
    app.advance(TimeDelta::seconds(5));
    me.get("/api/v1/users/").await.expect(403);
    app.close().await;
}

#[tokio::test]
async fn nobody_changes_his_own_roles() {
    let app = shop().await;
    let admin = factories::admin(&app.ctx).await;
    set_groups(&of(&app, &admin), admin.public_id, json!([])).await.refused(400, "accounts.own_roles");
    let staff = factories::staff(&app.ctx, &[VIEW_USER, CHANGE_USER_GROUPS, VIEW_GROUP, CHANGE_GROUP]).await;
    let me = of(&app, &staff);
    set_groups(&me, staff.public_id, json!(["admin"])).await.refused(400, "accounts.own_roles");
    let groups = me.get("/api/v1/groups/").await.expect(200).json();
    let own = groups["groups"].as_array().unwrap().iter().find(|g| g["code"].as_str().unwrap().starts_with("staff-"));
    let path = format!("/api/v1/groups/{}", own.unwrap()["id"]);
    let body = json!({"code": "mine", "title": "Моя", "permissions": ["accounts.view_user"]});
    me.put(&path, body).await.refused(400, "accounts.own_roles");
    me.delete(&path).await.refused(400, "accounts.own_roles");
    app.close().await;
}

#[tokio::test]
async fn nobody_gives_or_takes_a_right_he_lacks() {
    let app = shop().await;
    let staff = factories::staff(&app.ctx, &[VIEW_USER, CHANGE_USER_GROUPS, VIEW_GROUP, CHANGE_GROUP]).await;
    let me = of(&app, &staff);
    let anna = factories::customer(&app.ctx).await;
    for group in ["admin", "manager", "moderator"] {
        set_groups(&me, anna.public_id, json!([group])).await.refused(403, "auth.forbidden");
    }
    set_groups(&me, anna.public_id, json!(["teacher"])).await.expect(200);
    let admin = factories::admin(&app.ctx).await;
    set_groups(&me, admin.public_id, json!([])).await.refused(403, "auth.forbidden");

    let post = async |permissions: Value| {
        me.post("/api/v1/groups/", json!({"code": "helpers", "title": "Помощники", "permissions": permissions})).await
    };
    post(json!(["accounts.block_user"])).await.refused(403, "auth.forbidden");
    let made = post(json!(["accounts.view_user"])).await.expect(201).json();
    set_groups(&me, anna.public_id, json!(["teacher", "helpers"])).await.expect(200);
    let body =
        json!({"code": "helpers", "title": "Помощники", "permissions": ["accounts.view_user", "accounts.block_user"]});
    me.put(&format!("/api/v1/groups/{}", made["id"]), body).await.refused(403, "auth.forbidden");
    app.close().await;
}

#[tokio::test]
async fn groups_are_made_changed_and_deleted_by_the_rules() {
    let app = shop().await;
    let admin = of(&app, &factories::admin(&app.ctx).await);
    let group = |code: &str, permissions: Value| json!({"code": code, "title": "Группа", "permissions": permissions});
    let made = admin.post("/api/v1/groups/", group("stock", json!(["accounts.list_user"]))).await.expect(201).json();
    admin.post("/api/v1/groups/", group("stock", json!([]))).await.refused(400, "accounts.group_taken");
    admin.post("/api/v1/groups/", group("Склад!", json!([]))).await.invalid("code");
    admin.post("/api/v1/groups/", group("other", json!(["accounts.fly"]))).await.invalid("permissions");

    let path = format!("/api/v1/groups/{}", made["id"]);
    let changed = admin.put(&path, group("stock", json!([]))).await.expect(200).json();
    assert_eq!(changed["permissions"], json!([]));
    admin.delete(&path).await.expect(204);
    admin.get(&path).await.refused(404, "accounts.group_not_found");

    let list = admin.get("/api/v1/groups/").await.expect(200).json();
    for group in list["groups"].as_array().unwrap() {
        let path = format!("/api/v1/groups/{}", group["id"]);
        admin.delete(&path).await.refused(400, "accounts.builtin_group");
    }
    let all = admin.get("/api/v1/groups/permissions").await.expect(200).json();
    assert_eq!(all["total"], permissions::ALL.len() + notifications::permissions::ALL.len());
    app.close().await;
}

#[tokio::test]
async fn an_unknown_group_is_422() {
    let app = shop().await;
    let admin = of(&app, &factories::admin(&app.ctx).await);
    let anna = factories::customer(&app.ctx).await;
    set_groups(&admin, anna.public_id, json!(["nonsense"])).await.invalid("groups");
    app.close().await;
}

#[tokio::test]
async fn the_last_admin_stays() {
    let app = shop().await;
    let one = factories::admin(&app.ctx).await;
    of(&app, &one).delete("/api/v1/users/me").await.refused(400, "accounts.last_admin");
    let system = Actor::System("test");
    let id = one.user_id;
    let blocked = app.ctx.atomic(&system, async move |work: &mut Work| services::set_active(work, id, false).await);
    assert_eq!(blocked.await.unwrap_err().code, "accounts.last_admin");
    of(&app, &one).get("/api/v1/users/me").await.expect(200);

    let two = factories::admin(&app.ctx).await;
    of(&app, &one).delete("/api/v1/users/me").await.expect(204);
    of(&app, &two).delete("/api/v1/users/me").await.refused(400, "accounts.last_admin");
    app.close().await;
}

#[tokio::test]
async fn admins_who_remove_each_other_at_once_leave_one() {
    let app = shop().await;
    let mut admins = Vec::new();
    for _ in 0..6 {
        admins.push(factories::admin(&app.ctx).await);
    }
    let removals = (0..6).map(|i| {
        let (by, whom) = (of(&app, &admins[i]), admins[(i + 1) % 6].public_id);
        async move { set_groups(&by, whom, json!([])).await }
    });
    for answer in join_all(removals).await {
        assert!([200, 400, 403].contains(&answer.status), "{}", answer.text());
    }
    let left =
        app.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| services::has_admin(work.db()).await);
    assert!(left.await.unwrap(), "хотя бы один {ADMIN} остался");
    app.close().await;
}
