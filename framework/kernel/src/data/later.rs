//! Вставки, исход которых до фиксации не нужен: копятся и уходят перед ней вместе.
//!
//! PostgreSQL получает их одним запросом (`WITH … AS (INSERT …) INSERT …`): запрос дороже того, что он делает. Остальные движки
//! таких запросов не знают и получают вставки по одной.

use sea_orm::sea_query::{Alias, CommonTableExpression, InsertStatement, WithClause, WithQuery};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityName, EntityTrait, InsertMany, Iterable, QueryTrait};

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

    pub(super) fn push<A: ActiveModelTrait>(&mut self, rows: Vec<A>) {
        if rows.is_empty() {
            return;
        }
        let parameters = rows.len() * <A::Entity as EntityTrait>::Column::iter().count();
        let statement = InsertMany::many(rows).into_query();
        self.inserts.push(Pending { table: table_of::<A>(), parameters, statement });
    }

    /// Выполняет накопленное.
    pub(super) async fn run(&mut self, db: &impl ConnectionTrait, engine: Engine) -> Result<()> {
        let inserts = std::mem::take(&mut self.inserts);
        if engine != Engine::Postgres {
            for pending in inserts {
                db.execute(&pending.statement).await?;
            }
            return Ok(());
        }
        for group in grouped(inserts) {
            match <[InsertStatement; 1]>::try_from(group) {
                Ok([only]) => db.execute(&only).await?,
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

/// Последняя вставка — сам запрос, прочие — его части.
fn together(mut inserts: Vec<InsertStatement>) -> WithQuery {
    let last = inserts.pop().unwrap_or_default();
    let mut with = WithClause::new();
    for (number, insert) in inserts.into_iter().enumerate() {
        with.cte(CommonTableExpression::new().table_name(Alias::new(format!("part{number}"))).query(insert).to_owned());
    }
    last.with(with)
}
