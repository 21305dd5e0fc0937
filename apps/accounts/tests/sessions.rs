//! Вход, обновление, выход.

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::helpers::*;

const PHONE: &str = "+79161234567";

#[tokio::test]
async fn a_person_registers_logs_in_and_reads_the_profile() {
    let app = shop().await;
    let session = register(&app, "8 (916) 123-45-67").await;
    assert_eq!(session["token_type"], "bearer");
    assert_eq!(session["expires_in"], 24 * 3600);
    assert_eq!(session["user"]["phone"], PHONE);
    assert_eq!(session["user"]["is_admin"], false);
    assert_eq!(session["user"]["roles"], json!(["customer"]));
    assert!(session["user"].get("password_hash").is_none());

    for (field, login) in [("phone", "89161234567"), ("phone", PHONE), ("login", "8916-123-45-67")] {
        let body = json!({field: login, "password": PASSWORD, "extra": "old clients send more"});
        let session = app.anon().post("/api/v1/auth/login", body).await.expect(200).json();
        let me = with(&app, &session).get("/api/v1/users/me").await.expect(200).json();
        assert_eq!(me, session["user"]);
    }
    app.close().await;
}

#[tokio::test]
async fn wrong_logins_are_refused_by_one_rule() {
    let app = shop().await;
    register(&app, PHONE).await;
    log_in(&app, PHONE, "другой-пароль").await.refused(401, "accounts.wrong_credentials");
    log_in(&app, "+79160000000", PASSWORD).await.refused(401, "accounts.wrong_credentials");
    log_in(&app, "abc", PASSWORD).await.invalid("phone");
    app.anon().post("/api/v1/auth/login", json!({"phone": PHONE})).await.invalid("password");
    app.anon().post("/api/v1/auth/login", json!({"password": PASSWORD})).await.invalid("phone");
    app.close().await;
}

#[tokio::test]
async fn a_known_and_an_unknown_person_get_the_same_body() {
    let app = shop().await;
    register(&app, PHONE).await;
    let strip = |mut body: Value| {
        body.as_object_mut().unwrap().remove("request_id");
        body
    };
    let known = strip(log_in(&app, PHONE, "другой-пароль").await.expect(401).json());
    let unknown = strip(log_in(&app, "+79160000000", "другой-пароль").await.expect(401).json());
    assert_eq!(known, unknown);
    app.close().await;
}

