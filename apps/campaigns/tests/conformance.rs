//! Документированные вызовы по HTTP против слушающего сервера: каждый ответ и каждый отказ описания, в корне и под `/api`.

use chrono::{TimeDelta, TimeZone, Utc};
use kernel::{Call, Ctx};
use serde_json::{Value, json};
use testkit::FakeServer;

use crate::shop;

/// Клиент прежней системы: знает основание и ходит настоящим HTTP.
struct Site {
    ctx: Ctx,
    base: String,
}

impl Site {
    async fn send(&self, call: Call) -> (u16, Value) {
        let answer = self.ctx.http().send(call).await.expect("an answer");
        let body =
            serde_json::from_slice(&answer.body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&answer.body)));
        (answer.status.as_u16(), body)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.send(Call::get(format!("{}{path}", self.base))).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(Call::post(format!("{}{path}", self.base)).json(&body)).await
    }

    async fn start(&self) -> String {
        let (status, body) = self.post("/session/start/", json!({})).await;
        assert_eq!(status, 201, "{body}");
        body["session_id"].as_str().expect("session_id").to_owned()
    }

    async fn view(&self, session: &str, slug: &str) -> Value {
        let (status, body) = self.post("/view/", json!({"session_id": session, "asset_slug": slug, "any": [1]})).await;
        assert_eq!(status, 200, "{body}");
        body
    }
}

const BASES: [&str; 3] = ["", "/api", "/api/v1"];

#[tokio::test]
async fn every_documented_call() {
    let app = shop::with_assets(2).await;
    let server = FakeServer::start(app.router()).await;
    for (n, base) in BASES.into_iter().enumerate() {
        let site = Site { ctx: app.ctx.clone(), base: format!("{}{base}", server.url()) };
        let email = format!("anna{n}@example.ru");

        let session = site.start().await;
        assert_eq!(session.len(), 36);
        let (status, empty) = site.send(Call::post(format!("{}/session/start/", site.base))).await;
        assert_eq!(status, 201, "no body at all: {empty}");

        assert_eq!(
            site.view(&session, "asset-1").await,
            json!({"session_id": session, "asset_slug": "asset-1", "awarded_points": 10, "session_score": 10})
        );
        assert_eq!(
            site.get(&format!("/progress/?session_id={session}")).await,
            (200, json!({"total_assets": 2, "viewed_assets": 1, "remaining_assets": 1, "total_score": 10}))
        );
        let (status, body) = site.get(&format!("/promo/?session_id={session}")).await;
        assert_eq!((status, &body["detail"]), (404, &json!("not_completed")));

        let last = site.view(&session, "asset-2").await;
        let code = last["promo_code"].as_str().expect("promo_code").to_owned();
        assert!(code.starts_with("PROMO-"));
        assert!(site.view(&session, "asset-2").await.get("promo_code").is_none());

        let (status, attached) = site.post("/user/email/", json!({"session_id": session, "email": email})).await;
        let user = attached["user_id"].as_str().expect("user_id").to_owned();
        assert_eq!(
            (status, attached),
            (200, json!({"session_id": session, "user_id": user, "email": email, "user_total_score": 20}))
        );
        for query in [format!("session_id={session}"), format!("user_id={user}"), format!("email={email}")] {
            assert_eq!(site.get(&format!("/promo/?{query}")).await, (200, json!({"promo_code": code})), "{query}");
        }
        assert_eq!(
            site.get(&format!("/progress/?user_id={user}")).await,
            (200, json!({"total_assets": 2, "viewed_assets": 2, "remaining_assets": 0, "total_score": 20}))
        );
        // Названы оба: сеанс важнее.
        let other = site.start().await;
        let (_, both) = site.get(&format!("/progress/?session_id={other}&user_id={user}")).await;
        assert_eq!(both["viewed_assets"], 0);
        let (status, stats) = site.get("/stats/").await;
        let views = 3 * (n + 1);
        assert_eq!(
            (status, stats),
            (
                200,
                json!({"best_asset": {"slug": "asset-2", "name": "asset-2"}, "views_today": views, "views_all_time": views})
            )
        );
    }
    let api = Site { ctx: app.ctx.clone(), base: server.url().to_owned() };
    assert_eq!(api.get("/api/health/").await, (200, json!("ok")));
    while app.run_jobs().await > 0 {}
    app.close().await;
}

