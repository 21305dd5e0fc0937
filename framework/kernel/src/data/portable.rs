//! Мелочи, без которых один запрос не работает на трёх движках.

use sea_orm::sea_query::{Alias, ExprTrait, Func, SimpleExpr};

use super::Engine;

/// `SUM(x)` как i64: PostgreSQL и MariaDB иначе отдают NUMERIC.
pub fn sum_i64(engine: Engine, expr: impl Into<SimpleExpr>) -> SimpleExpr {
    let kind = if engine == Engine::MariaDb { "SIGNED" } else { "BIGINT" };
    let sum: SimpleExpr = Func::sum(expr).into();
    Func::coalesce([sum, 0.into()]).cast_as(Alias::new(kind))
}

/// Режет строки для массовой вставки так, чтобы параметров хватило любому движку (предел SQLite — 32 766).
pub fn chunks<T>(rows: Vec<T>, columns: usize) -> Vec<Vec<T>> {
    let size = (30_000 / columns.max(1)).clamp(1, 1_000);
    let mut out = Vec::new();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        out.push(rows.by_ref().take(size).collect());
    }
    out
}

/// Значений в одном `IN (…)`.
const IN_LIST: usize = 512;

/// Режет список для `IN (…)`; хвост дополняется повторами последнего значения до степени двойки: запросов разного вида
/// мало, и кэш подготовленных запросов не разрастается.
pub fn in_lists<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    let padded = |chunk: &[T]| {
        let mut list = chunk.to_vec();
        if let Some(last) = chunk.last() {
            list.resize(chunk.len().next_power_of_two(), last.clone());
        }
        list
    };
    items.chunks(IN_LIST).map(padded).collect()
}
