use axum::body::Body;
use http::{HeaderValue, Method};
use megashop_testkit::TestApp;
use serde_json::json;

use crate::notes;

#[tokio::test]
async fn bad_bodies_name_the_field_and_leave_nothing() {
    let app = TestApp::new(vec![notes::app()]).await;
    let post = async |body: serde_json::Value| app.anon().post("/api/v1/notes/plain", body).await;
    post(json!({"price": 1})).await.invalid("title");
    post(json!({"title": "ab", "price": "x"})).await.invalid("price");
    post(json!({"title": "ab", "price": 1.005})).await.invalid("price");
    post(json!({"title": "a", "price": 1})).await.invalid("title");
    post(json!({"title": "ab", "price": 1, "stock": -1})).await.invalid("stock");
    post(json!({"title": "ab", "price": 1, "stock": 1e30})).await.invalid("stock");
    post(json!({"title": "ab", "price": 1, "is_admin": true})).await.invalid("is_admin");
    post(json!({"title": "a\u{0}b", "price": 1})).await.refused(422, "request.bad_json");
    post(json!(["ab", 1])).await.refused(422, "request.bad_json");
    let kind = HeaderValue::from_static("application/json");
    let deep = format!("{{\"title\": {}", "[".repeat(100_000));
    app.anon().raw(Method::POST, "/api/v1/notes/plain", Some(kind.clone()), Body::from(deep)).await.expect(422);
    let huge = format!("{{\"title\": \"{}\"}}", "x".repeat(2 << 20));
    app.anon()
        .raw(Method::POST, "/api/v1/notes/plain", Some(kind), Body::from(huge))
        .await
        .refused(413, "request.too_large");
    let text = HeaderValue::from_static("text/plain");
    app.anon()
        .raw(Method::POST, "/api/v1/notes/plain", Some(text), Body::from("{}"))
        .await
        .refused(415, "request.not_json");
    assert_eq!(app.anon().get("/api/v1/notes/").await.json()["total"], 0);
    app.close().await;
}

/// Отказ говорит по-человечески: слова разборщика JSON до людей не доходят.
#[tokio::test]
async fn misfits_are_named_in_words() {
    let app = TestApp::new(vec![notes::app()]).await;
    let note = async |body: serde_json::Value| app.anon().post("/api/v1/notes/plain", body).await.expect(422).json();
    let said = |problem: &serde_json::Value| {
        let error = &problem["errors"][0];
        (error["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
    };
    let cases = [
        (json!({"title": 5, "price": 1}), "not_text", "Нужна строка."),
        (json!({"title": "ab", "price": 1, "stock": "5"}), "not_integer", "Нужно целое число."),
        (json!({"title": "ab", "price": 1, "stock": [5]}), "not_integer", "Нужно целое число."),
        (json!({"title": "ab", "price": 1, "stock": u64::MAX}), "out_of_range", "Число вне допустимых пределов."),
    ];
    for (body, code, message) in cases {
        assert_eq!(said(&note(body).await), (code.to_owned(), message.to_owned()));
    }
    let query = app.anon().get("/api/v1/notes/?page=two").await.invalid("page");
    assert_eq!(said(&query), ("not_integer".to_owned(), "Нужно целое число.".to_owned()));
    app.close().await;
}

#[tokio::test]
async fn addresses_methods_and_parameters() {
    let app = TestApp::new(vec![notes::app()]).await;
    for path in
        ["/api/v1/notes/", "/api/v1/notes", "/api/notes/", "/api/notes?page=2&page_size=5", "/api/notes?skip=5&limit=5"]
    {
        app.anon().get(path).await.expect(200);
    }
    assert_eq!(app.anon().get("/api/notes?skip=5&limit=5").await.json()["page"], 2);
    app.anon().get("/api/v1/notes/?limit=101").await.invalid("limit");
    app.anon().get("/api/v1/notes/?titel=x").await.invalid("titel");
    app.anon().get("/api/v1/notes/?title=%00").await.expect(400);
    app.anon().get("/api/v1/notes/77").await.refused(404, "notes.not_found");
    app.anon().get("/api/v1/notes/seven").await.expect(422);
    app.anon().get("/nowhere").await.refused(404, "request.unknown_route");
    app.anon().delete("/api/v1/notes/").await.refused(405, "request.method_not_allowed");
    app.anon().get("/api/v1/notes/secret").await.refused(401, "auth.unauthorized");
    let english = app.anon().header("accept-language", "en-US,en;q=0.9").get("/api/v1/notes/77").await.json();
    assert_eq!(english["detail"], "No such note.");
    app.close().await;
}

#[tokio::test]
async fn etag_saves_the_body() {
    let app = TestApp::new(vec![notes::app()]).await;
    let first = app.anon().get("/api/v1/notes/").await.expect(200);
    let etag = first.header("etag").expect("etag").to_owned();
    let second = app.anon().header("if-none-match", &etag).get("/api/v1/notes/").await.expect(304);
    assert!(second.body.is_empty());
    app.anon().post("/api/v1/notes/plain", json!({"title": "новая", "price": 1})).await.expect(201);
    app.anon().header("if-none-match", &etag).get("/api/v1/notes/").await.expect(200);
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_takers_of_ten() {
    let app = TestApp::new(vec![notes::app()]).await;
    let id = app
        .anon()
        .post("/api/v1/notes/plain", json!({"title": "десять", "price": 1, "stock": 10}))
        .await
        .expect(201)
        .json()["id"]
        .clone();
    let path = format!("/api/v1/notes/{id}/take");
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let (client, path) = (app.anon(), path.clone());
            tokio::spawn(async move { client.post(&path, json!(null)).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await.expect("task"));
    }
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 10);
    assert_eq!(statuses.iter().filter(|s| **s == 400).count(), 190);
    app.close().await;
}

/// Прокси дописывает адрес клиента своей строкой; всё, что пришло до неё, клиент мог сочинить и новым каждый раз.
#[tokio::test]
async fn an_invented_address_does_not_escape_the_limit() {
    let toml = "[server]\ntrusted_proxies = [\"10.0.0.0/8\"]\n[limits]\nrate = 1\nburst = 1";
    let app = TestApp::with_settings(vec![notes::app()], toml).await;
    let through = |invented: String, real: &str| {
        app.anon().from_ip([10, 1, 2, 3]).also("x-forwarded-for", &invented).also("x-forwarded-for", real)
    };
    let mut answers = Vec::new();
    for last in 1..=5 {
        answers.push(through(format!("6.6.6.{last}"), "7.7.7.7").get("/api/v1/notes/").await.status);
    }
    assert!(answers.contains(&429), "{answers:?}");
    through("7.7.7.7".to_owned(), "7.7.7.8").get("/api/v1/notes/").await.expect(200);
    app.close().await;
}
