//! Первый администратор.

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::json;
use testkit::{Answer, TestApp};

use crate::helpers::*;

async fn link(app: &TestApp) -> Option<String> {
    accounts::admin_link(&app.ctx).await.unwrap()
}

fn token(link: &str) -> String {
    link.split_once("?token=").unwrap().1.to_owned()
}

async fn set_up(app: &TestApp, token: &str, phone: &str) -> Answer {
    app.anon().post("/api/v1/auth/setup", json!({"token": token, "phone": phone, "password": PASSWORD})).await
}

#[tokio::test]
async fn the_link_makes_one_admin_once() {
    let app = shop().await;
    let link = link(&app).await.unwrap();
    assert!(link.starts_with("http://localhost:8000/setup?token="), "{link}");
    let token = token(&link);
    let answers = join_all((0..20).map(|i| {
        let (app, token) = (&app, &token);
        async move { set_up(app, token, &format!("+7916000{i:04}")).await }
    }))
    .await;
    let made: Vec<_> = answers.into_iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 1);
    let session = made[0].json();
    assert_eq!(session["user"]["is_admin"], true);
    with(&app, &session).get("/api/v1/users/").await.expect(200);
    assert_eq!(self::link(&app).await, None, "администратор уже есть");
    app.close().await;
}

#[tokio::test]
async fn a_wrong_or_old_link_makes_nobody() {
    let app = shop().await;
    let old = token(&link(&app).await.unwrap());
    set_up(&app, "x.y", "+79161234567").await.refused(400, "accounts.wrong_code");
    app.advance(TimeDelta::hours(25));
    set_up(&app, &old, "+79161234567").await.refused(400, "accounts.wrong_code");
    assert_ne!(token(&link(&app).await.unwrap()), old, "a dead link is printed again");
    log_in(&app, "+79161234567", PASSWORD).await.expect(401);
    app.close().await;
}

#[tokio::test]
async fn instances_print_the_same_link_and_a_start_prolongs_it() {
    let app = shop().await;
    let first = link(&app).await.unwrap();
    app.advance(TimeDelta::hours(23));
    assert_eq!(link(&app).await.unwrap(), first);
    app.advance(TimeDelta::hours(23));
    set_up(&app, &token(&first), "+79161234567").await.expect(201);
    app.close().await;
}

#[tokio::test]
async fn a_link_issued_before_an_admin_appeared_is_dead() {
    let app = shop().await;
    let token = token(&link(&app).await.unwrap());
    accounts::factories::admin(&app.ctx).await;
    set_up(&app, &token, "+79161234567").await.refused(400, "accounts.wrong_code");
    app.close().await;
}

#[tokio::test]
async fn the_command_makes_an_admin_or_promotes_a_person() {
    let app = shop().await;
    let anna = register(&app, "+79161234567").await;
    let admin = async |phone, email, password| accounts::create_admin(&app.ctx, phone, email, password).await;
    assert_eq!(admin(None, None, "рыжий-пёс-8").await.unwrap_err().fields[0].field, "phone");
    assert_eq!(admin(Some("89161234567"), None, "password1").await.unwrap_err().fields[0].field, "password");
    admin(Some("89161234567"), Some("boss@example.com"), "рыжий-пёс-8").await.unwrap();
    let session = log_in(&app, "+79161234567", "рыжий-пёс-8").await.expect(200).json();
    assert_eq!(session["user"]["id"], anna["user"]["id"]);
    assert_eq!(session["user"]["is_admin"], true);
    with(&app, &anna).get("/api/v1/users/me").await.expect(401);
    app.close().await;
}
