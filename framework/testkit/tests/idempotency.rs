use megashop_testkit::TestApp;
use serde_json::json;

use crate::notes;

#[tokio::test(flavor = "multi_thread")]
async fn one_key_fifty_times_makes_one_row_and_equal_answers() {
    let app = TestApp::new(vec![notes::app()]).await;
    let client = app.anon().header("idempotency-key", "k-1");
    let calls = (0..50).map(|_| {
        let client = client.clone();
        tokio::spawn(async move {
            client.post("/api/v1/notes/", json!({"title": "одна", "price": 5})).await.expect(201).body
        })
    });
    let mut bodies = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        bodies.push(call.await.expect("task"));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "answers differ");
    assert_eq!(app.anon().get("/api/v1/notes/").await.json()["total"], 1);
    client.post("/api/v1/notes/", json!({"title": "другая", "price": 5})).await.refused(422, "idempotency.other_body");
    app.run_jobs().await;
    app.close().await;
}

#[tokio::test]
async fn a_refused_request_may_be_repeated_with_its_key() {
    let app = TestApp::new(vec![notes::app()]).await;
    app.anon().post("/api/v1/notes/plain", json!({"title": "занято", "price": 1})).await.expect(201);
    let client = app.anon().header("idempotency-key", "k-2");
    client.post("/api/v1/notes/", json!({"title": "занято", "price": 1})).await.refused(409, "database.unique");
    assert_eq!(app.anon().get("/api/v1/notes/").await.json()["total"], 1);
    client.post("/api/v1/notes/", json!({"title": "свободно", "price": 1})).await.expect(201);
    let again = client.post("/api/v1/notes/", json!({"title": "свободно", "price": 1})).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    app.run_jobs().await;
    app.close().await;
}
