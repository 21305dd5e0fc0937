//! Очки, полный набор, повторы, несколько кампаний.

use campaigns::factories::{asset, campaign, create_asset, create_campaign};
use campaigns::models::{Code, Progress, Session, ViewEvent, view_event};
use campaigns::schemas::{CampaignIn, PoolIn};
use chrono::TimeDelta;
use kernel::{Actor, Work};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::shop::{self, complete, start, view};

#[tokio::test]
async fn the_first_view_gives_points_and_repeats_are_counted() {
    let app = shop::with_assets(3).await;
    let visitor = app.anon();
    let session = start(&visitor).await;
    let first = view(&visitor, &session, "asset-1").await;
    assert_eq!(
        first,
        json!({"session_id": session, "asset_slug": "asset-1", "awarded_points": 10, "session_score": 10})
    );
    app.advance(TimeDelta::seconds(5));
    for _ in 0..2 {
        assert_eq!(view(&visitor, &session, "asset-1").await["awarded_points"], 0);
    }
    assert_eq!(view(&visitor, &session, "asset-2").await["session_score"], 20);
    let rows = Progress::find().all(app.ctx.db_fresh()).await.expect("rows");
    assert_eq!((rows.len(), rows[0].times_viewed, rows[1].times_viewed), (2, 3, 1));
    assert_eq!(rows[0].viewed_at, app.ctx.now().naive_utc() - TimeDelta::seconds(5));
    let stored = Session::find().one(app.ctx.db_fresh()).await.expect("read").expect("session");
    assert_eq!((stored.score, stored.last_seen), (20, app.ctx.now().naive_utc()));
    app.close().await;
}

#[tokio::test]
async fn the_view_that_completes_the_set_brings_a_code_once() {
    let app = shop::with_assets(2).await;
    let visitor = app.anon();
    let (session, code) = complete(&visitor, 2).await;
    let (prefix, rest) = code.split_once('-').expect("PROMO-…");
    let (random, time) = rest.split_once('-').expect("…-HHMMSS");
    assert_eq!((prefix, random.len(), time), ("PROMO", 16, "090000"));
    assert!(random.chars().all(|c| c.is_ascii_hexdigit() && !c.is_lowercase()), "{code}");
    assert!(view(&visitor, &session, "asset-1").await.get("promo_code").is_none());
    let promo = promos::queries::by_code(app.ctx.db_fresh(), &code).await.expect("read").expect("a real promo code");
    assert_eq!((promo.max_uses, promo.discount_percent), (Some(1), promos::models::Percent::whole(10)));
    app.close().await;
}

#[tokio::test]
async fn with_no_assets_nobody_is_complete() {
    let app = shop::open().await;
    let session = start(&app.anon()).await;
    let answer = app.anon().get(&format!("/promo/?session_id={session}")).await;
    assert_eq!(answer.refused(404, "campaigns.not_completed")["detail"], "not_completed");
    app.close().await;
}

