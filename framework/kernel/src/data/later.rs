//! Запросы, исход которых до фиксации не нужен: копятся и уходят перед ней вместе.
//!
//! Запрос дороже того, что он делает, поэтому PostgreSQL получает их одним (`WITH … AS (INSERT …), … AS (UPDATE …) …`), а SQLite свои вставки —
//! одной строкой операторов через точку с запятой. MariaDB ни того, ни другого не умеет и получает их по одному.

use futures::future::BoxFuture;
use sea_orm::sea_query::{
    Alias, CommonTableExpression, Expr, InsertStatement, OnConflict, Query, ReturningClause, SelectStatement,
    UpdateStatement, WithClause, WithQuery,
};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, EntityName, EntityTrait, InsertMany, Iterable, QueryTrait, Statement, Values,
};

use super::{Engine, Work};
use crate::Result;

/// Параметров в одном запросе; предел PostgreSQL — 65 535.
const MAX_PARAMETERS: usize = 30_000;

/// Условный `UPDATE` не нашёл своей строки: сказать, почему, или сделать дело иначе.
pub type OnMiss = Box<dyn for<'a> FnOnce(&'a mut Work) -> BoxFuture<'a, Result<()>> + Send + Sync>;

/// Накопленное.
#[derive(Default)]
pub(super) struct Later {
    guards: Vec<Guard>,
    inserts: Vec<Pending>,
}

/// `UPDATE` с границей в `WHERE`, который должен задеть ровно одну строку.
struct Guard {
    row: (&'static str, i64),
    update: UpdateStatement,
    on_miss: OnMiss,
}

struct Pending {
    table: &'static str,
    parameters: usize,
    statement: InsertStatement,
}

impl Later {
    pub(super) fn is_empty(&self) -> bool {
        self.guards.is_empty() && self.inserts.is_empty()
    }

    /// Ждёт ли уже вставка в эту таблицу: порядок её частей в одном запросе не обещан.
    pub(super) fn has<A: ActiveModelTrait>(&self) -> bool {
        self.inserts.iter().any(|pending| pending.table == table_of::<A>())
    }

