//! Просмотр актива голыми axum и sqlx: те же операторы, что у магазина на `POST /view/` без кампанейских пределов, — чтение сеанса,
//! кампании и активов до транзакции, потом замок сеанса, виденное, строка виденного, очки и журнал одной транзакцией.

use std::time::Duration;

use anyhow::Result;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, Row, SqlitePool};
use uuid::Uuid;

use crate::machine;

const POINTS: i64 = 10;

#[derive(Deserialize)]
struct View {
    session_id: Uuid,
    asset_slug: String,
}

#[derive(Serialize)]
struct Seen {
    session_id: Uuid,
    asset_slug: String,
    awarded_points: i64,
    session_score: i64,
}

/// Обработчик одной базы; тело у обеих одно, разнятся начало транзакции и замок.
macro_rules! handler {
    ($module:ident, $pool:ty, $begin:ident, $lock:literal) => {
        mod $module {
            use super::*;

            pub type Pools = ($pool, $pool);

            pub async fn view(State(pools): State<Pools>, Json(view): Json<View>) -> Result<Json<Seen>, StatusCode> {
                seen(&pools, view).await.map(Json).map_err(|error| {
                    eprintln!("{error}");
                    StatusCode::INTERNAL_SERVER_ERROR
                })
            }

            async fn seen((read, write): &Pools, view: View) -> sqlx::Result<Seen> {
                let now: NaiveDateTime = machine::now();
                let session = sqlx::query("SELECT * FROM campaign_sessions WHERE id = $1").bind(view.session_id);
                let campaign: i64 = session.fetch_one(read).await?.try_get("campaign_id")?;
                let found = sqlx::query("SELECT * FROM campaigns WHERE id = $1").bind(campaign).fetch_one(read).await?;
                let pool: i64 = found.try_get("pool_id")?;
                let assets = sqlx::query(
                    "SELECT * FROM campaign_assets WHERE pool_id = $1 AND is_active = TRUE ORDER BY position ASC, id ASC",
                );
                let assets = assets.bind(pool).fetch_all(read).await?;
                let own = assets.iter().find(|row| row.try_get::<&str, _>("slug").is_ok_and(|slug| slug == view.asset_slug));
                let asset: i64 = own.ok_or(sqlx::Error::RowNotFound)?.try_get("id")?;

                let mut tx = $begin(write).await?;
                sqlx::query($lock).bind(view.session_id).fetch_one(&mut *tx).await?;
                let viewed = sqlx::query_scalar("SELECT asset_id FROM campaign_progress WHERE session_id = $1");
                let viewed: Vec<i64> = viewed.bind(view.session_id).fetch_all(&mut *tx).await?;
                let is_first = !viewed.contains(&asset);
                let score = (viewed.len() as i64 + i64::from(is_first)) * POINTS;
                let counted = match is_first {
                    true => sqlx::query(
                        "INSERT INTO campaign_progress (session_id, asset_id, viewed_at, times_viewed) VALUES ($1, $2, $3, 1)",
                    )
                    .bind(view.session_id)
                    .bind(asset)
                    .bind(now),
                    false => sqlx::query(
                        "UPDATE campaign_progress SET times_viewed = times_viewed + 1 WHERE session_id = $1 AND asset_id = $2",
                    )
                    .bind(view.session_id)
                    .bind(asset),
                };
                counted.execute(&mut *tx).await?;
                sqlx::query("UPDATE campaign_sessions SET score = $1, last_seen = $2, last_view_at = $2 WHERE id = $3")
                    .bind(score)
                    .bind(now)
                    .bind(view.session_id)
                    .execute(&mut *tx)
                    .await?;
                let journal = match is_first {
                    true => {
                        "INSERT INTO campaign_view_events \
                         (campaign_id, session_id, asset_id, event_type, occurred_at, raw_payload, processed) \
                         VALUES ($1, $2, $3, 'viewed_asset', $4, $5, TRUE), ($1, $2, $3, 'first_view_awarded', $4, $5, TRUE)"
                    }
                    false => {
                        "INSERT INTO campaign_view_events \
                         (campaign_id, session_id, asset_id, event_type, occurred_at, raw_payload, processed) \
                         VALUES ($1, $2, $3, 'viewed_asset', $4, $5, TRUE)"
                    }
                };
                sqlx::query(journal)
                    .bind(campaign)
                    .bind(view.session_id)
                    .bind(asset)
                    .bind(now)
                    .bind(format!("{{\"asset_slug\":\"{}\"}}", view.asset_slug))
                    .execute(&mut *tx)
                    .await?;
                tx.commit().await?;
                let points = if is_first { POINTS } else { 0 };
                Ok(Seen {
                    session_id: view.session_id,
                    asset_slug: view.asset_slug,
                    awarded_points: points,
                    session_score: score,
                })
            }
        }
    };
}
handler!(sqlite, SqlitePool, begin_sqlite, "SELECT * FROM campaign_sessions WHERE id = $1");
handler!(postgres, PgPool, begin_postgres, "SELECT * FROM campaign_sessions WHERE id = $1 FOR UPDATE");

async fn begin_sqlite(pool: &SqlitePool) -> sqlx::Result<sqlx::Transaction<'static, sqlx::Sqlite>> {
    pool.begin_with("BEGIN IMMEDIATE").await
}

async fn begin_postgres(pool: &PgPool) -> sqlx::Result<sqlx::Transaction<'static, sqlx::Postgres>> {
    pool.begin().await
}

pub async fn router(url: &str) -> Result<Router> {
    if url.starts_with("sqlite:") {
        // Один писатель и те же прагмы, что у магазина.
        let options: SqliteConnectOptions = url.parse()?;
        let options = options
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .pragma("cache_size", "-8000")
            .pragma("mmap_size", "268435456");
        let read = SqlitePoolOptions::new().max_connections(8).connect_with(options.clone()).await?;
        let write = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        return Ok(Router::new().route("/view/", post(sqlite::view)).with_state((read, write)));
    }
    let pool = PgPoolOptions::new().max_connections(16).connect(url).await?;
    Ok(Router::new().route("/view/", post(postgres::view)).with_state((pool.clone(), pool)))
}
