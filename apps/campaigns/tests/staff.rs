//! Сотрудник: кампании, пулы, активы с файлами, сеансы, коды.

use axum::body::Body;
use http::{HeaderValue, Method};
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::shop::{self, attach, complete};

const BOX: &[u8] = include_bytes!("../../../framework/files/tests/fixtures/Box.glb");

const SCENE: &[u8] = include_bytes!("fixtures/scene.usdz");
const PICTURE: &[u8] = include_bytes!("fixtures/preview.png");

async fn upload(client: &Client, id: &Value, bytes: &[u8]) -> Answer {
    let mut body =
        b"--granitsa\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../x.exe\"\r\n\r\n".to_vec();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--granitsa--\r\n");
    let kind = HeaderValue::from_static("multipart/form-data; boundary=granitsa");
    client.raw(Method::POST, &format!("/api/v1/campaign-assets/{id}/files"), Some(kind), Body::from(body)).await
}

#[tokio::test]
async fn a_campaign_is_made_read_and_changed() {
    let app = shop::open().await;
    let staff = shop::staff(&app).await;
    let pool =
        staff.post("/api/v1/campaign-pools/", json!({"slug": "zoo", "title": "Зоопарк"})).await.expect(201).json();
    staff
        .post("/api/v1/campaign-pools/", json!({"slug": "zoo", "title": "Ещё"}))
        .await
        .refused(400, "campaigns.slug_taken");
    assert_eq!(staff.get("/api/v1/campaign-pools/").await.expect(200).json()["pools"][1], pool);
    let body = json!({
        "slug": "spring", "title": "Весна", "pool": "zoo", "min_dwell": 3, "views_per_minute": 30,
        "reward": {"discount_amount": 500, "min_sum": "3000.50", "valid_days": 14, "kinds": ["goods"]},
        "starts_at": "2026-03-01T00:00:00Z", "ends_at": "2026-05-31T21:00:00Z", "is_default": true,
    });
    let made = staff.post("/api/v1/campaigns/", body.clone()).await.expect(201).json();
    assert_eq!(
        made["reward"],
        json!({"discount_amount": 500, "min_sum": 3000.5, "valid_days": 14, "kinds": ["goods"]})
    );
    assert_eq!((&made["pool"], &made["is_default"], &made["is_active"]), (&json!("zoo"), &json!(true), &json!(true)));
    let address = format!("/api/v1/campaigns/{}", made["id"]);
    assert_eq!(staff.get(&address).await.expect(200).json(), made);
    // Кампания по умолчанию одна, и без неё нельзя.
    assert_eq!(staff.get("/api/v1/campaigns/1").await.expect(200).json()["is_default"], false);
    staff.patch(&address, json!({"is_default": false})).await.refused(400, "campaigns.default_needed");
    staff.patch("/api/v1/campaigns/1", json!({"is_default": true})).await.expect(200);
    let changed = staff
        .patch(&address, json!({"ends_at": null, "views_per_minute": null, "reward": {"discount_percent": 5}}))
        .await;
    let changed = changed.expect(200).json();
    assert_eq!(
        (&changed["ends_at"], &changed["views_per_minute"], &changed["is_default"]),
        (&Value::Null, &Value::Null, &json!(false))
    );
    assert_eq!(changed["reward"], json!({"discount_percent": 5}));

    staff.post("/api/v1/campaigns/", body.clone()).await.refused(400, "campaigns.slug_taken");
    let with = |key: &str, value: Value| {
        let mut body = body.clone();
        body["slug"] = json!("other");
        body[key] = value;
        body
    };
    for (key, value, field) in [
        ("slug", json!("не адрес"), "slug"),
        ("pool", json!("no-such"), "pool"),
        ("reward", json!({}), "reward.discount_percent"),
        ("reward", json!({"discount_percent": 101}), "reward.discount_percent"),
        ("reward", json!({"discount_percent": 5, "valid_days": 0}), "reward.valid_days"),
        ("min_dwell", json!(-1), "min_dwell"),
        ("views_per_minute", json!(0), "views_per_minute"),
        ("ends_at", json!("2026-02-01T00:00:00Z"), "ends_at"),
        ("colour", json!("red"), "colour"),
    ] {
        staff.post("/api/v1/campaigns/", with(key, value)).await.invalid(field);
    }
    staff.get("/api/v1/campaigns/777").await.refused(404, "campaigns.campaign_not_found");
    assert_eq!(staff.get("/api/v1/campaigns/").await.expect(200).json()["total"], 2);
    app.close().await;
}

