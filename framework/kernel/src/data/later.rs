//! Вставки, исход которых до фиксации не нужен: копятся и уходят перед ней вместе.
//!
//! Запрос дороже того, что он делает, поэтому PostgreSQL получает их одним (`WITH … AS (INSERT …) INSERT …`), а SQLite — одной строкой
//! операторов через точку с запятой. MariaDB ни того, ни другого не умеет и получает вставки по одной.

use sea_orm::sea_query::{Alias, CommonTableExpression, InsertStatement, OnConflict, WithClause, WithQuery};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, EntityName, EntityTrait, InsertMany, Iterable, QueryTrait, Statement, Values,
};

use super::Engine;
use crate::Result;

/// Параметров в одном запросе; предел PostgreSQL — 65 535.
const MAX_PARAMETERS: usize = 30_000;

/// Накопленное.
#[derive(Default)]
pub(super) struct Later {
    inserts: Vec<Pending>,
}

struct Pending {
    table: &'static str,
    parameters: usize,
    statement: InsertStatement,
}

impl Later {
    /// Ждёт ли уже вставка в эту таблицу: порядок её частей в одном запросе не обещан.
    pub(super) fn has<A: ActiveModelTrait>(&self) -> bool {
        self.inserts.iter().any(|pending| pending.table == table_of::<A>())
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

    /// Выполняет накопленное.
    pub(super) async fn run(&mut self, db: &impl ConnectionTrait, engine: Engine) -> Result<()> {
        let inserts = std::mem::take(&mut self.inserts);
        if engine == Engine::MariaDb {
            for pending in inserts {
                db.execute(&pending.statement).await?;
            }
            return Ok(());
        }
        for group in grouped(inserts) {
            match <[InsertStatement; 1]>::try_from(group) {
                Ok([only]) => db.execute(&only).await?,
                Err(group) if engine == Engine::Sqlite => db.execute_raw(in_a_row(db, &group)).await?,
                Err(group) => db.execute(&together(group)).await?,
            };
        }
        Ok(())
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
    for (number, insert) in inserts.into_iter().enumerate() {
        with.cte(CommonTableExpression::new().table_name(Alias::new(format!("part{number}"))).query(insert).to_owned());
    }
    last.with(with)
}
