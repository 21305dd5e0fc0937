//! Страницы и приветствия: через HTTP, на той базе, которую назвал MEGASHOP_TEST_DB.

mod pages;
mod splash;

use testkit::{Client, TestApp};

pub async fn shop() -> TestApp {
    TestApp::new(vec![notifications::app(), accounts::app(), megashop_content::app()]).await
}

pub async fn writer(app: &TestApp) -> Client {
    app.anon().bearer(&accounts::factories::staff(&app.ctx, megashop_content::permissions::ALL).await.token)
}

#[tokio::test]
async fn tables_match_models() {
    let app = shop().await;
    app.assert_no_drift().await;
    app.close().await;
}
