//! Выход, блокировка и смена пароля на одном экземпляре действуют на другом.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use kernel::{App, Ctx};
use megashop_cluster::Links;
use serde_json::json;
use testkit::{RedisServer, TestApp};

use accounts::{factories, permissions};

use crate::helpers::*;

fn apps(joined: bool) -> Vec<App> {
    let start = |ctx: &Ctx| ctx.provide(megashop_cluster::join(ctx).expect("good address"));
    let link = App::new("link", "Связь");
    vec![notifications::app(), accounts::app(), if joined { link.start(start) } else { link }]
}

async fn pair(redis: Option<&RedisServer>) -> (TestApp, TestApp) {
    let settings = redis.map(|redis| format!("[cache]\nurl = \"{}\"\ntimeout_ms = 5000\n", redis.url()));
    let settings = settings.unwrap_or_default();
    let one = TestApp::with_settings(apps(redis.is_some()), &settings).await;
    accounts::start(&one.ctx, one.permissions.clone(), one.groups.clone()).await.expect("start");
    let other = one.twin(apps(redis.is_some()), &settings).await;
    accounts::start(&other.ctx, other.permissions.clone(), other.groups.clone()).await.expect("start");
    if redis.is_some() {
        for app in [&one, &other] {
            until(async || app.ctx.service::<Links>().redis_is_connected()).await;
        }
    }
    (one, other)
}

async fn until(happened: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !happened().await {
        assert!(Instant::now() < deadline, "it never happened");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn status_of_me(app: &TestApp, session: &serde_json::Value) -> u16 {
    with(app, session).get("/api/v1/users/me").await.status
}

/// Часы стоят: сами по себе три секунды доверия не пройдут, узнать можно только из вести.
#[tokio::test(flavor = "multi_thread")]
async fn a_logout_reaches_the_other_instance_at_once() {
    let Some(redis) = RedisServer::start().await else { return };
    let (one, other) = pair(Some(&redis)).await;
    let session = register(&one, "+79161234567").await;
    let bystander = register(&one, "+79161234568").await;
    for app in [&one, &other] {
        assert_eq!(status_of_me(app, &session).await, 200);
        assert_eq!(status_of_me(app, &bystander).await, 200);
    }
    with(&one, &session).post("/api/v1/auth/logout", json!({})).await.expect(204);
    assert_eq!(status_of_me(&one, &session).await, 401);
    until(async || status_of_me(&other, &session).await == 401).await;

    // Очищенный и замерший Redis никого не выводит.
    redis.command(&["FLUSHALL"]);
    assert_eq!(status_of_me(&other, &bystander).await, 200);
    redis.freeze();
    for app in [&one, &other] {
        assert_eq!(status_of_me(app, &bystander).await, 200);
    }
    redis.thaw();
    one.run_jobs().await;
    other.close().await;
    one.close().await;
}

/// Права группы — у всех, кто в ней, сразу: и здесь, и у соседа.
#[tokio::test(flavor = "multi_thread")]
async fn a_right_taken_from_a_group_is_gone_on_both_instances_at_once() {
    let Some(redis) = RedisServer::start().await else { return };
    let (one, other) = pair(Some(&redis)).await;
    let staff = factories::staff(&one.ctx, &[permissions::LIST_USER]).await;
    let admin = one.anon().bearer(&factories::admin(&one.ctx).await.token);
    let list = async |app: &TestApp| app.anon().bearer(&staff.token).get("/api/v1/users/").await.status;
    assert_eq!((list(&one).await, list(&other).await), (200, 200));
    let groups = admin.get("/api/v1/groups/").await.expect(200).json();
    let own = groups["groups"].as_array().expect("groups").iter();
    let own =
        own.clone().find(|g| g["code"].as_str().is_some_and(|code| code.starts_with("staff-"))).expect("own group");
    let path = format!("/api/v1/groups/{}", own["id"]);
    admin.put(&path, json!({"code": own["code"], "title": "Никто", "permissions": []})).await.expect(200);
    assert_eq!(list(&one).await, 403);
    until(async || list(&other).await == 403).await;

    let rights = json!({"code": own["code"], "title": "Снова", "permissions": ["accounts.list_user"]});
    admin.put(&path, rights).await.expect(200);
    assert_eq!(list(&one).await, 200);
    until(async || list(&other).await == 200).await;
    admin.delete(&path).await.expect(204);
    assert_eq!(list(&one).await, 403);
    until(async || list(&other).await == 403).await;
    one.run_jobs().await;
    other.close().await;
    one.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_the_other_instance_learns_within_its_trust() {
    let (one, other) = pair(None).await;
    let session = register(&one, "+79161234567").await;
    assert_eq!(status_of_me(&other, &session).await, 200);
    with(&one, &session).post("/api/v1/auth/logout", json!({})).await.expect(204);
    assert_eq!(status_of_me(&one, &session).await, 401);
    other.advance(TimeDelta::seconds(3));
    assert_eq!(status_of_me(&other, &session).await, 401);
    one.run_jobs().await;
    other.close().await;
    one.close().await;
}