    /// Ждёт ли уже перемена этой строки: дважды в одном запросе PostgreSQL её не переменит.
    pub(super) fn has_guard(&self, row: (&'static str, i64)) -> bool {
        self.guards.iter().any(|guard| guard.row == row)
    }

    pub(super) fn push<A: ActiveModelTrait>(&mut self, rows: Vec<A>, on_conflict: Option<OnConflict>) {
        if rows.is_empty() {
            return;
        }
        let parameters = rows.len() * <A::Entity as EntityTrait>::Column::iter().count();
        let mut statement = InsertMany::many(rows).into_query();
        if let Some(on_conflict) = on_conflict {
            statement.on_conflict(on_conflict);
        }
        self.inserts.push(Pending { table: table_of::<A>(), parameters, statement });
    }

    pub(super) fn guard(&mut self, row: (&'static str, i64), update: UpdateStatement, on_miss: OnMiss) {
        self.guards.push(Guard { row, update, on_miss });
    }

    /// Выполняет накопленное; отвечает промахнувшимися.
    pub(super) async fn run(&mut self, db: &impl ConnectionTrait, engine: Engine) -> Result<Vec<OnMiss>> {
        let (guards, inserts) = (std::mem::take(&mut self.guards), std::mem::take(&mut self.inserts));
        let mut groups = grouped(inserts);
        let missed = match engine {
            Engine::Postgres if !guards.is_empty() => {
                let first = if groups.is_empty() { Vec::new() } else { groups.remove(0) };
                guarded_together(db, guards, first).await?
            }
            _ => guarded_by_one(db, guards).await?,
        };
        for group in groups {
            insert_group(db, engine, group).await?;
        }
        Ok(missed)
    }
}

fn table_of<A: ActiveModelTrait>() -> &'static str {
    A::Entity::default().table_name()
}

/// По стольку, чтобы хватило параметров.
fn grouped(inserts: Vec<Pending>) -> Vec<Vec<InsertStatement>> {
    let mut groups: Vec<Vec<InsertStatement>> = Vec::new();
    let mut room = 0;
    for pending in inserts {
        match groups.last_mut() {
            Some(group) if room >= pending.parameters => {
                room -= pending.parameters;
                group.push(pending.statement);
            }
            _ => {
                room = MAX_PARAMETERS.saturating_sub(pending.parameters);
                groups.push(vec![pending.statement]);
            }
        }
    }
    groups
}

async fn guarded_by_one(db: &impl ConnectionTrait, guards: Vec<Guard>) -> Result<Vec<OnMiss>> {
    let mut missed = Vec::new();
    for guard in guards {
        if db.execute(&guard.update).await?.rows_affected() == 0 {
            missed.push(guard.on_miss);
        }
    }
    Ok(missed)
}

/// Перемены и вставки одним запросом. Ответ — задел ли каждый `UPDATE` свою строку; PostgreSQL выполняет их в порядке вопросов.
async fn guarded_together(
    db: &impl ConnectionTrait,
    guards: Vec<Guard>,
    inserts: Vec<InsertStatement>,
) -> Result<Vec<OnMiss>> {
    let (mut with, mut answer) = (WithClause::new(), Query::select());
    let (mut on_miss, mut updates) = (Vec::with_capacity(guards.len()), Vec::with_capacity(guards.len()));
    for guard in guards {
        on_miss.push(guard.on_miss);
        updates.push(guard.update);
    }
    for (number, mut update) in updates.into_iter().enumerate() {
        let name = format!("guard{number}");
        update.returning(one());
        answer.expr(count_of(&name));
        with.cte(CommonTableExpression::new().table_name(Alias::new(name)).query(update).to_owned());
    }
    add_parts(&mut with, inserts);
    let row = db.query_one(&answer.to_owned().with(with)).await?;
    let mut missed = Vec::new();
    for (number, on_miss) in on_miss.into_iter().enumerate() {
        let hits: i64 = row.as_ref().map_or(Ok(0), |row| row.try_get_by_index(number))?;
        if hits == 0 {
            missed.push(on_miss);
        }
    }
    Ok(missed)
}

fn one() -> ReturningClause {
    Query::returning().exprs([Expr::value(1)])
}

fn count_of(name: &str) -> Expr {
    let rows: SelectStatement =
        Query::select().expr(Expr::cust("COUNT(*)")).from(Alias::new(name.to_owned())).to_owned();
    Expr::SubQuery(None, Box::new(rows.into()))
}

async fn insert_group(db: &impl ConnectionTrait, engine: Engine, group: Vec<InsertStatement>) -> Result<()> {
    match <[InsertStatement; 1]>::try_from(group) {
        Ok([only]) => {
            db.execute(&only).await?;
        }
        Err(group) => match engine {
            Engine::Postgres => {
                db.execute(&together(group)).await?;
            }
            Engine::Sqlite => {
                db.execute_raw(in_a_row(db, &group)).await?;
            }
            Engine::MariaDb => {
                for insert in group {
                    db.execute(&insert).await?;
                }
            }
        },
    }
    Ok(())
}

/// Операторы подряд; их параметры sqlx раздаёт по порядку.
fn in_a_row(db: &impl ConnectionTrait, inserts: &[InsertStatement]) -> Statement {
    let backend = db.get_database_backend();
    let (mut sql, mut values) = (Vec::with_capacity(inserts.len()), Vec::new());
    for insert in inserts {
        let part = backend.build(insert);
        sql.push(part.sql);
        values.extend(part.values.map(|Values(values)| values).unwrap_or_default());
    }
    Statement::from_sql_and_values(backend, sql.join("; "), values)
}

/// Последняя вставка — сам запрос, прочие — его части.
fn together(mut inserts: Vec<InsertStatement>) -> WithQuery {
    let last = inserts.pop().unwrap_or_default();
    let mut with = WithClause::new();
    add_parts(&mut with, inserts);
    last.with(with)
}

fn add_parts(with: &mut WithClause, inserts: Vec<InsertStatement>) {
    for (number, insert) in inserts.into_iter().enumerate() {
        with.cte(CommonTableExpression::new().table_name(Alias::new(format!("part{number}"))).query(insert).to_owned());
    }
}