#[tokio::test]
async fn an_asset_gets_its_files_by_their_contents() {
    let app = shop::open().await;
    let staff = shop::staff(&app).await;
    let body = json!({"slug": "volk", "name": "Волк", "type": "figure", "meta": {"hall": 3}, "position": 2});
    let made = staff.post("/api/v1/campaign-assets/", body.clone()).await.expect(201).json();
    assert_eq!(
        (&made["type"], &made["campaign"], &made["meta"]),
        (&json!("figure"), &json!("default"), &json!({"hall": 3}))
    );
    staff.post("/api/v1/campaign-assets/", body).await.refused(400, "campaigns.slug_taken");
    let with_model = upload(&staff, &made["id"], BOX).await.expect(200).json();
    let url = with_model["model_url"].as_str().expect("model").to_owned();
    assert!(
        url.ends_with(".glb") && with_model["ios_model_url"].is_null() && with_model["preview_url"].is_null(),
        "{with_model}"
    );
    assert_eq!(app.anon().get(&url).await.expect(200).header("content-type"), Some("model/gltf-binary"));
    // Новая модель сменяет прежнюю, и та удаляется.
    let again = upload(&staff, &made["id"], BOX).await.expect(200).json();
    while app.run_jobs().await > 0 {}
    app.anon().get(&url).await.expect(404);
    app.anon().get(again["model_url"].as_str().expect("model")).await.expect(200);
    for hostile in [b"MZ executable".as_slice(), b"<svg onload=alert(1)>", b"", &BOX[..200]] {
        upload(&staff, &made["id"], hostile).await.refused(400, "catalog.bad_file");
    }
    upload(&staff, &json!(777), BOX).await.refused(404, "campaigns.asset_not_found");
    // Никем не виденный удаляется вместе с файлом, виденный — нет.
    let address = format!("/api/v1/campaign-assets/{}", made["id"]);
    assert_eq!(staff.get(&address).await.expect(200).json(), again);
    let session = shop::start(&app.anon()).await;
    shop::view(&app.anon(), &session, "volk").await;
    staff.delete(&address).await.refused(400, "campaigns.asset_in_use");
    assert_eq!(
        staff.patch(&address, json!({"is_active": false, "name": "Серый волк"})).await.expect(200).json()["name"],
        "Серый волк"
    );
    let spare =
        staff.post("/api/v1/campaign-assets/", json!({"slug": "lisa", "name": "Лиса"})).await.expect(201).json();
    let spare_file =
        upload(&staff, &spare["id"], BOX).await.expect(200).json()["model_url"].as_str().expect("model").to_owned();
    staff.delete(&format!("/api/v1/campaign-assets/{}", spare["id"])).await.expect(204);
    while app.run_jobs().await > 0 {}
    app.anon().get(&spare_file).await.expect(404);
    let listed = staff.get("/api/v1/campaign-assets/?campaign=default&is_active=false").await.expect(200).json();
    assert_eq!((&listed["total"], &listed["assets"][0]["slug"]), (&json!(1), &json!("volk")));
    app.close().await;
}

/// Модель, модель для iPhone и картинка стоят каждая на своём месте и уходят вместе с активом; посетитель видит их в витрине.
#[tokio::test]
async fn each_file_has_its_place() {
    let app = shop::with_assets(1).await;
    let staff = shop::staff(&app).await;
    for bytes in [BOX, SCENE, PICTURE] {
        upload(&staff, &json!(1), bytes).await.expect(200);
    }
    let asset = staff.get("/api/v1/campaign-assets/1").await.expect(200).json();
    let show = app.anon().get("/api/v1/showcases/default").await.expect(200).json()["assets"][0].clone();
    let mut urls = Vec::new();
    for (place, ending) in [("model_url", ".glb"), ("ios_model_url", ".usdz"), ("preview_url", "")] {
        let url = asset[place].as_str().unwrap_or_else(|| panic!("no {place}: {asset}"));
        assert!(url.ends_with(ending) && show[place] == asset[place], "{place}: {asset} {show}");
        app.anon().get(url).await.expect(200);
        urls.push(url.to_owned());
    }
    // Отказ файлу прежних не трогает.
    upload(&staff, &json!(1), b"PK\x03\x04 not a scene").await.refused(400, "catalog.bad_file");
    assert_eq!(staff.get("/api/v1/campaign-assets/1").await.expect(200).json(), asset);
    staff.delete("/api/v1/campaign-assets/1").await.expect(204);
    while app.run_jobs().await > 0 {}
    for url in urls {
        app.anon().get(&url).await.expect(404);
    }
    app.close().await;
}

#[tokio::test]
async fn staff_sees_sessions_codes_and_users() {
    let app = shop::with_assets(1).await;
    let staff = shop::staff(&app).await;
    let visitor = app.anon();
    let (session, code) = complete(&visitor, 1).await;
    shop::start(&visitor).await;
    let user = attach(&visitor, &session, "anna@example.ru").await["user_id"].clone();
    while app.run_jobs().await > 0 {}
    let listed = staff.get("/api/v1/campaign-sessions/?is_completed=true").await.expect(200).json();
    assert_eq!(
        (&listed["total"], &listed["sessions"][0]["id"], &listed["sessions"][0]["user"]),
        (&json!(1), &json!(session), &user)
    );
    assert_eq!(staff.get("/api/v1/campaign-sessions/?is_completed=false").await.expect(200).json()["total"], 1);
    let detail = staff.get(&format!("/api/v1/campaign-sessions/{session}")).await.expect(200).json();
    assert_eq!(
        (&detail["items"][0]["times_viewed"], &detail["events"][0]["event_type"]),
        (&json!(1), &json!("promo_sent"))
    );
    let codes = staff.get("/api/v1/campaign-codes/?email=anna@example.ru").await.expect(200).json();
    let row = &codes["codes"][0];
    assert_eq!(
        (&row["code"], &row["session"], &row["user"], &row["used_at"]),
        (&json!(code), &json!(session), &user, &Value::Null)
    );
    assert!(row["sent_at"].is_string());
    let users = staff.get("/api/v1/campaign-users/").await.expect(200).json();
    let known = &users["users"][0];
    assert_eq!(
        (&known["id"], &known["is_verified"], &known["total_score"], &known["metadata"]),
        (&user, &json!(false), &json!(10), &json!({}))
    );
    staff
        .get("/api/v1/campaign-sessions/3d1f0c52-6a4e-4d7e-9a3b-2f1c5d7e9a3b")
        .await
        .refused(404, "campaigns.session_not_found");
    let stranger = app.anon().bearer(&accounts::factories::customer(&app.ctx).await.token);
    for path in ["campaigns/", "campaign-sessions/", "campaign-codes/", "campaign-users/"] {
        stranger.get(&format!("/api/v1/{path}")).await.expect(403);
        visitor.get(&format!("/api/v1/{path}")).await.expect(401);
    }
    app.close().await;
}