#[tokio::test]
async fn every_documented_refusal() {
    let app = shop::with_assets(1).await;
    let server = FakeServer::start(app.router()).await;
    let nobody = "3d1f0c52-6a4e-4d7e-9a3b-2f1c5d7e9a3b";
    for base in BASES {
        let site = Site { ctx: app.ctx.clone(), base: format!("{}{base}", server.url()) };
        let session = site.start().await;
        let posts = [
            // Нет ключа или он пуст: 400, и ключи названы.
            ("/view/", json!({}), 400, "session_id, asset_slug"),
            ("/view/", json!({"session_id": session}), 400, "asset_slug"),
            ("/view/", json!({"session_id": session, "asset_slug": ""}), 400, "asset_slug"),
            ("/view/", json!({"session_id": null, "asset_slug": "asset-1"}), 400, "session_id"),
            ("/user/email/", json!({"session_id": session}), 400, "email"),
            ("/user/email/", json!({"email": "a@b.ru"}), 400, "session_id"),
            // Незнакомые сеанс и актив: 404.
            ("/view/", json!({"session_id": nobody, "asset_slug": "asset-1"}), 404, ""),
            ("/view/", json!({"session_id": session, "asset_slug": "no-such"}), 404, ""),
            ("/user/email/", json!({"session_id": nobody, "email": "a@b.ru"}), 404, ""),
            // Не UUID, не строка, не почта: 400, а не 500, как прежде.
            ("/view/", json!({"session_id": "abc", "asset_slug": "asset-1"}), 400, "session_id"),
            ("/view/", json!({"session_id": 17, "asset_slug": "asset-1"}), 400, "session_id"),
            ("/view/", json!({"session_id": session, "asset_slug": {"a": 1}}), 400, "asset_slug"),
            ("/user/email/", json!({"session_id": "abc", "email": "a@b.ru"}), 400, "session_id"),
            ("/user/email/", json!({"session_id": session, "email": "not an address"}), 400, "email"),
        ];
        for (path, body, expected, names) in posts {
            let (status, answer) = site.post(path, body.clone()).await;
            assert_eq!(status, expected, "{path} {body}: {answer}");
            assert!(answer["detail"].as_str().expect("detail").contains(names), "{path} {body}: {answer}");
        }
        let gets = [
            ("/progress/", 400, "session_id, user_id"),
            ("/progress/?session_id=", 400, "session_id"),
            ("/progress/?session_id=abc", 400, "session_id"),
            ("/progress/?user_id=abc", 400, "user_id"),
            (&format!("/progress/?session_id={nobody}"), 404, ""),
            (&format!("/progress/?user_id={nobody}"), 404, ""),
            ("/promo/", 400, "session_id, user_id, email"),
            ("/promo/?session_id=abc", 400, "session_id"),
            (&format!("/promo/?session_id={nobody}"), 404, ""),
            (&format!("/promo/?user_id={nobody}"), 404, ""),
            ("/promo/?email=nobody@example.ru", 404, "not_found"),
            (&format!("/promo/?session_id={session}"), 404, "not_completed"),
            // Не тот метод.
            ("/view/", 405, ""),
            ("/session/start/", 405, ""),
            ("/user/email/", 405, ""),
        ];
        for (path, expected, names) in gets {
            let (status, answer) = site.get(path).await;
            assert_eq!(status, expected, "{path}: {answer}");
            assert!(answer["detail"].as_str().expect("detail").contains(names), "{path}: {answer}");
        }
        for path in ["/progress/", "/promo/", "/stats/"] {
            assert_eq!(site.post(path, json!({})).await.0, 405, "{path}");
        }
    }
    let empty = app.anon().get("/stats/").await.expect(200).json();
    assert_eq!(empty, json!({"best_asset": null, "views_today": 0, "views_all_time": 0}));
    app.close().await;
}

/// Страница прежней системы живёт на другом адресе и спрашивает разрешения.
#[tokio::test]
async fn the_old_page_may_call_from_its_own_origin() {
    let app = shop::with_assets(1).await;
    let page = app.anon().header("origin", "http://localhost:3000");
    let asking = page
        .clone()
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type");
    for path in ["/view/", "/api/session/start/"] {
        let allowed = asking.send(http::Method::OPTIONS, path, None).await.expect(200);
        assert_eq!(allowed.header("access-control-allow-origin"), Some("http://localhost:3000"));
        assert!(allowed.header("access-control-allow-headers").is_some_and(|names| names.contains("content-type")));
        assert_eq!(allowed.header("access-control-allow-credentials"), None);
    }
    let started = page.post("/session/start/", json!({})).await.expect(201);
    assert_eq!(started.header("access-control-allow-origin"), Some("http://localhost:3000"));
    app.close().await;
}

/// «Сегодня» — день магазина: в Москве полночь на три часа раньше, чем по UTC.
#[tokio::test]
async fn today_is_the_day_of_the_shop() {
    let app = shop::with_assets(1).await;
    let session = shop::start(&app.anon()).await;
    let at = |hour, minute| Utc.with_ymd_and_hms(2026, 3, 2, hour, minute, 0).single().expect("time");
    app.ctx.clock().freeze(at(20, 59));
    shop::view(&app.anon(), &session, "asset-1").await;
    app.ctx.clock().freeze(at(21, 1));
    shop::view(&app.anon(), &session, "asset-1").await;
    let stats = app.anon().get("/stats/").await.expect(200).json();
    assert_eq!((&stats["views_today"], &stats["views_all_time"]), (&json!(1), &json!(2)));
    app.advance(TimeDelta::days(1));
    let stats = app.anon().get("/stats/").await.expect(200).json();
    assert_eq!((&stats["views_today"], &stats["best_asset"]["slug"]), (&json!(0), &json!("asset-1")));
    app.close().await;
}
