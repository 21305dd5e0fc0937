//! Номера строк впрок: PostgreSQL раздаёт их вне транзакций, поэтому их берут пачкой, и вставка не ждёт ответа с номером.
//!
//! Годится таблицам, у которых порядок номеров между процессами ничего не значит (строки заказа, сообщения): пачка одного процесса
//! бывает старше уже записанного другим. Оборванный процесс оставляет в нумерации дыру.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::Result;

/// Номеров в пачке.
const BLOCK: i64 = 100;

/// Взятое и ещё не розданное, по таблицам.
#[derive(Default)]
pub(crate) struct Ids {
    taken: Mutex<HashMap<&'static str, VecDeque<i64>>>,
}

impl Ids {
    /// `count` номеров таблицы `table` (столбец `id`), по возрастанию. Только PostgreSQL.
    pub(super) async fn take(&self, db: &impl ConnectionTrait, table: &'static str, count: usize) -> Result<Vec<i64>> {
        if let Some(ready) = self.ready(table, count) {
            return Ok(ready);
        }
        let sql = "SELECT nextval(pg_get_serial_sequence($1, 'id')) FROM generate_series(1, $2)";
        let wanted = BLOCK.max(i64::try_from(count).unwrap_or(BLOCK));
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [table.into(), wanted.into()]);
        let rows = db.query_all_raw(statement).await?;
        let mut fresh = rows.iter().map(|row| row.try_get_by_index::<i64>(0)).collect::<Result<VecDeque<_>, _>>()?;
        // Остаток прежней пачки пропадает: номера одного вызова идут по возрастанию.
        let own = fresh.drain(..count).collect();
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(table, fresh);
        Ok(own)
    }

    fn ready(&self, table: &'static str, count: usize) -> Option<Vec<i64>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let block = taken.get_mut(table).filter(|block| block.len() >= count)?;
        Some(block.drain(..count).collect())
    }
}
