//! Чужие формы, чужой код, чужие адреса.

use catalog::factories::product;

use crate::shop::*;

const PAYLOADS: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'-alert(1)-'",
    "</textarea><svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
];

#[tokio::test]
async fn a_form_without_its_sign_changes_nothing() {
    let app = open().await;
    let (me, other) = (administrator(&app).await, administrator(&app).await);
    let page = me.get("/admin/content/page/add").await.expect(200).text();
    let sign = hidden(&page, "_csrf");
    let foreign = hidden(&other.get("/admin/content/page/add").await.text(), "_csrf");
    assert_ne!(sign, foreign, "each session has its own sign");
    let fields = [("slug", "o-magazine"), ("title", "О магазине")];
    let with = |sign| [("_csrf", sign), fields[0], fields[1]];
    me.send("/admin/content/page/add", &fields).await.expect(403);
    me.send("/admin/content/page/add", &with("")).await.expect(403);
    me.send("/admin/content/page/add", &with(foreign.as_str())).await.expect(403);
    me.forged("/admin/content/page/add", &with(sign.as_str())).await.expect(403);
    hides(&me.get("/admin/content/page").await, "О магазине");
    me.send("/admin/content/page/add", &with(sign.as_str())).await.expect(303);
    shows(&me.get("/admin/content/page").await, "О магазине");
    close(app).await;
}

#[tokio::test]
async fn pages_admit_only_their_own_code() {
    let app = open().await;
    let me = administrator(&app).await;
    let made = product(&app.ctx).sizes(&["S"]).create().await;
    let id = made.product.id;
    for path in [
        "/admin",
        "/admin/orders/order",
        "/admin/search?q=1",
        &format!("/admin/catalog/product/{id}"),
        &format!("/admin/catalog/product/{id}/change"),
    ] {
        let page = me.get(path).await.expect(200);
        let policy = page.header("content-security-policy").expect("a policy").to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("cache-control"), Some("private, no-store"), "{path}");
        let text = page.text();
        assert!(!text.contains(" style=\"") && !text.contains("onclick") && !text.contains("<script>"), "{path}");
    }
    close(app).await;
}

#[tokio::test]
async fn hostile_text_is_shown_as_text() {
    let app = open().await;
    let me = administrator(&app).await;
    for (n, payload) in PAYLOADS.iter().enumerate() {
        let slug = format!("page-{n}");
        let made = me
            .fill(
                "/admin/content/page/add",
                &[("slug", &slug), ("title", payload), ("content", payload), ("is_published", "on")],
            )
            .await
            .expect(303);
        let url = location(&made);
        for path in [url.clone(), format!("{url}/change"), format!("{url}/history"), format!("{url}/delete")] {
            harmless(&me.get(&path).await.expect(200).text(), payload, &path);
        }
        let query = url::form_urlencoded::byte_serialize(payload.as_bytes()).collect::<String>();
        for path in [
            format!("/admin/content/page?q={query}"),
            format!("/admin/search?q={query}"),
            format!("/admin/content/page/add?title={query}"),
        ] {
            harmless(&me.get(&path).await.expect(200).text(), payload, &path);
        }
    }
    harmless(&me.get("/admin/admin/log").await.expect(200).text(), PAYLOADS[0], "log");
    harmless(&me.get("/admin").await.expect(200).text(), PAYLOADS[0], "home");
    close(app).await;
}

/// Ни одной живой разметки из присланного и ни одной ссылки `javascript:`.
fn harmless(page: &str, payload: &str, path: &str) {
    for live in
        ["<script>alert", "<img src=x", "<svg onload", "</textarea><svg", "href=\"javascript:", "src=\"javascript:"]
    {
        assert!(!page.contains(live), "{path} with {payload:?} contains {live}");
    }
    if payload.starts_with("{{") {
        assert!(!page.contains(">49"), "{path}: the template was executed");
    }
}

#[tokio::test]
async fn a_table_does_not_take_text_for_a_formula() {
    let app = open().await;
    let me = administrator(&app).await;
    me.fill("/admin/content/page/add", &[("slug", "sum"), ("title", "=HYPERLINK(\"https://evil.example\")")])
        .await
        .expect(303);
    let file = me.get("/admin/content/page/export").await.expect(200);
    assert!(file.header("content-type").is_some_and(|kind| kind.starts_with("text/csv")));
    assert!(file.text().contains("'=HYPERLINK"), "{}", file.text());
    close(app).await;
}
