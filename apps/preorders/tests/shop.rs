//! Магазин со всем, что ниже волн, и короткие вызовы.

use catalog::factories::Made;
use catalog::models::product::{self, OrderType};
use kernel::{Actor, App, Result, Subject, Work};
use preorders::errors::seats_gone;
use preorders::models::wave;
use preorders::services::{ClaimedLine, claim, release};
use sea_orm::EntityTrait;
use testkit::{Client, TestApp};

pub const WAVES: &str = "/api/v1/preorder-waves/";
pub const PRODUCTS: &str = "/api/v1/products/";

pub fn apps() -> Vec<App> {
    vec![notifications::app(), accounts::app(), catalog::app(), preorders::app()]
}

pub async fn open() -> TestApp {
    TestApp::new(apps()).await
}

/// Сотрудник со всеми правами волн и каталога.
pub async fn manager(app: &TestApp) -> Client {
    let rights = [preorders::permissions::ALL, catalog::permissions::ALL].concat();
    app.anon().bearer(&accounts::factories::staff(&app.ctx, &rights).await.token)
}

pub async fn product_row(app: &TestApp, made: &Made) -> product::Model {
    product::Entity::find_by_id(made.product.id).one(app.ctx.db_fresh()).await.expect("read").expect("product")
}

/// Как продаётся, номер открытой волны и сколько в ней занято.
pub async fn shown(app: &TestApp, made: &Made) -> (OrderType, i64, i64) {
    let row = product_row(app, made).await;
    (row.order_type, row.current_wave, row.current_wave_count)
}

/// Занято по волнам.
pub async fn counts(app: &TestApp, made: &Made) -> Vec<i64> {
    waves(app, made).await.iter().map(|wave| wave.current_count).collect()
}

pub async fn waves(app: &TestApp, made: &Made) -> Vec<wave::Model> {
    preorders::factories::waves(&app.ctx, made.product.id).await
}

pub fn owner(id: i64) -> Subject {
    Subject::new("tests.order", id)
}

/// Занимает места волн товара: пары «номер волны, количество».
pub async fn take(app: &TestApp, made: &Made, id: i64, parts: &[(i32, i64)]) -> Result<()> {
    take_as(app, made, id, None, parts).await
}

/// То же от имени человека.
pub async fn take_as(app: &TestApp, made: &Made, id: i64, user_id: Option<i64>, parts: &[(i32, i64)]) -> Result<()> {
    let all = waves(app, made).await;
    let line = |(number, quantity): &(i32, i64)| ClaimedLine {
        product_id: made.product.id,
        wave_id: all.iter().find(|wave| wave.wave_number == *number).expect("wave").id,
        wave_number: *number,
        line: 1,
        quantity: *quantity,
    };
    let lines: Vec<ClaimedLine> = parts.iter().map(line).collect();
    let claimed = app.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| {
        claim(work, &owner(id), user_id, &lines, seats_gone).await
    });
    claimed.await
}

pub async fn give_back(app: &TestApp, id: i64) {
    let released = app.ctx.atomic(&Actor::System("test"), async move |work: &mut Work| release(work, &owner(id)).await);
    released.await.expect("released");
}

/// Закончить тест: задачи доделать, места сверить.
pub async fn close(app: TestApp) {
    app.run_jobs().await;
    app.close().await;
}
