//! Страницы.

use futures::future::join_all;
use serde_json::json;

use crate::{shop, writer};

#[tokio::test]
async fn a_page_is_written_shown_changed_and_removed() {
    let app = shop().await;
    let writer = writer(&app).await;
    let page =
        json!({"slug": "care", "title": " Уход ", "content": "<p>Стирать <b>вручную</b></p>", "author": "кто-то"});
    let made = writer.post("/api/v1/pages/", page.clone()).await.expect(201).json();
    assert_eq!((&made["title"], &made["is_published"]), (&json!("Уход"), &json!(true)));
    writer.post("/api/v1/pages/", page).await.refused(400, "content.slug_taken");
    let seen = app.anon().get("/api/v1/pages/care").await.expect(200).json();
    assert_eq!(seen, made);
    writer.put("/api/v1/pages/care", json!({"content": "<p>Чистка</p>"})).await.expect(200);
    let seen = app.anon().get("/api/v1/pages/care").await.expect(200).json();
    assert_eq!((&seen["title"], &seen["content"]), (&json!("Уход"), &json!("<p>Чистка</p>")));
    writer.delete("/api/v1/pages/care").await.expect(204);
    writer.delete("/api/v1/pages/care").await.refused(404, "content.page_not_found");
    app.anon().get("/api/v1/pages/care").await.refused(404, "content.page_not_found");
    app.close().await;
}

#[tokio::test]
async fn the_shop_opens_with_four_pages() {
    let app = shop().await;
    let list = app.anon().get("/api/v1/pages/?skip=1&limit=2").await.expect(200).json();
    assert_eq!((&list["total"], &list["page_size"]), (&json!(4), &json!(2)));
    assert_eq!((&list["pages"][0]["slug"], &list["pages"][1]["slug"]), (&json!("offer"), &json!("privacy")));
    for slug in ["faq", "offer", "privacy", "about"] {
        app.anon().get(&format!("/api/v1/pages/{slug}")).await.expect(200);
    }
    app.close().await;
}

#[tokio::test]
async fn a_hidden_page_is_seen_only_by_those_who_write() {
    let app = shop().await;
    let writer = writer(&app).await;
    let buyer = app.anon().bearer(&accounts::factories::customer(&app.ctx).await.token);
    writer.patch("/api/v1/pages/offer", json!({"is_published": false})).await.expect(200);
    for stranger in [app.anon(), buyer.clone()] {
        stranger.get("/api/v1/pages/offer").await.refused(404, "content.page_not_found");
        assert_eq!(stranger.get("/api/v1/pages/").await.json()["total"], 3);
    }
    writer.get("/api/v1/pages/offer").await.expect(200);
    assert_eq!(writer.get("/api/v1/pages/").await.json()["total"], 4);
    let patch = json!({"title": "Взломано"});
    buyer.patch("/api/v1/pages/faq", patch.clone()).await.refused(403, "auth.forbidden");
    app.anon().patch("/api/v1/pages/faq", patch).await.refused(401, "auth.unauthorized");
    buyer.delete("/api/v1/pages/faq").await.refused(403, "auth.forbidden");
    assert_eq!(app.anon().get("/api/v1/pages/faq").await.json()["title"], "Вопросы и ответы");
    app.close().await;
}

/// Пишет сотрудник, а открывает покупатель: сценарий из текста не должен дойти до браузера.
#[tokio::test]
async fn hostile_markup_never_reaches_a_reader() {
    let app = shop().await;
    let writer = writer(&app).await;
    let hostile = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<svg><script>alert(1)</script></svg>",
        "<iframe src=\"https://evil.example\"></iframe>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<form action=https://evil.example><input name=password></form>",
        "<p style=\"position:fixed\">x</p>",
        "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    ];
    writer.patch("/api/v1/pages/about", json!({"content": hostile.join("\n")})).await.expect(200);
    let content = app.anon().get("/api/v1/pages/about").await.json()["content"].as_str().expect("text").to_lowercase();
    for part in ["<script", "onerror", "javascript:", "<iframe", "<style", "<form", "<input", "style=", "data:", "<svg"]
    {
        assert!(!content.contains(part), "{part} in {content}");
    }
    let good = "<h2>Замеры</h2><table><tbody><tr><td>S</td><td>88</td></tr></tbody></table><img src=\"/media/a.jpg\">";
    writer.patch("/api/v1/pages/about", json!({"content": good})).await.expect(200);
    assert_eq!(app.anon().get("/api/v1/pages/about").await.json()["content"], good);
    app.close().await;
}

#[tokio::test]
async fn bad_pages_are_refused_by_field() {
    let app = shop().await;
    let writer = writer(&app).await;
    let post = async |body| writer.post("/api/v1/pages/", body).await;
    post(json!({"slug": "Плохой адрес", "title": "Т"})).await.invalid("slug");
    post(json!({"slug": "a".repeat(101), "title": "Т"})).await.invalid("slug");
    post(json!({"slug": "good", "title": "  "})).await.invalid("title");
    post(json!({"slug": "good", "title": "т".repeat(256)})).await.invalid("title");
    post(json!({"slug": "good", "title": "Т", "content": "т".repeat(200_001)})).await.invalid("content");
    post(json!({"title": "Т"})).await.invalid("slug");
    writer.put("/api/v1/pages/none", json!({"title": "Т"})).await.refused(404, "content.page_not_found");
    assert_eq!(writer.get("/api/v1/pages/").await.json()["total"], 4);
    app.close().await;
}

#[tokio::test]
async fn one_address_is_one_page_however_many_write_it() {
    let app = shop().await;
    let writer = writer(&app).await;
    let post = |n: i32| {
        let writer = writer.clone();
        async move {
            writer.post("/api/v1/pages/", json!({"slug": "news", "title": format!("Новость {n}")})).await.status
        }
    };
    let statuses = join_all((0..8).map(post)).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 400].contains(status)), "{statuses:?}");
    app.close().await;
}
