//! AR-кампании: условия, активы с моделью, порядок, коды.

use campaigns::factories::{asset, create_asset};
use campaigns::models::{Asset, Campaign, Code, campaign};
use catalog::factories::product;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use testkit::TestApp;

use crate::shop::*;

const BOX: &[u8] = include_bytes!("../../files/tests/fixtures/Box.glb");
const CAMPAIGN: &str = "/admin/campaigns/campaign";

async fn only_campaign_with(app: &TestApp, slug: &str) -> campaign::Model {
    let all = Campaign::find().all(app.ctx.db_fresh()).await.expect("read");
    all.into_iter().find(|row| row.slug == slug).expect("campaign")
}

fn reward(row: &campaign::Model) -> Value {
    serde_json::from_str(&row.reward).expect("json")
}

#[tokio::test]
async fn a_campaign_is_made_and_changed_part_by_part() {
    let app = open().await;
    let me = administrator(&app).await;
    let made = product(&app.ctx).create().await;
    let id = made.product.id.to_string();
    let fields = [
        ("title", "Весна"),
        ("slug", "spring"),
        ("pool", "default"),
        ("is_active", "on"),
        ("reward.discount_percent", "12,5"),
        ("reward.min_sum", "3 000"),
        ("reward.product_ids", id.as_str()),
        ("starts_at", "2026-03-01T00:00"),
    ];
    let added = me.fill(&format!("{CAMPAIGN}/add"), &fields).await.expect(303);
    let page = me.get(&location(&added)).await.expect(200);
    shows(&page, "12,5 %");
    shows(&page, &format!("№ {id}"));
    let limited = json!({"discount_percent": 12.5, "min_sum": 3000, "product_ids": [made.product.id]});
    assert_eq!(reward(&only_campaign_with(&app, "spring").await), limited);
    // Изменили одно — прочие условия награды те же.
    let change = format!("{}/change", location(&added));
    let mut changed = fields.to_vec();
    changed[4] = ("reward.discount_percent", "20");
    me.done(&change, &changed).await;
    let after = json!({"discount_percent": 20, "min_sum": 3000, "product_ids": [made.product.id]});
    assert_eq!(reward(&only_campaign_with(&app, "spring").await), after);
    // Отказ стоит у своего поля.
    changed[4] = ("reward.discount_percent", "120");
    let refused = me.fill(&change, &changed).await.expect(422);
    shows(&refused, "aria-invalid=\"true\"");
    close(app).await;
}

#[tokio::test]
async fn an_asset_shows_its_model_and_the_policy_stays_strict() {
    let app = open().await;
    let me = administrator(&app).await;
    let fields = [("name", "Волк"), ("slug", "volk"), ("campaign", "default"), ("is_active", "on")];
    let added = me.fill("/admin/campaigns/asset/add", &fields).await.expect(303);
    let upload = format!("{}/upload", location(&added));
    let form = me.get(&upload).await.expect(200).text();
    let hidden = ["_csrf", "_key"].map(|name| (name, hidden(&form, name)));
    me.upload(&upload, &hidden, ("files", "wolf.glb", BOX)).await.expect(303);
    let page = me.get(&location(&added)).await.expect(200);
    shows(&page, "<model-viewer");
    let policy = page.header("content-security-policy").expect("policy");
    assert!(policy.contains("'wasm-unsafe-eval'") && !policy.contains("unsafe-inline"), "{policy}");
    assert!(!policy.contains("'unsafe-eval'"), "{policy}");
    let list = me.get("/admin/campaigns/asset").await.expect(200);
    assert!(!list.header("content-security-policy").expect("policy").contains("wasm"), "only where a model is shown");
    close(app).await;
}

#[tokio::test]
async fn the_pool_keeps_the_order_given_by_places() {
    let app = open().await;
    let me = administrator(&app).await;
    let mut ids = Vec::new();
    for slug in ["one", "two", "three"] {
        ids.push(create_asset(&app.ctx, asset(slug)).await.expect("asset").id);
    }
    let texts: Vec<String> = ids.iter().map(i64::to_string).collect();
    let pool = "/admin/campaigns/pool/1";
    let page = me.get(pool).await.expect(200).text();
    let places = ["3", "1", "2"];
    let mut fields: Vec<(&str, &str)> = texts.iter().map(|id| ("ids", id.as_str())).collect();
    fields.extend(places.map(|place| ("ids__place", place)));
    me.submit(&format!("{pool}/order"), &page, &fields).await.expect(303);
    let mut rows = Asset::find().all(app.ctx.db_fresh()).await.expect("assets");
    rows.sort_by_key(|row| row.position);
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [ids[1], ids[2], ids[0]]);
    // Порядок без одного актива — уже не порядок.
    let page = me.get(pool).await.expect(200).text();
    let refused = me.submit(&format!("{pool}/order"), &page, &fields[..2]).await.expect(422);
    shows(&refused, "Порядок устарел");
    close(app).await;
}

#[tokio::test]
async fn a_code_is_found_by_its_email_and_sent_again() {
    let app = open().await;
    let me = administrator(&app).await;
    create_asset(&app.ctx, asset("one")).await.expect("asset");
    let visitor = app.anon();
    let session = visitor.post("/session/start/", json!({})).await.expect(201).json()["session_id"].clone();
    visitor.post("/view/", json!({"session_id": session, "asset_slug": "one"})).await.expect(200);
    visitor.post("/user/email/", json!({"session_id": session, "email": "Anna@Example.ru"})).await.expect(200);
    app.run_jobs().await;
    let code = Code::find().one(app.ctx.db_fresh()).await.expect("read").expect("code");
    let list = "/admin/campaigns/code";
    shows(&me.get(&format!("{list}?q=anna@example.ru")).await.expect(200), &code.code);
    shows(&me.get(&format!("{list}?q={}", code.code.to_lowercase())).await.expect(200), "Anna@Example.ru");
    shows(&me.get(&format!("{list}?state=sent")).await.expect(200), &code.code);
    for other in ["issued", "used"] {
        hides(&me.get(&format!("{list}?state={other}")).await.expect(200), &code.code);
    }
    me.done(&format!("{list}/{}/resend", code.id), &[]).await;
    app.run_jobs().await;
    let letters = notifications::mailbox(&app.ctx);
    assert_eq!(
        letters.iter().filter(|letter| letter.to == "Anna@Example.ru" && letter.body.contains(&code.code)).count(),
        2
    );
    let card = me.get("/admin/campaigns/campaign/1").await.expect(200);
    shows(&card, "02.03.2026");
    shows(&card, "Anna@Example.ru");
    close(app).await;
}
