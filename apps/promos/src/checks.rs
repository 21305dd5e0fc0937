//! Проверки `megashop doctor --money`: счётчики — лишь память о строках использований.

use kernel::{Ctx, Result};
use sea_orm::{FromQueryResult, Statement};

#[derive(FromQueryResult)]
struct Wrong {
    promo_id: i64,
    who: String,
    ours: i64,
    held: i64,
}

/// Первый код, у которого счётчик не равен числу занятых использований.
pub async fn uses(ctx: &Ctx) -> Result<Vec<String>> {
    let sql = "SELECT p.id AS promo_id, p.code AS who, p.current_uses AS ours, COUNT(u.id) AS held FROM promo_codes p \
        LEFT JOIN promo_uses u ON u.promo_id = p.id AND u.state = 'held' GROUP BY p.id, p.code, p.current_uses \
        HAVING p.current_uses <> COUNT(u.id) ORDER BY p.id LIMIT 1";
    let found = first(ctx, sql).await?;
    Ok(found
        .map(|w| format!("promo code {} ({}): counted {} uses, but {} are held", w.promo_id, w.who, w.ours, w.held))
        .into_iter()
        .collect())
}

/// Первый покупатель, у которого счётчик не равен числу его занятых использований: по каждой примете.
pub async fn customers(ctx: &Ctx) -> Result<Vec<String>> {
    let sql = "SELECT c.promo_id AS promo_id, c.customer AS who, c.uses AS ours, COALESCE(h.held, 0) AS held \
        FROM promo_customers c LEFT JOIN (SELECT m.promo_id AS promo_id, m.customer AS customer, COUNT(*) AS held FROM (\
        SELECT promo_id, CONCAT('user:', user_id) AS customer FROM promo_uses WHERE state = 'held' AND user_id IS NOT NULL \
        UNION ALL SELECT promo_id, phone_key FROM promo_uses WHERE state = 'held' AND phone_key IS NOT NULL \
        UNION ALL SELECT promo_id, email_key FROM promo_uses WHERE state = 'held' AND email_key IS NOT NULL) m \
        GROUP BY m.promo_id, m.customer) h ON h.promo_id = c.promo_id AND h.customer = c.customer \
        WHERE c.uses <> COALESCE(h.held, 0) ORDER BY c.promo_id, c.customer LIMIT 1";
    let found = first(ctx, sql).await?;
    Ok(found
        .map(|w| format!("promo code {}: {} is counted {} uses, but holds {}", w.promo_id, w.who, w.ours, w.held))
        .into_iter()
        .collect())
}

async fn first(ctx: &Ctx, sql: &str) -> Result<Option<Wrong>> {
    let db = ctx.db_fresh();
    Ok(Wrong::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).one(db).await?)
}
