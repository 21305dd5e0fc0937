//! AR-кампании: условия, активы с моделью, порядок, коды.

use campaigns::factories::{asset, create_asset};
use campaigns::models::{Asset, Campaign, Code, Session, campaign};
use catalog::factories::product;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use testkit::{Answer, TestApp};

use crate::shop::*;

const BOX: &[u8] = include_bytes!("../../files/tests/fixtures/Box.glb");
const CAMPAIGN: &str = "/admin/campaigns/campaign";
const LIST: &str = "/admin/campaigns/session";

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

async fn started(app: &TestApp) -> String {
    let answer = app.anon().post("/session/start/", json!({})).await.expect(201).json();
    answer["session_id"].as_str().expect("id").to_owned()
}

#[tokio::test]
async fn a_session_is_found_read_in_time_order_and_stopped() {
    let app = open().await;
    let me = administrator(&app).await;
    create_asset(&app.ctx, asset("one")).await.expect("asset");
    let (session, idle) = (started(&app).await, started(&app).await);
    let visitor = app.anon();
    let viewing = json!({"session_id": session, "asset_slug": "one", "device": "Pixel"});
    visitor.post("/view/", viewing.clone()).await.expect(200);
    visitor.post("/user/email/", json!({"session_id": session, "email": "Anna@Example.ru"})).await.expect(200);
    app.run_jobs().await;
    let code = Code::find().one(app.ctx.db_fresh()).await.expect("read").expect("code");
    let list = LIST;
    for (query, sees, hidden) in [
        (format!("q={session}"), &session, &idle),
        ("q=anna@example.RU".to_owned(), &session, &idle),
        ("state=completed".to_owned(), &session, &idle),
        ("state=viewing".to_owned(), &idle, &session),
        ("campaign_id=1&created_from=2026-03-02&created_to=2026-03-02&state=completed".to_owned(), &session, &idle),
    ] {
        let page = me.get(&format!("{list}?{query}")).await.expect(200);
        shows(&page, sees);
        hides(&page, hidden);
    }
    for nothing in ["created_from=2026-03-03", "campaign_id=777", "q=что-то", "state=stopped"] {
        let page = me.get(&format!("{list}?{nothing}")).await.expect(200);
        hides(&page, &session);
        hides(&page, &idle);
    }
    let page = me.get(list).await.expect(200);
    shows(&page, &code.code);
    shows(&page, "AR-кампания");

    let number = Session::find_by_id(code.session_id).one(app.ctx.db_fresh()).await.expect("read").expect("row").number;
    let url = format!("{list}/{number}");
    let card = me.get(&url).await.expect(200);
    shows(&card, "Anna@Example.ru");
    shows(&card, &code.code);
    shows(&card, "Pixel");
    let text = text(&card);
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("no {words}: {text}"));
    let order = ["начал сеанс", "посмотрел", "получил код", "назвал почту", "письмо ушло"].map(at);
    assert!(order.is_sorted(), "{order:?}");
    hides(&card, &format!("{list}/{session}"));
    me.done(&format!("{url}/stop"), &[]).await;
    visitor.post("/view/", viewing.clone()).await.refused(400, "campaigns.session_stopped");
    shows(&me.get(&format!("{list}?state=stopped")).await.expect(200), &session);
    me.done(&format!("{url}/resume"), &[]).await;
    visitor.post("/view/", viewing).await.expect(200);
    shows(&me.get(&format!("{url}/history")).await.expect(200), "Остановить");
    shows(&me.get(&format!("/admin/campaigns/code/{}", code.id)).await.expect(200), &url);
    close(app).await;
}

/// Сеансы листаются по ключу: по десять на страницу, ни один не пропущен и не показан дважды.
#[tokio::test]
async fn sessions_are_paged_to_the_last() {
    let app = open().await;
    let me = administrator(&app).await;
    let mut all = std::collections::BTreeSet::new();
    for _ in 0..23 {
        all.insert(started(&app).await);
    }
    let mut pages = vec![me.get(LIST).await.expect(200)];
    while let Some(next) = link(LIST, &pages[pages.len() - 1], "next") {
        pages.push(me.get(&next).await.expect(200));
    }
    let shown = |page: &Answer| all.iter().filter(|id| text(page).contains(id.as_str())).cloned().collect::<Vec<_>>();
    let mut seen: Vec<String> = pages.iter().flat_map(shown).collect();
    seen.sort();
    assert_eq!((pages.len(), seen), (3, all.iter().cloned().collect()));
    close(app).await;
}

