//! Миллион заказов: их размножает сама база из одного настоящего. Столбцы читаются у базы, поэтому новая миграция замера не сломает.

use anyhow::{Context, Result, ensure};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

use crate::catalogue::SIZES;
use crate::customers;
use crate::engine::Kind;
use crate::http::Call;
use crate::shop::{Setup, Shop};

/// Столбец и выражение SQL, чем копии отличаются; `n` — номер копии.
pub type Own<'a> = (&'a str, &'a str);

/// Один настоящий заказ: образец для остальных.
pub async fn place_one(setup: &Setup) -> Result<()> {
    let shop = Shop::serve(setup).await?;
    let mut client = shop.client();
    let token = customers::register(&mut client, 1).await?;
    let product = *customers::product_ids(&mut client, 1).await?.first().context("no products")?;
    let body = customers::order(&[(product, SIZES[0])]);
    client.send(&Call::post("/api/v1/orders/", &body).by(&token)).await?.json()?;
    shop.stop().await
}

/// Чем отличаются копии всегда: номером и ключом.
pub fn keys(kind: Kind) -> [Own<'static>; 2] {
    let token = if kind == Kind::Postgres { "lpad(n::text, 32, '0')" } else { "printf('%032d', n)" };
    [("number", "'B-' || n"), ("access_token", token)]
}

/// Доводит число заказов до `total`.
pub async fn seed(kind: Kind, url: &str, known: usize, total: usize, own: &[Own<'_>]) -> Result<()> {
    ensure!(kind != Kind::Mariadb, "orders are seeded on SQLite and PostgreSQL only");
    let (names, values): (Vec<_>, Vec<_>) = own.iter().copied().unzip();
    let (names, values) = (names.join(", "), values.join(", "));
    match kind {
        Kind::Postgres => {
            let mut db = PgConnection::connect(url).await?;
            let columns = "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'orders'";
            let columns = copied(sqlx::query_as(columns).fetch_all(&mut db).await?, own);
            let sql = format!(
                "INSERT INTO orders ({names}, {columns}) \
                 SELECT {values}, {columns} FROM orders, generate_series({known} + 1, {total}) n \
                 WHERE id = (SELECT min(id) FROM orders)"
            );
            db.execute(AssertSqlSafe(sql)).await?;
            db.execute("VACUUM ANALYZE orders").await?;
        }
        _ => {
            let mut db = SqliteConnection::connect(url).await?;
            let columns = sqlx::query_as("SELECT name FROM pragma_table_info('orders')").fetch_all(&mut db).await?;
            let columns = copied(columns, own);
            let sql = format!(
                "WITH RECURSIVE series(n) AS (SELECT {known} + 1 UNION ALL SELECT n + 1 FROM series WHERE n < {total}) \
                 INSERT INTO orders ({names}, {columns}) \
                 SELECT {values}, {columns} FROM orders, series WHERE id = (SELECT min(id) FROM orders)"
            );
            db.execute(AssertSqlSafe(sql)).await?;
        }
    }
    Ok(())
}

/// Прочие столбцы — как у образца.
fn copied(columns: Vec<(String,)>, own: &[Own<'_>]) -> String {
    let is_own = |name: &str| name == "id" || own.iter().any(|(own, _)| *own == name);
    let names: Vec<String> = columns.into_iter().map(|(name,)| name).filter(|name| !is_own(name)).collect();
    names.join(", ")
}
