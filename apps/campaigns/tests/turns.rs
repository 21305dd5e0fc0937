//! Повороты посреди кампании: актив добавили, убрали, перенесли; кампанию кончили; один человек с двух телефонов.

use accounts::models::User;
use campaigns::factories::{asset, campaign, create_asset, create_campaign};
use campaigns::models::{Code, Person, ViewEvent, view_event};
use campaigns::schemas::{CampaignIn, Reward};
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::shop::{self, attach, complete, start, view};

#[tokio::test]
async fn an_asset_added_in_the_middle_is_needed_and_a_code_already_got_stays() {
    let app = shop::with_assets(2).await;
    let visitor = app.anon();
    let (done, code) = complete(&visitor, 2).await;
    let session = start(&visitor).await;
    view(&visitor, &session, "asset-1").await;
    create_asset(&app.ctx, asset("asset-3")).await.expect("asset");
    assert!(view(&visitor, &session, "asset-2").await.get("promo_code").is_none());
    let progress = visitor.get(&format!("/progress/?session_id={session}")).await.expect(200).json();
    assert_eq!(progress, json!({"total_assets": 3, "viewed_assets": 2, "remaining_assets": 1, "total_score": 20}));
    assert!(view(&visitor, &session, "asset-3").await["promo_code"].is_string());
    // Собравший прежний набор кода не теряет, второго не получает, а очки за новое — да.
    let more = view(&visitor, &done, "asset-3").await;
    assert_eq!((&more["session_score"], more.get("promo_code")), (&json!(30), None));
    assert_eq!(visitor.get(&format!("/promo/?session_id={done}")).await.expect(200).json()["promo_code"], json!(code));
    app.close().await;
}

#[tokio::test]
async fn an_asset_taken_away_leaves_no_negative_rest() {
    let app = shop::with_assets(3).await;
    let visitor = app.anon();
    let session = start(&visitor).await;
    for slug in ["asset-1", "asset-2"] {
        view(&visitor, &session, slug).await;
    }
    let staff = shop::staff(&app).await;
    for id in [2, 3] {
        staff.patch(&format!("/api/v1/campaign-assets/{id}"), json!({"is_active": false})).await.expect(200);
    }
    let progress = visitor.get(&format!("/progress/?session_id={session}")).await.expect(200).json();
    assert_eq!(progress, json!({"total_assets": 1, "viewed_assets": 1, "remaining_assets": 0, "total_score": 20}));
    app.close().await;
}

#[tokio::test]
async fn a_campaign_switched_off_in_the_middle_counts_nothing_and_goes_on_later() {
    let app = shop::with_assets(2).await;
    let visitor = app.anon();
    let session = start(&visitor).await;
    view(&visitor, &session, "asset-1").await;
    shop::set_up(&app, json!({"is_active": false})).await;
    let body = json!({"session_id": session, "asset_slug": "asset-2"});
    visitor.post("/view/", body.clone()).await.refused(400, "campaigns.not_running");
    // Ход, почта и сводка от этого не зависят.
    let progress = visitor.get(&format!("/progress/?session_id={session}")).await.expect(200).json();
    assert_eq!(progress["viewed_assets"], 1);
    attach(&visitor, &session, "anna@example.ru").await;
    assert_eq!(visitor.get("/stats/").await.expect(200).json()["views_all_time"], 1);
    shop::set_up(&app, json!({"is_active": true})).await;
    assert!(visitor.post("/view/", body).await.expect(200).json()["promo_code"].is_string());
    app.close().await;
}

/// Оба края срока входят: миг конца ещё кампания, следующий — уже нет.
#[tokio::test]
async fn both_ends_of_the_period_belong_to_it() {
    let app = shop::with_assets(1).await;
    shop::set_up(&app, json!({"starts_at": "2026-03-02T09:00:10Z", "ends_at": "2026-03-02T09:00:20Z"})).await;
    let visitor = app.anon();
    visitor.post("/session/start/", json!({})).await.refused(400, "campaigns.not_running");
    app.advance(TimeDelta::seconds(10));
    let session = start(&visitor).await;
    app.advance(TimeDelta::seconds(10));
    view(&visitor, &session, "asset-1").await;
    app.advance(TimeDelta::milliseconds(1));
    visitor.post("/session/start/", json!({})).await.refused(400, "campaigns.not_running");
    app.close().await;
}

#[tokio::test]
async fn two_sessions_of_one_person_earn_a_code_each_and_points_once() {
    let app = shop::with_assets(2).await;
    let (phone, tablet) = (app.anon(), app.anon());
    let (one, first) = complete(&phone, 2).await;
    let (two, second) = complete(&tablet, 2).await;
    assert_ne!(first, second);
    attach(&phone, &one, "anna@example.ru").await;
    assert_eq!(attach(&tablet, &two, "anna@example.ru").await["user_total_score"], 20);
    for (session, code) in [(&one, &first), (&two, &second)] {
        let told = phone.get(&format!("/promo/?session_id={session}")).await.expect(200).json();
        assert_eq!(told["promo_code"], json!(code));
    }
    while app.run_jobs().await > 0 {}
    let letters = notifications::mailbox(&app.ctx);
    assert_eq!(letters.len(), 2);
    for code in [&first, &second] {
        assert!(letters.iter().any(|letter| letter.body.contains(code.as_str())), "{code}");
    }
    assert_eq!(Person::find().one(app.ctx.db_fresh()).await.expect("read").expect("row").total_score, 20);
    app.close().await;
}

