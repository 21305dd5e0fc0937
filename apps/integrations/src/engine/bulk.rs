//! Массовые запросы. Размеры кусков — степени двойки: запросов разного вида мало, и кэш подготовленных
//! запросов не разрастается.

use kernel::{Result, Work};
use sea_orm::{ActiveModelTrait, Insert};

/// Значений в одном `IN (…)`.
const IN_LIST: usize = 512;
/// Параметров в одной вставке; предел SQLite — 32 766.
const PARAMETERS: usize = 16_000;

/// Режет список для `IN (…)`; хвост дополняется повторами последнего значения до степени двойки.
pub fn in_lists<T: Clone>(items: &[T]) -> impl Iterator<Item = Vec<T>> {
    items.chunks(IN_LIST).map(|chunk| {
        let mut list = chunk.to_vec();
        if let Some(last) = chunk.last() {
            list.resize(chunk.len().next_power_of_two(), last.clone());
        }
        list
    })
}

/// Вставляет строки кусками по 1, 2, 4, … строк.
pub async fn insert<A>(work: &Work, mut rows: Vec<A>, columns: usize) -> Result<()>
where
    A: ActiveModelTrait,
{
    let most = (PARAMETERS / columns.max(1)).clamp(1, 512);
    while !rows.is_empty() {
        let size = rows.len().min(most);
        let size = if size.is_power_of_two() { size } else { size.next_power_of_two() / 2 };
        let rest = rows.split_off(size);
        Insert::many(rows).exec_without_returning(work.db()).await?;
        rows = rest;
    }
    Ok(())
}
