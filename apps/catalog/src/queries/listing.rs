//! Страница списка товаров.
//!
//! Порядок берётся из индекса `(is_active, поле, id)` или `(category_id, is_active, поле, id)`. Когда разделов или значений
//! `is_active` несколько, каждый даёт свои первые строки, и из них выбирается страница: время не зависит от числа товаров.

use kernel::http::{Cursor, Paging};
use kernel::{Ctx, Error, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Asterisk, Expr, Func, Order, Query, SelectStatement, UnionType};
use sea_orm::{Condition, ConnectionTrait, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::product_out::outs;
use super::scope::{Except, Scope};
use crate::models::product;
use crate::models::product::Column as Product;
use crate::schemas::{ProductList, Sort};

/// Больше ветвей — обычный запрос: слияние сотен подзапросов дороже сортировки.
const MAX_BRANCHES: usize = 40;
/// До стольких строк счёт точен; дальше он бывает старше на минуту.
const EXACT_TOTAL: u64 = 1000;

/// Где остановилась прошлая страница.
#[derive(Debug, Serialize, Deserialize)]
struct Edge {
    sort: Sort,
    value: serde_json::Value,
    id: i64,
}

/// Список для ответа: страница, счёт, указатель дальше.
pub async fn list_products(ctx: &Ctx, scope: &Scope, sort: Sort, paging: &Paging, key: &str) -> Result<ProductList> {
    let db = ctx.db();
    let (rows, next) = find_page(db, scope, sort, paging).await?;
    let total = match known_total(paging, rows.len(), next.is_some()) {
        Some(total) => total,
        None => count(ctx, scope, key).await?,
    };
    let products = outs(db, rows, scope.viewer).await?;
    Ok(ProductList { products, total, page: paging.page(), page_size: paging.limit, next_cursor: next })
}

/// Последняя непустая страница сама говорит, сколько всего.
fn known_total(paging: &Paging, rows: usize, more: bool) -> Option<u64> {
    let complete = paging.cursor.is_none() && !more && (rows > 0 || paging.offset == 0);
    complete.then_some(paging.offset + rows as u64)
}

/// Товары страницы и указатель на следующую.
pub async fn find_page(
    db: &impl ConnectionTrait,
    scope: &Scope,
    sort: Sort,
    paging: &Paging,
) -> Result<(Vec<product::Model>, Option<String>)> {
    let flags = scope.active_flags();
    if flags.is_empty() || scope.categories.as_ref().is_some_and(Vec::is_empty) {
        return Ok((Vec::new(), None));
    }
    let edge = paging.cursor.as_ref().map(|cursor| edge_of(cursor, sort)).transpose()?;
    let offset = if edge.is_some() { 0 } else { paging.offset };
    let details = scope.details(Except::Nothing).add_option(edge);
    let take = paging.limit + 1;
    let find = match branches(scope, &flags) {
        Some(branches) => {
            product::Entity::find().filter(Product::Id.in_subquery(union(branches, &details, sort, offset + take)))
        }
        None => product::Entity::find().filter(scope.condition(Except::Nothing)).filter(details),
    };
    let mut rows = ordered(find, sort).offset(offset).limit(take).all(db).await?;
    let more = rows.len() as u64 > paging.limit;
    rows.truncate(paging.limit as usize);
    let next = match rows.last().filter(|_| more) {
        Some(last) => Some(encode(&Edge { sort, value: value_of(last, sort), id: last.id })?),
        None => None,
    };
    Ok((rows, next))
}

/// Условия ветвей, если их больше одной и не слишком много.
fn branches(scope: &Scope, flags: &[bool]) -> Option<Vec<Condition>> {
    let categories = scope.categories.as_deref().unwrap_or_default();
    let count = flags.len() * categories.len().max(1);
    if !(2..=MAX_BRANCHES).contains(&count) {
        return None;
    }
    let mut out = Vec::with_capacity(count);
    for flag in flags {
        let active = Condition::all().add(Product::IsActive.eq(*flag));
        match scope.categories.is_some() {
            true => out.extend(categories.iter().map(|id| active.clone().add(Product::CategoryId.eq(*id)))),
            false => out.push(active),
        }
    }
    Some(out)
}

/// `SELECT id FROM (первые строки ветви) UNION ALL …`.
fn union(branches: Vec<Condition>, details: &Condition, sort: Sort, take: u64) -> SelectStatement {
    let mut parts = branches.into_iter().enumerate().map(|(number, branch)| {
        let find = product::Entity::find().select_only().column(Product::Id).filter(branch).filter(details.clone());
        let first = ordered(find, sort).limit(take).into_query();
        Query::select().column(Product::Id).from_subquery(first, Alias::new(format!("branch{number}"))).to_owned()
    });
    let mut all = parts.next().unwrap_or_default();
    for part in parts {
        all.union(UnionType::All, part);
    }
    all
}

fn ordered(find: Select<product::Entity>, sort: Sort) -> Select<product::Entity> {
    let (column, order) = order_of(sort);
    find.order_by(column, order.clone()).order_by(Product::Id, order)
}

fn order_of(sort: Sort) -> (Product, Order) {
    match sort {
        Sort::Priority => (Product::Priority, Order::Desc),
        Sort::Price => (Product::Price, Order::Asc),
        Sort::PriceDown => (Product::Price, Order::Desc),
        Sort::Name => (Product::NameKey, Order::Asc),
        Sort::NameDown => (Product::NameKey, Order::Desc),
        Sort::Created => (Product::CreatedAt, Order::Asc),
        Sort::CreatedDown => (Product::CreatedAt, Order::Desc),
        Sort::Popularity => (Product::Popularity, Order::Desc),
    }
}

fn value_of(row: &product::Model, sort: Sort) -> serde_json::Value {
    match order_of(sort).0 {
        Product::Price => row.price.to_minor().into(),
        Product::NameKey => row.name_key.clone().into(),
        Product::CreatedAt => row.created_at.and_utc().timestamp_micros().into(),
        Product::Popularity => row.popularity.into(),
        _ => row.priority.into(),
    }
}

/// «После этой строки»: граница по полю отдельно, чтобы база взяла её из индекса.
fn edge_of(cursor: &Cursor, sort: Sort) -> Result<Condition> {
    let broken = || Error::invalid("cursor", "request.bad_cursor");
    let edge: Edge = cursor.decode()?;
    if edge.sort != sort {
        return Err(broken());
    }
    let (column, order) = order_of(sort);
    let value: sea_orm::Value = match column {
        Product::NameKey => edge.value.as_str().ok_or_else(broken)?.into(),
        Product::CreatedAt => {
            let micros = edge.value.as_i64().ok_or_else(broken)?;
            chrono::DateTime::from_timestamp_micros(micros).ok_or_else(broken)?.naive_utc().into()
        }
        _ => edge.value.as_i64().ok_or_else(broken)?.into(),
    };
    let (near, far, next) = match order {
        Order::Asc => (column.gte(value.clone()), column.gt(value), Product::Id.gt(edge.id)),
        _ => (column.lte(value.clone()), column.lt(value), Product::Id.lt(edge.id)),
    };
    Ok(Condition::all().add(near).add(Condition::any().add(far).add(next)))
}

fn encode(edge: &Edge) -> Result<String> {
    Cursor::encode(edge)
}

/// Сколько всего. Короткий счёт точен. Длинный помнит процесс: список не ждёт, пока пересчитают миллион строк.
async fn count(ctx: &Ctx, scope: &Scope, key: &str) -> Result<u64> {
    let counts = Counts::of(ctx);
    if let Some(known) = counts.get(key) {
        if known.renew {
            tokio::spawn(renew_count(ctx.clone(), count_query(scope, None), key.to_owned()));
        }
        return Ok(known.total);
    }
    let short = count_rows(ctx.db(), scope, Some(EXACT_TOTAL + 1)).await?;
    if short <= EXACT_TOTAL {
        return Ok(short);
    }
    let total = count_rows(ctx.db(), scope, None).await?;
    counts.keep(key.to_owned(), total);
    Ok(total)
}

/// Пересчитывает в стороне. Счёт стал коротким или не удался — забывается, и следующий список посчитает сам.
async fn renew_count(ctx: Ctx, find: SelectStatement, key: String) {
    match run_count(ctx.db(), &find).await {
        Ok(total) if total > EXACT_TOTAL => Counts::of(&ctx).keep(key, total),
        Ok(_) => Counts::of(&ctx).forget(&key),
        Err(error) => {
            tracing::warn!(%error, "the total is not renewed");
            Counts::of(&ctx).forget(&key);
        }
    }
}

/// Число строк отбора, не больше `limit`.
pub(super) async fn count_rows(db: &impl ConnectionTrait, scope: &Scope, limit: Option<u64>) -> Result<u64> {
    run_count(db, &count_query(scope, limit)).await
}

fn count_query(scope: &Scope, limit: Option<u64>) -> SelectStatement {
    let find = product::Entity::find().select_only().expr(Expr::val(1)).filter(scope.condition(Except::Nothing));
    let mut inner = find.into_query();
    if let Some(limit) = limit {
        inner.limit(limit);
    }
    Query::select()
        .expr_as(Func::count(Expr::col(Asterisk)), Alias::new("n"))
        .from_subquery(inner, Alias::new("counted"))
        .to_owned()
}

async fn run_count(db: &impl ConnectionTrait, find: &SelectStatement) -> Result<u64> {
    let row = db.query_one(find).await?;
    let count: i64 = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0);
    Ok(count.unsigned_abs())
}
