//! %title%: через HTTP, на той базе, которую назвал MEGASHOP_TEST_DB.

use serde_json::json;
use testkit::TestApp;

async fn shop() -> TestApp {
    TestApp::new(vec![notifications::app(), accounts::app(), %app%::app()]).await
}

#[tokio::test]
async fn a_customer_keeps_a_list() {
    let app = shop().await;
    let anna = app.anon().bearer(&accounts::factories::customer(&app.ctx).await.token);
    let added = anna.post("/api/v1/%app%/", json!({"title": "Диван"})).await.expect(201).json();
    anna.post("/api/v1/%app%/", json!({"title": "Диван"})).await.refused(400, "%app%.already_there");
    anna.post("/api/v1/%app%/", json!({"title": ""})).await.invalid("title");
    let list = anna.get("/api/v1/%app%/").await.expect(200).json();
    assert_eq!((&list["total"], &list["items"][0]), (&json!(1), &added));
    anna.delete(&format!("/api/v1/%app%/{}", added["id"])).await.expect(204);
    assert_eq!(anna.get("/api/v1/%app%/").await.expect(200).json()["total"], 0);
    app.close().await;
}

#[tokio::test]
async fn strangers_see_and_change_nothing() {
    let app = shop().await;
    let anna = app.anon().bearer(&accounts::factories::customer(&app.ctx).await.token);
    let boris = app.anon().bearer(&accounts::factories::customer(&app.ctx).await.token);
    let added = anna.post("/api/v1/%app%/", json!({"title": "Диван"})).await.expect(201).json();
    let address = format!("/api/v1/%app%/{}", added["id"]);
    boris.delete(&address).await.refused(404, "%app%.not_found");
    assert_eq!(boris.get("/api/v1/%app%/").await.expect(200).json()["total"], 0);
    app.anon().get("/api/v1/%app%/").await.refused(401, "auth.unauthorized");
    app.anon().post("/api/v1/%app%/", json!({"title": "Стол"})).await.refused(401, "auth.unauthorized");
    app.anon().delete(&address).await.refused(401, "auth.unauthorized");
    assert_eq!(anna.get("/api/v1/%app%/").await.expect(200).json()["total"], 1);
    app.close().await;
}

#[tokio::test]
async fn tables_match_models() {
    let app = shop().await;
    app.assert_no_drift().await;
    app.close().await;
}