#[tokio::test]
async fn the_access_token_expires_and_a_refresh_gives_a_new_one() {
    let app = shop_with("[auth]\naccess_token_ttl = 900\n").await;
    let session = register(&app, PHONE).await;
    assert_eq!(session["expires_in"], 900);
    app.advance(TimeDelta::seconds(901));
    with(&app, &session).get("/api/v1/users/me").await.refused(401, "auth.unauthorized");
    let next = refresh(&app, &session["refresh_token"]).await.expect(200).json();
    assert_ne!(next["refresh_token"], session["refresh_token"]);
    with(&app, &next).get("/api/v1/users/me").await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn a_hundred_parallel_refreshes_all_succeed_and_agree() {
    let app = shop().await;
    let session = register(&app, PHONE).await;
    let answers = join_all((0..100).map(|_| refresh(&app, &session["refresh_token"]))).await;
    let tokens: Vec<Value> = answers.into_iter().map(|a| a.expect(200).json()["refresh_token"].clone()).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]), "все вкладки получили один токен");
    let next = refresh(&app, &tokens[0]).await.expect(200).json();
    with(&app, &next).get("/api/v1/users/me").await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn a_reused_refresh_token_ends_that_device_only() {
    let app = shop().await;
    let stolen = register(&app, PHONE).await;
    let phone = log_in(&app, PHONE, PASSWORD).await.expect(200).json();
    let next = refresh(&app, &stolen["refresh_token"]).await.expect(200).json();

    app.advance(TimeDelta::seconds(11));
    refresh(&app, &stolen["refresh_token"]).await.refused(401, "accounts.wrong_refresh_token");
    refresh(&app, &next["refresh_token"]).await.refused(401, "accounts.wrong_refresh_token");
    app.advance(TimeDelta::seconds(5));
    with(&app, &next).get("/api/v1/users/me").await.expect(401);

    with(&app, &phone).get("/api/v1/users/me").await.expect(200);
    refresh(&app, &phone["refresh_token"]).await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn a_token_two_generations_old_is_a_theft_even_within_the_grace() {
    let app = shop().await;
    let first = register(&app, PHONE).await;
    let second = refresh(&app, &first["refresh_token"]).await.expect(200).json();
    let third = refresh(&app, &second["refresh_token"]).await.expect(200).json();
    refresh(&app, &first["refresh_token"]).await.expect(401);
    refresh(&app, &third["refresh_token"]).await.expect(401);
    app.close().await;
}

#[tokio::test]
async fn garbage_instead_of_a_refresh_token_is_401_and_harms_nobody() {
    let app = shop().await;
    let session = register(&app, PHONE).await;
    let good = session["refresh_token"].as_str().unwrap();
    let access = session["access_token"].as_str().unwrap();
    for garbage in ["", "x.y", access, &good[1..], &good.replace('.', "")] {
        refresh(&app, &json!(garbage)).await.expect(401);
    }
    refresh(&app, &json!(good)).await.expect(200);
    let as_access = app.anon().bearer(good).get("/api/v1/users/me").await;
    as_access.refused(401, "auth.unauthorized");
    app.close().await;
}

#[tokio::test]
async fn logging_out_ends_this_device_and_everywhere_ends_all() {
    let app = shop().await;
    let one = register(&app, PHONE).await;
    let two = log_in(&app, PHONE, PASSWORD).await.expect(200).json();
    let three = log_in(&app, PHONE, PASSWORD).await.expect(200).json();

    with(&app, &one).send(http::Method::POST, "/api/v1/auth/logout", None).await.expect(204);
    with(&app, &one).get("/api/v1/users/me").await.expect(401);
    refresh(&app, &one["refresh_token"]).await.expect(401);
    with(&app, &two).get("/api/v1/users/me").await.expect(200);

    with(&app, &two).post("/api/v1/auth/logout", json!({"all": true})).await.expect(204);
    for session in [&two, &three] {
        with(&app, session).get("/api/v1/users/me").await.expect(401);
        refresh(&app, &session["refresh_token"]).await.expect(401);
    }
    log_in(&app, PHONE, PASSWORD).await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn logout_by_refresh_token_works_when_the_access_token_has_expired() {
    let app = shop().await;
    let session = register(&app, PHONE).await;
    app.advance(TimeDelta::hours(25));
    let body = json!({"refresh_token": session["refresh_token"]});
    with(&app, &session).post("/api/v1/auth/logout", body).await.expect(204);
    refresh(&app, &session["refresh_token"]).await.expect(401);
    app.anon().post("/api/v1/auth/logout", json!({})).await.refused(401, "auth.unauthorized");
    app.close().await;
}

#[tokio::test]
async fn a_change_made_by_another_node_acts_within_five_seconds() {
    let app = shop().await;
    let session = register(&app, PHONE).await;
    with(&app, &session).get("/api/v1/users/me").await.expect(200);
    // Соседний узел меняет базу, наш кэш об этом не знает.
    let id = user(&app, PHONE).await.id;
    let row = accounts::models::user::ActiveModel {
        id: sea_orm::ActiveValue::Unchanged(id),
        session_version: sea_orm::Set(2),
        ..Default::default()
    };
    accounts::factories::alter(&app.ctx, row).await;
    app.advance(TimeDelta::seconds(5));
    with(&app, &session).get("/api/v1/users/me").await.expect(401);
    app.close().await;
}

#[tokio::test]
async fn bad_bearers_are_401_with_one_body() {
    let app = shop().await;
    let session = register(&app, PHONE).await;
    let token = session["access_token"].as_str().unwrap();
    for header in ["Bearer", "Bearer x", "Basic dTpw", &format!("Token {token}"), &format!("Bearer {token}x"), token] {
        let answer = app.anon().header("authorization", header).get("/api/v1/users/me").await;
        answer.refused(401, "auth.unauthorized");
    }
    app.anon().header("authorization", &format!("bearer {token}")).get("/api/v1/users/me").await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn devices_are_listed_and_ended_one_by_one() {
    let app = shop().await;
    let one = register(&app, PHONE).await;
    let laptop = app.anon().header("user-agent", "Firefox на ноутбуке".replace("на ноутбуке", "laptop").as_str());
    let two = laptop.post("/api/v1/auth/login", json!({"phone": PHONE, "password": PASSWORD})).await.expect(200).json();
    let list = with(&app, &one).get("/api/v1/users/me/devices").await.expect(200).json();
    assert_eq!(list["total"], 2);
    let devices = list["devices"].as_array().unwrap();
    let other = devices.iter().find(|d| d["is_current"] == false).unwrap();
    assert_eq!(other["user_agent"], "Firefox laptop");

    let stranger = register(&app, "+79160000001").await;
    let path = format!("/api/v1/users/me/devices/{}", other["id"]);
    with(&app, &stranger).delete(&path).await.refused(404, "accounts.device_not_found");
    with(&app, &one).delete(&path).await.expect(204);
    with(&app, &one).delete(&path).await.expect(404);
    with(&app, &two).get("/api/v1/users/me").await.expect(401);
    with(&app, &one).get("/api/v1/users/me").await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn the_factories_give_people_who_can_act() {
    use accounts::{factories, permissions};
    let app = shop().await;
    let customer = factories::customer(&app.ctx).await;
    let staff = factories::staff(&app.ctx, &[permissions::LIST_USER]).await;
    let admin = factories::admin(&app.ctx).await;
    app.anon().bearer(&customer.token).get("/api/v1/users/").await.expect(403);
    app.anon().bearer(&staff.token).get("/api/v1/users/").await.expect(200);
    app.anon().bearer(&admin.token).get("/api/v1/groups/").await.expect(200);
    app.close().await;
}
