//! Пакет товаров: итог у каждой строки свой, плохая строка не мешает остальным.

use std::collections::HashSet;

use kernel::http::parse_value;
use kernel::{Actor, Ctx, Error, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QuerySelect};
use serde_json::Value;

use super::create_product::{create_product, create_products};
use super::update_product::update_product;
use crate::events::{Change, ProductChanged};
use crate::models::product;
use crate::normalize;
use crate::schemas::{BulkOut, BulkRow, BulkStatus, ProductIn, ProductPatch, RowField, RowProblem};

/// Что сделать со строкой.
enum Task {
    Create(Box<ProductIn>),
    Update(i64, Box<ProductPatch>),
}

/// Выполняет пакет: новые товары — одной транзакцией, если все удались, остальное — по строке в транзакции.
pub async fn apply_bulk(ctx: &Ctx, actor: &Actor, rows: &[Value]) -> Result<BulkOut> {
    let known = known_articles(ctx.db_fresh(), rows).await?;
    let mut results: Vec<Option<BulkRow>> = Vec::with_capacity(rows.len());
    let mut new: Vec<(usize, ProductIn)> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let done = match plan(row, &known) {
            Err(error) => Some(refused(ctx, index, row, &error)),
            Ok(Task::Update(id, patch)) => Some(update_row(ctx, actor, index, row, id, *patch).await),
            Ok(Task::Create(input)) => {
                new.push((index, *input));
                None
            }
        };
        results.push(done);
    }
    for row in create_rows(ctx, actor, rows, new).await {
        let index = row.index;
        results[index] = Some(row);
    }
    let results: Vec<BulkRow> = results.into_iter().flatten().collect();
    let count = |status| results.iter().filter(|row| row.status == status).count();
    Ok(BulkOut {
        created: count(BulkStatus::Created),
        updated: count(BulkStatus::Updated),
        refused: count(BulkStatus::Refused),
        results,
    })
}

/// Уже заведённые товары: ключ артикула → id.
type Known = std::collections::HashMap<String, i64>;

async fn known_articles(db: &impl ConnectionTrait, rows: &[Value]) -> Result<Known> {
    let keys: HashSet<String> =
        rows.iter().filter_map(article_of).map(|article| normalize::article(&article)).collect();
    let found: Vec<(String, i64)> = product::Entity::find()
        .select_only()
        .columns([product::Column::ArticleKey, product::Column::Id])
        .filter(product::Column::ArticleKey.is_in(keys))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

fn article_of(row: &Value) -> Option<String> {
    row.get("article").and_then(Value::as_str).map(str::to_owned)
}

fn plan(row: &Value, known: &Known) -> Result<Task> {
    let by_article = article_of(row).and_then(|article| known.get(&normalize::article(&article)).copied());
    let by_id = row.get("id").map(|id| id.as_i64().ok_or_else(|| Error::invalid("id", "bad_value"))).transpose()?;
    match (by_id, by_article) {
        (Some(id), _) => Ok(Task::Update(id, Box::new(parse_value(row)?))),
        // Артикул здесь — имя товара, а не изменение.
        (None, Some(id)) => Ok(Task::Update(id, Box::new(ProductPatch { article: None, ..parse_value(row)? }))),
        (None, None) => Ok(Task::Create(Box::new(parse_value(row)?))),
    }
}

async fn update_row(ctx: &Ctx, actor: &Actor, index: usize, row: &Value, id: i64, patch: ProductPatch) -> BulkRow {
    let done = ctx.atomic(actor, async move |work: &mut Work| update_product(work, id, &patch).await).await;
    match done {
        Ok(product) => done_row(index, BulkStatus::Updated, product.id, product.article),
        Err(error) => refused(ctx, index, row, &error),
    }
}

async fn create_rows(ctx: &Ctx, actor: &Actor, rows: &[Value], new: Vec<(usize, ProductIn)>) -> Vec<BulkRow> {
    let inputs: Vec<ProductIn> = new.iter().map(|(_, input)| input.clone()).collect();
    let all = ctx.atomic(actor, async move |work: &mut Work| {
        let ids = create_products(work, inputs.clone()).await?;
        let news = ids.iter().map(|id| ProductChanged { product_id: *id, change: Change::Created });
        work.emit_all(&news.collect::<Vec<_>>()).await?;
        Ok(ids)
    });
    let mut out = Vec::with_capacity(new.len());
    if let Ok(ids) = all.await {
        let done = new.into_iter().zip(ids);
        out.extend(done.map(|((index, input), id)| done_row(index, BulkStatus::Created, id, input.article)));
        return out;
    }
    for (index, input) in new {
        let done = ctx.atomic(actor, async move |work: &mut Work| create_product(work, input.clone()).await).await;
        out.push(match done {
            Ok(product) => done_row(index, BulkStatus::Created, product.id, product.article),
            Err(error) => refused(ctx, index, &rows[index], &error),
        });
    }
    out
}

fn done_row(index: usize, status: BulkStatus, id: i64, article: String) -> BulkRow {
    BulkRow { index, status, id: Some(id), article: Some(article), error: None }
}

fn refused(ctx: &Ctx, index: usize, row: &Value, error: &Error) -> BulkRow {
    let fields = error.fields.iter().map(|f| RowField { field: f.field.clone(), code: f.code.clone() });
    let problem = RowProblem {
        code: error.code.to_owned(),
        detail: ctx.texts().get(ctx.lang(), error.code, &error.args),
        errors: fields.collect(),
    };
    BulkRow { index, status: BulkStatus::Refused, id: None, article: article_of(row), error: Some(problem) }
}
