//! Массовая вставка: мало запросов разного вида, и пока база выполняет один, готовится следующий.

use futures::future::join;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DbBackend, DbErr, EntityName, EntityTrait, IdenStatic, Iterable,
    Statement,
};

/// Строк в одном запросе. Запросы бывают только по 1, 2, 4, … строк, поэтому подготовленных мало и все в кэше соединения.
const ROWS: usize = 128;
/// Значений в одном запросе; предел SQLite — 32 766.
const VALUES: usize = 16_000;

/// Вставляет строки, не отдавая их ключей. Заполненные столбцы у всех строк одни и те же.
///
/// Тонкая замена `insert_many`: значения идут в запрос прямо из моделей, без дерева выражений.
pub async fn insert_all<A>(db: &impl ConnectionTrait, rows: Vec<A>) -> Result<(), DbErr>
where
    A: ActiveModelTrait,
{
    let mut rows = Rows { backend: db.get_database_backend(), left: rows.into_iter(), waiting: Vec::new() };
    let mut next = rows.statement()?;
    while let Some(statement) = next {
        // База работает в своём потоке или процессе: дожидаться её без дела незачем.
        let (done, prepared) = join(db.execute_raw(statement), async { rows.statement() }).await;
        done?;
        next = prepared?;
    }
    Ok(())
}

/// Строки на пути в запросы.
struct Rows<A> {
    backend: DbBackend,
    left: std::vec::IntoIter<A>,
    waiting: Vec<A>,
}

impl<A: ActiveModelTrait> Rows<A> {
    /// Следующий запрос; `None` — строк больше нет.
    fn statement(&mut self) -> Result<Option<Statement>, DbErr> {
        let most = (VALUES / <A::Entity as EntityTrait>::Column::iter().count()).clamp(1, ROWS);
        let most = floor_power_of_two(most);
        self.waiting.extend(self.left.by_ref().take(most - self.waiting.len()));
        if self.waiting.is_empty() {
            return Ok(None);
        }
        let rest = self.waiting.split_off(floor_power_of_two(self.waiting.len()));
        insert_statement(self.backend, std::mem::replace(&mut self.waiting, rest)).map(Some)
    }
}

fn floor_power_of_two(number: usize) -> usize {
    1 << number.ilog2()
}

/// `INSERT INTO t (a, b) VALUES (?, ?), (?, ?)`.
fn insert_statement<A: ActiveModelTrait>(backend: DbBackend, rows: Vec<A>) -> Result<Statement, DbErr> {
    let count = rows.len();
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    for (number, mut row) in rows.into_iter().enumerate() {
        for column in <A::Entity as EntityTrait>::Column::iter() {
            if let ActiveValue::Set(value) | ActiveValue::Unchanged(value) = row.take(column) {
                if number == 0 {
                    columns.push(column);
                }
                values.push(value);
            }
        }
        if values.len() != columns.len() * (number + 1) {
            return Err(DbErr::Custom("rows of one insert must fill the same columns".to_owned()));
        }
    }
    let names: Vec<&str> = columns.iter().map(IdenStatic::as_str).collect();
    let sql = insert_sql(backend, A::Entity::default().table_name(), &names, count);
    Ok(Statement::from_sql_and_values(backend, sql, values))
}

/// Вставка стольких строк одним запросом; значения идут построчно.
pub fn insert_sql(backend: DbBackend, table: &str, columns: &[&str], rows: usize) -> String {
    let names: Vec<String> = columns.iter().map(|name| quoted(backend, name)).collect();
    let (table, places) = (quoted(backend, table), places(backend, columns.len(), rows));
    format!("INSERT INTO {table} ({}) VALUES {places}", names.join(", "))
}

/// Имя таблицы или столбца в кавычках движка.
pub fn quoted(backend: DbBackend, name: &str) -> String {
    let mark = if backend == DbBackend::MySql { '`' } else { '"' };
    format!("{mark}{name}{mark}")
}

/// Места значений: `(?, ?), (?, ?)`, на PostgreSQL — с номерами.
fn places(backend: DbBackend, columns: usize, rows: usize) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(rows * columns * 6);
    for place in 0..rows * columns {
        out.push_str(match (place, place % columns) {
            (0, _) => "(",
            (_, 0) => "), (",
            _ => ", ",
        });
        match backend {
            DbBackend::Postgres => {
                // Запись в строку не бывает неудачной.
                let _ = write!(out, "${}", place + 1);
            }
            _ => out.push('?'),
        }
    }
    out.push(')');
    out
}