/// Последний актив выключили: набор собран, и код выдаёт следующий просмотр или вопрос о коде.
#[tokio::test]
async fn a_set_that_shrank_is_complete() {
    let app = shop::with_assets(3).await;
    let visitor = app.anon();
    let (by_view, by_question) = (start(&visitor).await, start(&visitor).await);
    for session in [&by_view, &by_question] {
        view(&visitor, session, "asset-1").await;
        view(&visitor, session, "asset-2").await;
    }
    shop::staff(&app).await.patch("/api/v1/campaign-assets/3", json!({"is_active": false})).await.expect(200);
    assert!(view(&visitor, &by_view, "asset-1").await["promo_code"].is_string());
    let asked = visitor.get(&format!("/promo/?session_id={by_question}")).await.expect(200).json();
    assert!(asked["promo_code"].is_string());
    visitor
        .post("/view/", json!({"session_id": by_view, "asset_slug": "asset-3"}))
        .await
        .refused(404, "campaigns.asset_not_found");
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_last_views_at_once_bring_one_code() {
    let app = shop::with_assets(2).await;
    let session = start(&app.anon()).await;
    view(&app.anon(), &session, "asset-1").await;
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let (client, body) = (app.anon(), json!({"session_id": session, "asset_slug": "asset-2"}));
            tokio::spawn(async move { client.post("/view/", body).await.expect(200).json() })
        })
        .collect();
    let answers = futures::future::try_join_all(calls).await.expect("tasks");
    let coded = answers.iter().filter(|answer| answer["promo_code"].is_string()).count();
    let awarded = answers.iter().filter(|answer| answer["awarded_points"] == 10).count();
    assert_eq!((coded, awarded), (1, 1));
    let rows = Progress::find().all(app.ctx.db_fresh()).await.expect("rows");
    assert_eq!(rows.iter().map(|row| row.times_viewed).max(), Some(100));
    assert_eq!(Code::find().count(app.ctx.db_fresh()).await.expect("count"), 1);
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_view_with_a_name_is_counted_once() {
    let app = shop::with_assets(1).await;
    let session = start(&app.anon()).await;
    let body = json!({"session_id": session, "asset_slug": "asset-1", "event_id": "tap-1"});
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let (client, body) = (app.anon(), body.clone());
            tokio::spawn(async move { client.post("/view/", body).await.expect(200).json() })
        })
        .collect();
    let answers = futures::future::try_join_all(calls).await.expect("tasks");
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer["promo_code"].is_string()), "{answers:?}");
    assert_eq!(Progress::find().one(app.ctx.db_fresh()).await.expect("read").expect("row").times_viewed, 1);
    create_asset(&app.ctx, asset("other")).await.expect("asset");
    let other = json!({"session_id": session, "asset_slug": "other", "event_id": "tap-1"});
    app.anon().post("/view/", other).await.refused(400, "campaigns.event_reused");
    // У чужого сеанса имена свои.
    let stranger = start(&app.anon()).await;
    let same = json!({"session_id": stranger, "asset_slug": "asset-1", "event_id": "tap-1"});
    assert_eq!(app.anon().post("/view/", same).await.expect(200).json()["session_id"], stranger);
    app.close().await;
}

#[tokio::test]
async fn campaigns_run_side_by_side() {
    let app = shop::with_assets(1).await;
    let pool = PoolIn { slug: "zoo".to_owned(), title: "Зоопарк".to_owned() };
    let made = app.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
        campaigns::services::create_pool(work, &pool).await
    });
    made.await.expect("pool");
    for slug in ["volk", "lisa"] {
        create_asset(&app.ctx, campaigns::schemas::AssetIn { campaign: Some("zoo".to_owned()), ..asset(slug) })
            .await
            .expect("asset");
    }
    for slug in ["spring", "autumn"] {
        create_campaign(&app.ctx, CampaignIn { pool: Some("zoo".to_owned()), ..campaign(slug) })
            .await
            .expect("campaign");
    }
    let visitor = app.anon();
    let started = visitor.post("/api/session/start/", json!({"campaign": "spring"})).await.expect(201).json();
    let session = started["session_id"].as_str().expect("id");
    visitor
        .post("/view/", json!({"session_id": session, "asset_slug": "asset-1"}))
        .await
        .refused(404, "campaigns.asset_not_found");
    view(&visitor, session, "volk").await;
    assert!(view(&visitor, session, "lisa").await["promo_code"].is_string());
    let stats = |campaign: &'static str| {
        let visitor = visitor.clone();
        async move {
            visitor.get(&format!("/stats/?campaign={campaign}")).await.expect(200).json()["views_all_time"].clone()
        }
    };
    assert_eq!((stats("spring").await, stats("autumn").await, stats("default").await), (json!(2), json!(0), json!(0)));
    assert_eq!(visitor.get("/stats/").await.expect(200).json()["views_all_time"], 0);
    visitor.post("/session/start/", json!({"campaign": "winter"})).await.refused(404, "campaigns.campaign_not_found");
    app.close().await;
}

