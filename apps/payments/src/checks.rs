//! Проверка денег для `megashop doctor --money`: столбцы платежа — лишь память о строках истории и возвратов.

use kernel::data::Engine;
use kernel::{Ctx, Money, Result};
use sea_orm::{FromQueryResult, Statement};

#[derive(FromQueryResult)]
struct Wrong {
    id: i64,
    ours: i64,
    rows_sum: i64,
}

/// Первый платёж, у которого не сходится сумма, — по каждой из сумм.
pub async fn sums(ctx: &Ctx) -> Result<Vec<String>> {
    let captured = wrong(ctx, "captured", "payment_events", "CASE WHEN r.kind = 'captured' THEN r.amount ELSE 0 END");
    let kept = "CASE WHEN r.status IN ('pending', 'succeeded') THEN r.amount ELSE 0 END";
    let refunds = wrong(ctx, "refunded", "refunds", kept);
    let promised =
        "CASE WHEN r.kind = 'refund_requested' THEN r.amount WHEN r.kind = 'refund_failed' THEN -r.amount ELSE 0 END";
    let history = wrong(ctx, "refunded", "payment_events", promised);
    let found = [captured.await?, refunds.await?, history.await?];
    Ok(found.into_iter().flatten().collect())
}

/// `column` против суммы `amount` по строкам `table`.
async fn wrong(ctx: &Ctx, column: &str, table: &str, amount: &str) -> Result<Option<String>> {
    let db = ctx.db_fresh();
    let whole = if ctx.db_handle().engine == Engine::MariaDb { "SIGNED" } else { "BIGINT" };
    let sum = format!("COALESCE(SUM({amount}), 0)");
    let sql = format!(
        "SELECT p.id AS id, p.{column} AS ours, CAST({sum} AS {whole}) AS rows_sum FROM payments p \
         LEFT JOIN {table} r ON r.payment_id = p.id GROUP BY p.id, p.{column} HAVING p.{column} <> {sum} \
         ORDER BY p.id LIMIT 1"
    );
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let found = Wrong::find_by_statement(statement).one(db).await?;
    Ok(found.map(|wrong| {
        let (ours, rows) = (Money::minor(wrong.ours), Money::minor(wrong.rows_sum));
        format!("payment {}: {column} is {ours}, but its rows in {table} sum up to {rows}", wrong.id)
    }))
}
