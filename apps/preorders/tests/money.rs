//! Проверки `doctor --money` называют посаженную ошибку.

use preorders::factories::preorder;
use sea_orm::ConnectionTrait;
use testkit::TestApp;

use crate::shop::{self, take};

async fn findings(app: &TestApp) -> Vec<String> {
    let mut found = Vec::new();
    for check in app.checks.iter().filter(|check| check.name.starts_with("preorders:")) {
        assert!(check.money, "{} belongs to doctor --money", check.name);
        found.extend((check.run)(&app.ctx).await.expect("check runs"));
    }
    found
}

#[tokio::test]
async fn the_doctor_names_a_planted_error() {
    let app = shop::open().await;
    let hoodie = preorder(&app.ctx, 2, 5).await;
    take(&app, &hoodie, 1, &[(1, 5), (2, 2)]).await.expect("taken");
    assert!(findings(&app).await.is_empty());
    let sql = async |sql: &str| app.ctx.db_handle().write.execute_unprepared(sql).await.expect("planted");

    sql("UPDATE preorder_waves SET current_count = 3 WHERE wave_number = 2").await;
    let found = findings(&app).await;
    assert!(found.len() == 2 && found[0].contains("number 2") && found[0].contains("2 seats"), "{found:?}");
    sql("UPDATE preorder_waves SET current_count = 2 WHERE wave_number = 2").await;

    sql("UPDATE products SET current_wave_count = 1").await;
    let found = findings(&app).await;
    assert!(found.len() == 1 && found[0].contains(&hoodie.product.article), "{found:?}");
    sql("UPDATE products SET current_wave_count = 2").await;
    shop::close(app).await;
}
