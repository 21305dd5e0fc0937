//! Что сбрасывает готовые ответы: заказ — только те, где показаны его товары. Чужой процесс изображает UPDATE мимо служб: пока ответ
//! готов, его не видно.

use kernel::{Actor, Subject, Work};
use megashop_catalog::factories::{self, Made};
use megashop_catalog::models::product;
use megashop_catalog::services::stock::{self, StockLine};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};
use testkit::TestApp;

use crate::support::{shop_with, staff};

const LONG: &str = "[cache]\nttl_ms = 600000";

async fn claim(app: &TestApp, made: &Made, quantity: i64) {
    let line = StockLine { inventory_item_id: made.items[0].id, quantity, title: made.product.name.clone() };
    let owner = Subject::new("orders.order", quantity);
    let actor = Actor::System("test");
    let claimed = app
        .ctx
        .atomic(&actor, async move |work: &mut Work| stock::claim(work, &owner, std::slice::from_ref(&line)).await);
    claimed.await.expect("claim");
}

async fn rename_elsewhere(app: &TestApp, made: &Made, name: &str) {
    product::Entity::update_many()
        .col_expr(product::Column::Name, Expr::value(name))
        .filter(product::Column::Id.eq(made.product.id))
        .exec(&app.ctx.db_handle().write)
        .await
        .expect("update");
}

async fn page(app: &TestApp, made: &Made) -> Value {
    app.anon().get(&format!("/api/v1/products/{}", made.product.id)).await.expect(200).json()
}

#[tokio::test]
async fn an_order_refreshes_its_own_products_and_nothing_else() {
    let app = shop_with(LONG).await;
    let sold = factories::product(&app.ctx).stock(5).create().await;
    let other = factories::product(&app.ctx).stock(5).create().await;
    let list = format!("/api/v1/products/?search={}", sold.product.article);
    let foreign = format!("/api/v1/products/?search={}", other.product.article);
    for path in [&list, &foreign] {
        app.anon().get(path).await.expect(200);
    }
    page(&app, &sold).await;
    page(&app, &other).await;
    rename_elsewhere(&app, &other, "Невидимка").await;
    claim(&app, &sold, 2).await;
    assert_eq!(page(&app, &sold).await["stock_count"], 3);
    assert_eq!(app.anon().get(&list).await.json()["products"][0]["stock_count"], 3);
    assert_ne!(page(&app, &other).await["name"], "Невидимка", "the answer about another product is still ready");
    assert_ne!(app.anon().get(&foreign).await.json()["products"][0]["name"], "Невидимка");
    app.close().await;
}

#[tokio::test]
async fn the_last_piece_and_the_staff_refresh_everything() {
    let app = shop_with(LONG).await;
    let sold = factories::product(&app.ctx).stock(2).create().await;
    let other = factories::product(&app.ctx).stock(5).create().await;
    let in_stock = async || app.anon().get("/api/v1/products/?in_stock=true").await.json()["total"].clone();
    let facet = async || app.anon().get("/api/v1/products/facets").await.json()["in_stock"].clone();
    assert_eq!((in_stock().await, facet().await), (json!(2), json!(2)));
    claim(&app, &sold, 2).await;
    assert_eq!((in_stock().await, facet().await), (json!(1), json!(1)));

    page(&app, &other).await;
    rename_elsewhere(&app, &other, "Видимка").await;
    let path = format!("/api/v1/products/{}", sold.product.id);
    staff(&app).patch(&path, json!({"stock_count": 7})).await.expect(200);
    assert_eq!(page(&app, &sold).await["stock_count"], 7);
    assert_eq!(in_stock().await, 2);
    assert_eq!(page(&app, &other).await["name"], "Видимка");
    app.close().await;
}
