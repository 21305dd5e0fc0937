//! Честность: хитрец ничего не выигрывает, честный ничего не теряет.

use campaigns::models::{Code, ViewEvent, view_event};
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp};

use crate::shop::{self, add_assets, set_up, slugs, start, view};

async fn send(client: &Client, session: &str, slug: &str) -> Answer {
    client.post("/view/", json!({"session_id": session, "asset_slug": slug})).await
}

async fn codes(app: &TestApp) -> u64 {
    Code::find().count(app.ctx.db_fresh()).await.expect("count")
}

async fn views(app: &TestApp) -> u64 {
    let viewed = ViewEvent::find().filter(view_event::Column::EventType.eq(view_event::VIEWED_ASSET));
    viewed.count(app.ctx.db_fresh()).await.expect("count")
}

#[tokio::test]
async fn a_script_that_does_not_look_gets_one_view() {
    let app = shop::with_assets(5).await;
    set_up(&app, json!({"min_dwell": 10})).await;
    let cheater = app.anon();
    let session = start(&cheater).await;
    view(&cheater, &session, "asset-1").await;
    for _ in 0..10 {
        for slug in slugs(5) {
            let refused = send(&cheater, &session, &slug).await;
            assert_eq!(refused.header("retry-after"), Some("10"));
            refused.refused(429, "campaigns.too_soon");
        }
    }
    app.advance(TimeDelta::milliseconds(9_500));
    assert_eq!(send(&cheater, &session, "asset-2").await.header("retry-after"), Some("1"));
    assert_eq!((views(&app).await, codes(&app).await), (1, 0));
    // Честный смотрит по десять секунд и получает всё.
    let honest = start(&app.anon()).await;
    for slug in slugs(5) {
        view(&app.anon(), &honest, &slug).await;
        app.advance(TimeDelta::seconds(10));
    }
    assert_eq!(codes(&app).await, 1);
    app.close().await;
}

/// Часы двух серверов расходятся, а начатый раньше просмотр записывают и позже.
#[tokio::test]
async fn without_a_dwell_a_clock_that_lags_refuses_nobody() {
    let app = shop::with_assets(2).await;
    let visitor = app.anon();
    let session = start(&visitor).await;
    view(&visitor, &session, "asset-1").await;
    app.advance(TimeDelta::seconds(-2));
    assert!(view(&visitor, &session, "asset-2").await["promo_code"].is_string());
    app.close().await;
}

/// Отказ ничего не стоил: повтор через Retry-After засчитан.
#[tokio::test]
async fn an_honest_retry_loses_nothing() {
    let app = shop::with_assets(2).await;
    set_up(&app, json!({"min_dwell": 3, "views_per_minute": 10})).await;
    let visitor = app.anon();
    let session = start(&visitor).await;
    view(&visitor, &session, "asset-1").await;
    let early = send(&visitor, &session, "asset-2").await;
    let wait: i64 = early.header("retry-after").expect("seconds").parse().expect("number");
    app.advance(TimeDelta::seconds(wait));
    assert!(view(&visitor, &session, "asset-2").await["promo_code"].is_string());
    // Потерянный ответ: повтор с тем же именем отвечает тем же и сразу, хотя срок не вышел.
    let named = json!({"session_id": session, "asset_slug": "asset-1", "event_id": "tap"});
    app.advance(TimeDelta::seconds(3));
    let first = visitor.post("/view/", named.clone()).await.expect(200).json();
    assert_eq!(visitor.post("/view/", named).await.expect(200).json(), first);
    app.close().await;
}

#[tokio::test]
async fn one_session_and_one_address_have_their_limits() {
    let app = shop::with_assets(3).await;
    set_up(&app, json!({"views_per_minute": 4, "address_views_per_minute": 6})).await;
    let here = app.anon().from_ip([10, 0, 0, 1]);
    let one = start(&here).await;
    for _ in 0..4 {
        view(&here, &one, "asset-1").await;
    }
    let refused = send(&here, &one, "asset-2").await;
    assert_eq!(refused.header("retry-after"), Some("61"));
    refused.refused(429, "campaigns.too_many_views");
    let two = start(&here).await;
    for _ in 0..2 {
        view(&here, &two, "asset-1").await;
    }
    send(&here, &two, "asset-1").await.refused(429, "campaigns.too_many_views");
    // Соседу с другого адреса это не мешает.
    let there = app.anon().from_ip([10, 0, 0, 2]);
    let three = start(&there).await;
    view(&there, &three, "asset-1").await;
    app.advance(TimeDelta::seconds(61));
    for slug in ["asset-2", "asset-3"] {
        view(&here, &one, slug).await;
    }
    assert_eq!(codes(&app).await, 1);
    app.close().await;
}

