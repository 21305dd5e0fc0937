//! Магазин для тестов загрузки и его содержимое в сравнимом виде.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use catalog::models::{attribute_value, category, inventory_item, product, product_media, stock_movement, variant};
use integrations::models::{import_link, import_row, import_run};
use integrations::services::{ImportOptions, OnProgress, Report, import_path};
use kernel::Ctx;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use testkit::TestApp;

pub async fn shop() -> TestApp {
    TestApp::new(vec![catalog::app(), integrations::app()]).await
}

pub fn quiet() -> OnProgress {
    Arc::new(|_| {})
}

pub async fn import(app: &TestApp, path: &Path) -> Report {
    try_import(app, path).await.unwrap()
}

pub async fn try_import(app: &TestApp, path: &Path) -> kernel::Result<Report> {
    import_path(&app.ctx, path, ImportOptions::default(), quiet()).await
}

pub async fn dry_run(app: &TestApp, path: &Path) -> Report {
    let options = ImportOptions { dry_run: true, ..ImportOptions::default() };
    import_path(&app.ctx, path, options, quiet()).await.unwrap()
}

/// Пишет файл в папку магазина и отдаёт путь.
pub fn file(app: &TestApp, name: &str, text: &str) -> PathBuf {
    let path = app.folder().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

pub async fn import_text(app: &TestApp, text: &str) -> Report {
    import(app, &file(app, "import.txt", text)).await
}

pub async fn product(ctx: &Ctx, article: &str) -> product::Model {
    let find = product::Entity::find().filter(product::Column::Article.eq(article));
    find.one(ctx.db_fresh()).await.unwrap().unwrap_or_else(|| panic!("no product {article}"))
}

pub async fn variants(ctx: &Ctx, product: &product::Model) -> Vec<variant::Model> {
    let find = variant::Entity::find().filter(variant::Column::ProductId.eq(product.id));
    find.order_by_asc(variant::Column::Position).all(ctx.db_fresh()).await.unwrap()
}

/// Остаток варианта.
pub async fn on_hand(ctx: &Ctx, variant: &variant::Model) -> i64 {
    let find = inventory_item::Entity::find_by_id(variant.inventory_item_id);
    find.one(ctx.db_fresh()).await.unwrap().unwrap().on_hand
}

pub async fn rows(ctx: &Ctx, run: Option<i64>) -> Vec<import_row::Model> {
    let find = import_row::Entity::find().filter(import_row::Column::RunId.eq(run.unwrap()));
    find.order_by_asc(import_row::Column::Id).all(ctx.db_fresh()).await.unwrap()
}

pub async fn run(ctx: &Ctx, report: &Report) -> import_run::Model {
    import_run::Entity::find_by_id(report.run_id.unwrap()).one(ctx.db_fresh()).await.unwrap().unwrap()
}

pub async fn count_runs(ctx: &Ctx) -> u64 {
    import_run::Entity::find().count(ctx.db_fresh()).await.unwrap()
}

pub async fn movements(ctx: &Ctx) -> Vec<stock_movement::Model> {
    let find = stock_movement::Entity::find().order_by_asc(stock_movement::Column::Id);
    find.all(ctx.db_fresh()).await.unwrap()
}

/// Всё содержимое каталога без наших id и времён: два магазина с одинаковым товаром дают одно и то же.
pub async fn snapshot(ctx: &Ctx) -> Vec<String> {
    let db = ctx.db_fresh();
    let mut lines = Vec::new();
    for row in category::Entity::find().all(db).await.unwrap() {
        lines.push(format!("category {} {}", row.slug, row.is_visible));
    }
    let products = product::Entity::find().all(db).await.unwrap();
    let article = |id: i64| products.iter().find(|p| p.id == id).map(|p| p.article.clone()).unwrap();
    for p in &products {
        lines.push(format!(
            "product {} | {} | {} | {} {:?} | {} {} | {:?} {:?} | {}",
            p.article,
            p.name,
            p.slug,
            p.price,
            p.old_price,
            p.is_active,
            p.is_archived,
            p.weight,
            p.vat_rate,
            p.description
        ));
    }
    let items = inventory_item::Entity::find().all(db).await.unwrap();
    for v in variant::Entity::find().all(db).await.unwrap() {
        let item = items.iter().find(|item| item.id == v.inventory_item_id).unwrap();
        lines.push(format!(
            "variant {} {:?} | {} | {} {:?} {:?} {} | {}",
            article(v.product_id),
            v.variant_key,
            v.title,
            v.options,
            v.price,
            v.barcode,
            v.is_active,
            item.on_hand
        ));
    }
    for m in product_media::Entity::find().all(db).await.unwrap() {
        lines.push(format!("media {} {} {}", article(m.product_id), m.position, m.url));
    }
    for v in attribute_value::Entity::find().all(db).await.unwrap() {
        lines.push(format!("value {} {} {:?}", article(v.product_id), v.value_key, v.text_value));
    }
    for link in import_link::Entity::find().all(db).await.unwrap() {
        lines.push(format!(
            "link {} {:?} {} {:?} {}{}{}",
            link.source, link.entity, link.external_id, link.state, link.digest, link.price_digest, link.stock_digest
        ));
    }
    lines.sort();
    lines
}

/// Сравнивает два магазина и показывает только отличия.
pub fn assert_same(left: &[String], right: &[String]) {
    let only = |a: &[String], b: &[String]| a.iter().filter(|line| !b.contains(line)).cloned().collect::<Vec<_>>();
    assert_eq!(only(left, right), only(right, left));
    assert_eq!(left.len(), right.len());
}
