//! `type` отказа — адрес строки с его кодом.

use megashop::apps;
use testkit::TestApp;

#[tokio::test]
async fn the_type_of_a_refusal_leads_to_its_row() {
    let app = TestApp::with_settings(apps::all(), "").await;
    let refused = app.anon().get("/api/v1/users/me").await.expect(401).json();
    let (page, code) = refused["type"].as_str().expect("type").split_once('#').expect("a place");
    let page = app.anon().get(page).await.expect(200).text();
    assert!(page.contains(&format!("<td id=\"{code}\"><code>{code}</code></td>")), "no row of {code}:\n{page}");
    assert!(!page.contains(".md\""), "a link to a file that is not here");
    app.anon().get("/docs/errors.css").await.expect(200);
    app.close().await;
}