#[tokio::test]
async fn codes_show_their_use_and_the_funnel_is_a_file() {
    let app = open().await;
    let me = administrator(&app).await;
    create_asset(&app.ctx, asset("one")).await.expect("asset");
    let session = started(&app).await;
    let viewing = json!({"session_id": session, "asset_slug": "one"});
    let code = app.anon().post("/view/", viewing).await.expect(200).json()["promo_code"].clone();
    let list = "/admin/campaigns/code?campaign_id=1";
    shows(&me.get(list).await.expect(200), "выдан, не отправлен");
    let made = product(&app.ctx).create().await.product;
    let buyer = app.anon().bearer(&accounts::factories::customer(&app.ctx).await.token);
    let order = json!({"items": [{"product_id": made.id, "quantity": 1}], "promo_code": code});
    buyer.post("/api/v1/orders/", order).await.expect(201);
    let page = me.get(list).await.expect(200);
    let paid = kernel::texts::format_roubles(made.price - kernel::Money::minor(made.price.to_minor() / 10));
    shows(&page, "использован");
    shows(&page, &paid.replace('\u{a0}', " "));
    shows(&me.get("/admin/campaigns/code/1").await.expect(200), "/admin/orders/order/1");
    hides(&me.get("/admin/campaigns/code?campaign_id=777").await.expect(200), code.as_str().expect("code"));
    shows(&me.get("/admin/campaigns/campaign/1").await.expect(200), "/admin/campaigns/campaign/1/funnel");
    let file = me.get("/admin/campaigns/campaign/1/funnel").await.expect(200);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"funnel-1.csv\""));
    assert!(file.text().contains("2026-03-02,1,1,1,0,0,1,"), "{}", file.text());
    let stranger = staff(&app, &[admin::permissions::ENTER]).await;
    stranger.get("/admin/campaigns/campaign/1/funnel").await.expect(403);
    stranger.get("/admin/campaigns/session").await.expect(403);
    close(app).await;
}

/// Отозванный код магазин не берёт, и письма с ним не уходят; использованный не отзывается.
#[tokio::test]
async fn a_revoked_code_buys_nothing_and_is_not_sent_again() {
    let app = open().await;
    let me = administrator(&app).await;
    create_asset(&app.ctx, asset("one")).await.expect("asset");
    let made = product(&app.ctx).create().await.product;
    let buyer = app.anon().bearer(&accounts::factories::customer(&app.ctx).await.token);
    let order =
        |code: &serde_json::Value| json!({"items": [{"product_id": made.id, "quantity": 1}], "promo_code": code});
    let earned = async |email: &str| {
        let session = started(&app).await;
        let viewing = json!({"session_id": session, "asset_slug": "one"});
        let code = app.anon().post("/view/", viewing).await.expect(200).json()["promo_code"].clone();
        app.anon().post("/user/email/", json!({"session_id": session, "email": email})).await.expect(200);
        code
    };
    let (stolen, spent) = (earned("a@example.org").await, earned("b@example.org").await);
    app.run_jobs().await;
    buyer.post("/api/v1/orders/", order(&spent)).await.expect(201);
    let press = async |id: i64, action: &str| me.fill(&format!("/admin/campaigns/code/{id}/{action}"), &[]).await;

    press(1, "revoke").await.expect(303);
    buyer.post("/api/v1/orders/", order(&stolen)).await.expect(400);
    shows(&me.get("/admin/campaigns/code?state=revoked").await.expect(200), stolen.as_str().expect("code"));
    hides(&me.get("/admin/campaigns/code?state=sent").await.expect(200), stolen.as_str().expect("code"));
    shows(&press(1, "resend").await.expect(400), "Код отозван.");
    shows(&press(2, "revoke").await.expect(400), "Код уже использован в заказе.");
    close(app).await;
}
