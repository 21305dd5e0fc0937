//! Страницы и приветствия.

use serde_json::json;

use super::{admin, close, has, in_russian, list, shop};

const PAGE: &[&str] = &["id", "slug", "title", "content", "created_at", "updated_at"];

/// Отличие второе: у списка есть `total`. Четыре страницы заводит первый запуск.
#[tokio::test]
async fn get_pages() {
    let app = shop().await;
    let boss = admin(&app).await;
    let answer = app.anon().get("/api/v1/pages/").await.expect(200).json();
    let slugs: Vec<_> = list(&answer, "pages").iter().map(|page| page["slug"].clone()).collect();
    assert_eq!(slugs, [json!("faq"), json!("offer"), json!("privacy"), json!("about")]);
    has(&answer["pages"][0], PAGE);
    for n in 0..10 {
        boss.post("/api/v1/pages/", json!({"slug": format!("p{n}"), "title": "Т"})).await.expect(201);
    }
    let all = app.anon().get("/api/v1/pages/").await.expect(200).json();
    assert_eq!((list(&all, "pages").len(), &all["total"]), (14, &json!(14)), "a hundred by default");
    let part = app.anon().get("/api/v1/pages/?skip=12&limit=5").await.expect(200).json();
    assert_eq!(list(&part, "pages").len(), 2);
    close(app).await;
}

#[tokio::test]
async fn get_post_put_delete_a_page() {
    let app = shop().await;
    let boss = admin(&app).await;
    let body = json!({"slug": "care", "title": "Уход", "content": "<p>Стирать <b>вручную</b></p>"});
    let made = boss.post("/api/v1/pages/", body.clone()).await.expect(201).json();
    has(&made, PAGE);
    in_russian(&boss.post("/api/v1/pages/", body).await.refused(400, "content.slug_taken"));
    assert_eq!(app.anon().get("/api/v1/pages/care").await.expect(200).json()["content"], made["content"]);
    let changed = boss.put("/api/v1/pages/care", json!({"title": "Уход за вещами"})).await.expect(200).json();
    assert_eq!((&changed["title"], &changed["content"]), (&json!("Уход за вещами"), &made["content"]));
    boss.delete("/api/v1/pages/care").await.expect(204);
    for answer in [
        app.anon().get("/api/v1/pages/care").await,
        boss.put("/api/v1/pages/care", json!({"title": "Т"})).await,
        boss.delete("/api/v1/pages/care").await,
    ] {
        in_russian(&answer.refused(404, "content.page_not_found"));
    }
    close(app).await;
}

#[tokio::test]
async fn get_splash_random() {
    let app = shop().await;
    let greeting = app.anon().get("/api/v1/splash/random").await.expect(200).json();
    in_russian(&json!({"detail": greeting["text"]}));
    let boss = admin(&app).await;
    boss.post("/api/v1/splash/", json!({"text": "Вторая волна открыта"})).await.expect(201);
    assert_eq!(app.anon().get("/api/v1/splash/random").await.json(), json!({"text": "Вторая волна открыта"}));
    close(app).await;
}

#[tokio::test]
async fn get_post_put_delete_splash() {
    let app = shop().await;
    let boss = admin(&app).await;
    let made = boss.post("/api/v1/splash/", json!({"text": "Привет", "is_active": true})).await.expect(201).json();
    has(&made, &["id", "text", "is_active"]);
    let path = format!("/api/v1/splash/{}", made["id"]);
    assert_eq!(boss.get(&path).await.expect(200).json(), made);
    let off = boss.put(&path, json!({"is_active": false})).await.expect(200).json();
    assert_eq!((&off["is_active"], &off["text"]), (&json!(false), &json!("Привет")));
    let answer = boss.get("/api/v1/splash/").await.expect(200).json();
    assert_eq!((list(&answer, "notifications").len(), &answer["notifications"][0]["text"]), (1, &json!("Привет")));
    boss.post("/api/v1/splash/", json!({"text": "т".repeat(121)})).await.invalid("text");
    boss.delete(&path).await.expect(204);
    for answer in [boss.get(&path).await, boss.put(&path, json!({"text": "Т"})).await, boss.delete(&path).await] {
        in_russian(&answer.refused(404, "content.splash_not_found"));
    }
    close(app).await;
}