/// У IPv6 один хозяин — обычно сеть /64: перебор адресов внутри неё предела не обходит.
#[tokio::test]
async fn a_whole_ipv6_network_is_one_address() {
    let app = shop::with_assets(1).await;
    set_up(&app, json!({"address_sessions_per_hour": 2})).await;
    let from = |host: u16, network: u16| {
        let ip = std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, network, 0, 0, host, 1);
        app.anon().from_address(ip.into())
    };
    for host in 0..2 {
        start(&from(host, 1)).await;
    }
    from(7, 1).post("/session/start/", json!({})).await.refused(429, "campaigns.too_many_sessions");
    start(&from(7, 2)).await;
    app.close().await;
}

/// Тысяча сеансов с одного адреса — это одна тысяча кодов; предел её не даёт.
#[tokio::test]
async fn an_address_starts_so_many_sessions() {
    let app = shop::with_assets(1).await;
    set_up(&app, json!({"address_sessions_per_hour": 3})).await;
    let farmer = app.anon().from_ip([10, 0, 0, 1]);
    for _ in 0..3 {
        shop::complete(&farmer, 1).await;
    }
    for _ in 0..20 {
        farmer.post("/session/start/", json!({})).await.refused(429, "campaigns.too_many_sessions");
    }
    assert_eq!(codes(&app).await, 3);
    start(&app.anon().from_ip([10, 0, 0, 2])).await;
    app.advance(TimeDelta::hours(1));
    start(&farmer).await;
    app.close().await;
}

async fn token(client: &Client, session: &str, slug: &str) -> Value {
    client.post("/api/v1/view/token", json!({"session_id": session, "asset_slug": slug})).await.expect(200).json()
}

async fn view_with(client: &Client, session: &str, slug: &str, token: &Value) -> Answer {
    client.post("/view/", json!({"session_id": session, "asset_slug": slug, "view_token": token["view_token"]})).await
}

#[tokio::test]
async fn a_view_token_is_for_one_asset_one_time_and_not_at_once() {
    let app = shop::open().await;
    add_assets(&app, 3).await;
    set_up(&app, json!({"min_dwell": 5, "needs_view_token": true})).await;
    let cheater = app.anon();
    let session = start(&cheater).await;
    send(&cheater, &session, "asset-1").await.refused(400, "campaigns.bad_token");
    // Взял все пропуска разом: годен только последний, и тот не сразу.
    let mut tokens = Vec::new();
    for slug in slugs(3) {
        tokens.push(token(&cheater, &session, &slug).await);
    }
    view_with(&cheater, &session, "asset-3", &tokens[2]).await.refused(429, "campaigns.too_soon");
    app.advance(TimeDelta::seconds(5));
    for n in [0, 1] {
        view_with(&cheater, &session, &slugs(3)[n], &tokens[n]).await.refused(400, "campaigns.bad_token");
        view_with(&cheater, &session, &slugs(3)[n], &tokens[2]).await.refused(400, "campaigns.bad_token");
    }
    let stranger = start(&cheater).await;
    view_with(&cheater, &stranger, "asset-3", &tokens[2]).await.refused(400, "campaigns.bad_token");
    let counted = view_with(&cheater, &session, "asset-3", &tokens[2]).await.expect(200).json();
    // Тот же пропуск ещё раз — тот же ответ, а не второй просмотр; на другой актив — отказ.
    assert_eq!(view_with(&cheater, &session, "asset-3", &tokens[2]).await.expect(200).json(), counted);
    view_with(&cheater, &session, "asset-1", &tokens[2]).await.refused(400, "campaigns.event_reused");
    assert_eq!((views(&app).await, codes(&app).await), (1, 0));
    app.close().await;
}

#[tokio::test]
async fn an_honest_visitor_with_tokens_gets_everything() {
    let app = shop::open().await;
    add_assets(&app, 2).await;
    set_up(&app, json!({"min_dwell": 5, "needs_view_token": true})).await;
    let visitor = app.anon();
    let session = start(&visitor).await;
    let opened = token(&visitor, &session, "asset-1").await;
    assert_eq!(opened["ready_in"], 5);
    app.advance(TimeDelta::seconds(3));
    // Ответ потерялся, открыл снова: тот же пропуск, срок не начался заново.
    let again = token(&visitor, &session, "asset-1").await;
    assert_eq!((&again["view_token"], &again["ready_in"]), (&opened["view_token"], &json!(2)));
    app.advance(TimeDelta::seconds(2));
    view_with(&visitor, &session, "asset-1", &again).await.expect(200);
    let next = token(&visitor, &session, "asset-2").await;
    app.advance(TimeDelta::seconds(5));
    let last = view_with(&visitor, &session, "asset-2", &next).await.expect(200).json();
    assert!(last["promo_code"].is_string());
    app.close().await;
}

#[tokio::test]
async fn a_stopped_session_views_nothing() {
    let app = shop::with_assets(1).await;
    let visitor = app.anon();
    let session = start(&visitor).await;
    let address = format!("/api/v1/campaign-sessions/{session}");
    shop::staff(&app).await.patch(&address, json!({"is_active": false})).await.expect(200);
    send(&visitor, &session, "asset-1").await.refused(400, "campaigns.session_stopped");
    shop::staff(&app).await.patch(&address, json!({"is_active": true})).await.expect(200);
    view(&visitor, &session, "asset-1").await;
    app.close().await;
}
