//! Приветствия.

use std::collections::BTreeSet;

use serde_json::json;

use crate::{shop, writer};

#[tokio::test]
async fn a_visitor_is_greeted_by_one_of_the_active_texts() {
    let app = shop().await;
    let writer = writer(&app).await;
    assert_eq!(app.anon().get("/api/v1/splash/random").await.expect(200).json(), json!({"text": "Рады вас видеть!"}));
    for text in ["Новая коллекция", "Вторая волна открыта"] {
        writer.post("/api/v1/splash/", json!({"text": text})).await.expect(201);
    }
    let old = writer.post("/api/v1/splash/", json!({"text": "Прошлогоднее"})).await.expect(201).json();
    let address = format!("/api/v1/splash/{}", old["id"]);
    writer.put(&address, json!({"is_active": false})).await.expect(200);
    let mut seen = BTreeSet::new();
    for _ in 0..60 {
        seen.insert(app.anon().get("/api/v1/splash/random").await.json()["text"].as_str().expect("text").to_owned());
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["Вторая волна открыта", "Новая коллекция"]);
    let list = writer.get("/api/v1/splash/").await.expect(200).json();
    assert_eq!((&list["total"], &list["notifications"][2]["is_active"]), (&json!(3), &json!(false)));
    writer.delete(&address).await.expect(204);
    writer.delete(&address).await.refused(404, "content.splash_not_found");
    app.close().await;
}

#[tokio::test]
async fn greetings_are_short_and_not_for_everyone_to_write() {
    let app = shop().await;
    let writer = writer(&app).await;
    writer.post("/api/v1/splash/", json!({"text": "т".repeat(121)})).await.invalid("text");
    writer.post("/api/v1/splash/", json!({"text": " "})).await.invalid("text");
    writer.post("/api/v1/splash/", json!({"text": "т".repeat(120)})).await.expect(201);
    let buyer = app.anon().bearer(&accounts::factories::customer(&app.ctx).await.token);
    buyer.post("/api/v1/splash/", json!({"text": "Моё"})).await.refused(403, "auth.forbidden");
    buyer.get("/api/v1/splash/").await.refused(403, "auth.forbidden");
    app.anon().post("/api/v1/splash/", json!({"text": "Моё"})).await.refused(401, "auth.unauthorized");
    assert_eq!(writer.get("/api/v1/splash/").await.json()["total"], 1);
    app.close().await;
}