#[tokio::test]
async fn a_finished_campaign_takes_no_views_but_tells_codes() {
    let app = shop::with_assets(1).await;
    let visitor = app.anon();
    let (session, code) = complete(&visitor, 1).await;
    shop::set_up(&app, json!({"ends_at": "2026-03-02T09:30:00Z"})).await;
    app.advance(TimeDelta::hours(1));
    visitor
        .post("/view/", json!({"session_id": session, "asset_slug": "asset-1"}))
        .await
        .refused(400, "campaigns.not_running");
    visitor.post("/session/start/", json!({})).await.refused(400, "campaigns.not_running");
    assert_eq!(
        visitor.get(&format!("/promo/?session_id={session}")).await.expect(200).json()["promo_code"],
        json!(code)
    );
    app.close().await;
}

#[tokio::test]
async fn everything_is_kept_raw() {
    let app = shop::with_assets(1).await;
    let visitor = app.anon();
    let session = start(&visitor).await;
    let body = json!({"session_id": session, "asset_slug": "asset-1", "device": {"model": "Pixel"}, "event_id": "e1"});
    visitor.post("/view/", body.clone()).await.expect(200);
    visitor.get(&format!("/progress/?session_id={session}")).await.expect(200);
    visitor.get(&format!("/promo/?session_id={session}")).await.expect(200);
    shop::attach(&visitor, &session, "anna@example.ru").await;
    while app.run_jobs().await > 0 {}
    let rows = ViewEvent::find().all(app.ctx.db_fresh()).await.expect("rows");
    let mut types: Vec<&str> = rows.iter().map(|row| row.event_type.as_str()).collect();
    types.sort_unstable();
    assert_eq!(
        types,
        [
            "email_submitted",
            "first_view_awarded",
            "progress_viewed",
            "promo_checked",
            "promo_issued",
            "promo_sent",
            "session_started",
            "viewed_asset",
        ]
    );
    let viewed = rows.iter().find(|row| row.event_type == view_event::VIEWED_ASSET).expect("a view");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&viewed.raw_payload).expect("json"), body);
    assert!(viewed.processed && viewed.asset_id.is_some());
    assert!(rows.iter().all(|row| !row.raw_payload.contains("anna@")), "no addresses in the journal");
    app.close().await;
}

#[tokio::test]
async fn the_database_refuses_a_second_code_view_and_name() {
    let app = shop::with_assets(1).await;
    let (session, _) = complete(&app.anon(), 1).await;
    let named = json!({"session_id": session, "asset_slug": "asset-1", "event_id": "e1"});
    app.anon().post("/view/", named).await.expect(200);
    for damage in [
        "INSERT INTO campaign_codes (campaign_id, session_id, promo_id, code, issued_at, letters) \
            SELECT campaign_id, session_id, promo_id + 1, 'X', issued_at, 0 FROM campaign_codes",
        "INSERT INTO campaign_progress (session_id, asset_id, viewed_at, times_viewed) \
            SELECT session_id, asset_id, viewed_at, 1 FROM campaign_progress",
        "INSERT INTO campaign_view_events (campaign_id, session_id, event_type, occurred_at, raw_payload, processed, event_id) \
            SELECT campaign_id, session_id, 'x', occurred_at, '{}', TRUE, 'e1' FROM campaign_view_events WHERE event_id = 'e1'",
        "INSERT INTO campaigns (pool_id, slug, title, description, default_mark, is_active, reward, min_dwell, needs_view_token, created_at, updated_at) \
            SELECT pool_id, 'twin', title, description, 1, TRUE, reward, 0, FALSE, created_at, updated_at FROM campaigns",
        "UPDATE campaign_sessions SET score = -1",
        "UPDATE campaign_progress SET times_viewed = 0",
    ] {
        assert!(app.ctx.db_handle().write.execute_unprepared(damage).await.is_err(), "{damage}");
    }
    let code =
        Code::find().filter(campaigns::models::code::Column::SessionId.is_not_null()).count(app.ctx.db_fresh()).await;
    assert_eq!(code.expect("count"), 1);
    app.assert_no_drift().await;
    app.close().await;
}
