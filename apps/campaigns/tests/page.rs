//! Страница кампании.

use serde_json::json;

use crate::shop;

#[tokio::test]
async fn the_page_shows_the_assets_under_a_strict_policy() {
    let app = shop::with_assets(2).await;
    shop::set_up(&app, json!({"title": "Музей </script><b>", "min_dwell": 3})).await;
    let page = app.anon().get("/ar/default").await.expect(200);
    let policy = page.header("content-security-policy").expect("policy");
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
    assert!(!policy.contains("'unsafe-inline'") && !policy.contains("'unsafe-eval'"), "{policy}");
    let text = page.text();
    assert!(text.contains("data-slug=\"asset-2\"") && text.contains("\"min_dwell\": 3"), "{text}");
    assert!(!text.contains("</script><b>"), "the title is not markup: {text}");
    assert!(app.anon().header("accept-language", "en").get("/ar/default").await.text().contains("lang=\"en\""));
    app.anon().get("/ar/no-such").await.refused(404, "campaigns.campaign_not_found");
    app.close().await;
}

#[tokio::test]
async fn the_viewer_is_served_compressed_and_kept_for_long() {
    let app = shop::open().await;
    let viewer = app.anon().header("accept-encoding", "gzip").get("/ar/static/model-viewer.min.js").await.expect(200);
    assert_eq!(viewer.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(viewer.header("content-encoding"), Some("gzip"));
    assert!(viewer.header("cache-control").is_some_and(|kept| kept.contains("max-age=2592000")));
    assert!(viewer.body.len() < 500_000, "{}", viewer.body.len());
    app.anon().get("/ar/static/LICENSE-model-viewer.txt").await.expect(200);
    app.anon().get("/ar/static/../Cargo.toml").await.expect(404);
    app.close().await;
}

#[tokio::test]
async fn an_empty_and_a_finished_campaign_say_so() {
    let app = shop::open().await;
    assert!(app.anon().get("/ar/default").await.text().contains("Здесь пока нечего смотреть"));
    shop::set_up(&app, json!({"is_active": false})).await;
    assert!(app.anon().get("/ar/default/").await.text().contains("Кампания сейчас не идёт"));
    let show = app.anon().get("/api/v1/showcases/default").await.expect(200).json();
    assert_eq!((&show["is_running"], &show["assets"]), (&json!(false), &json!([])));
    app.close().await;
}

/// Кто вернулся после конца, видит заработанное: страница спрашивает теми же вызовами, и они отвечают.
#[tokio::test]
async fn a_finished_campaign_still_shows_the_code_that_was_earned() {
    let app = shop::with_assets(1).await;
    let (session, code) = shop::complete(&app.anon(), 1).await;
    shop::set_up(&app, json!({"is_active": false})).await;
    let page = app.anon().get("/ar/default").await.text();
    assert!(page.contains("id=\"reward\"") && page.contains("/ar/static/ar.js"), "{page}");
    assert!(!page.contains("model-viewer.min.js") && !page.contains("class=\"assets\""), "{page}");
    let progress = app.anon().get(&format!("/progress/?session_id={session}")).await.expect(200).json();
    assert_eq!(progress["remaining_assets"], 0);
    assert_eq!(app.anon().get(&format!("/promo/?session_id={session}")).await.expect(200).json()["promo_code"], code);
    app.close().await;
}