/// Пятьдесят сеансов разом называют одну новую почту: человек один, ни отказов, ни взаимных блокировок.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_sessions_at_once_make_one_person() {
    let app = shop::with_assets(1).await;
    let mut sessions = Vec::new();
    for _ in 0..50 {
        sessions.push(start(&app.anon()).await);
    }
    let calls = sessions.into_iter().enumerate().map(|(n, session)| {
        let client = app.anon();
        let email = if n % 2 == 0 { "Anna@example.ru" } else { "anna@EXAMPLE.ru" };
        tokio::spawn(async move { attach(&client, &session, email).await["user_id"].clone() })
    });
    let users = futures::future::try_join_all(calls).await.expect("tasks");
    assert!(users.iter().all(|user| *user == users[0]), "{users:?}");
    assert_eq!(User::find().count(app.ctx.db_fresh()).await.expect("count"), 1);
    assert_eq!(Person::find().count(app.ctx.db_fresh()).await.expect("count"), 1);
    app.close().await;
}

/// Последний просмотр, вопрос о коде и почта приходят разом: код и письмо всё равно одни.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_view_the_question_and_the_email_at_once() {
    let app = shop::with_assets(2).await;
    for n in 0..10 {
        let session = start(&app.anon()).await;
        view(&app.anon(), &session, "asset-1").await;
        let calls = (0..12).map(|call| {
            let (client, session) = (app.anon(), session.clone());
            tokio::spawn(async move {
                let answer = match call % 3 {
                    0 => client.post("/view/", json!({"session_id": session, "asset_slug": "asset-2"})).await,
                    1 => client.get(&format!("/promo/?session_id={session}")).await,
                    _ => {
                        let email = format!("visitor{n}@example.ru");
                        client.post("/user/email/", json!({"session_id": session, "email": email})).await
                    }
                };
                assert!([200, 404].contains(&answer.status), "{}", answer.text());
            })
        });
        futures::future::try_join_all(calls).await.expect("tasks");
        attach(&app.anon(), &session, &format!("visitor{n}@example.ru")).await;
    }
    assert_eq!(Code::find().count(app.ctx.db_fresh()).await.expect("count"), 10);
    let issued = ViewEvent::find().filter(view_event::Column::EventType.eq(view_event::PROMO_ISSUED));
    assert_eq!(issued.count(app.ctx.db_fresh()).await.expect("count"), 10);
    while app.run_jobs().await > 0 {}
    assert_eq!(notifications::mailbox(&app.ctx).len(), 10);
    app.close().await;
}

/// Награда со сроком: код действует до того, что раньше; вышел срок награды — кода «на вчера» не выдают.
#[tokio::test]
async fn a_reward_has_its_own_period() {
    let app = shop::with_assets(1).await;
    let spring = CampaignIn {
        reward: serde_json::from_value::<Reward>(json!({
            "discount_percent": 10, "valid_days": 30, "valid_from": "2026-03-02T00:00:00Z", "valid_until": "2026-03-10T21:00:00Z",
        }))
        .expect("reward"),
        ..campaign("spring")
    };
    create_campaign(&app.ctx, spring).await.expect("campaign");
    let visitor = app.anon();
    let start_spring = async || {
        let started = visitor.post("/session/start/", json!({"campaign": "spring"})).await.expect(201).json();
        started["session_id"].as_str().expect("id").to_owned()
    };
    let code = view(&visitor, &start_spring().await, "asset-1").await["promo_code"].as_str().expect("code").to_owned();
    let promo = promos::queries::by_code(app.ctx.db_fresh(), &code).await.expect("read").expect("promo");
    let at = |text: &str| Some(text.parse::<chrono::NaiveDateTime>().expect("time"));
    assert_eq!((promo.valid_from, promo.valid_until), (at("2026-03-02T00:00:00"), at("2026-03-10T21:00:00")));
    app.advance(TimeDelta::days(9));
    let late = start_spring().await;
    let refused = visitor.post("/view/", json!({"session_id": late, "asset_slug": "asset-1"})).await;
    refused.refused(400, "campaigns.not_running");
    let staff = shop::staff(&app).await;
    let backwards = json!({"reward": {"discount_percent": 5, "valid_from": "2026-03-02T00:00:00Z", "valid_until": "2026-03-01T00:00:00Z"}});
    staff.patch("/api/v1/campaigns/2", backwards).await.invalid("reward.valid_until");
    app.close().await;
}
