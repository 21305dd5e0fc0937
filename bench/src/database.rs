//! Что в базе на самом деле: своими запросами, не через магазин.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection, SqliteConnection};

use crate::engine::Kind;
use crate::machine;

/// База магазина.
#[derive(Clone, Debug)]
pub struct Database {
    pub kind: Kind,
    pub url: String,
}

impl Database {
    /// Одно число.
    pub async fn number(&self, sql: &str) -> Result<i64> {
        let (sql, url) = (AssertSqlSafe(sql.to_owned()), &self.url);
        Ok(match self.kind {
            Kind::Sqlite => sqlx::query_scalar(sql).fetch_one(&mut SqliteConnection::connect(url).await?).await?,
            Kind::Postgres => sqlx::query_scalar(sql).fetch_one(&mut PgConnection::connect(url).await?).await?,
            Kind::Mariadb => sqlx::query_scalar(sql).fetch_one(&mut MySqlConnection::connect(url).await?).await?,
        })
    }

    /// Строки из двух текстов.
    pub async fn pairs(&self, sql: &str) -> Result<Vec<(String, String)>> {
        let (sql, url) = (AssertSqlSafe(sql.to_owned()), &self.url);
        Ok(match self.kind {
            Kind::Sqlite => sqlx::query_as(sql).fetch_all(&mut SqliteConnection::connect(url).await?).await?,
            Kind::Postgres => sqlx::query_as(sql).fetch_all(&mut PgConnection::connect(url).await?).await?,
            Kind::Mariadb => sqlx::query_as(sql).fetch_all(&mut MySqlConnection::connect(url).await?).await?,
        })
    }

    /// Сколько ждёт самая старая из готовых задач, с.
    pub async fn jobs_lag(&self) -> Result<f64> {
        let now = machine::now();
        let text = now.format("%Y-%m-%d %H:%M:%S%.6f");
        let sql = AssertSqlSafe(format!(
            "SELECT MIN(run_at) FROM jobs WHERE status = 'waiting' AND run_at <= '{text}' \
            AND (locked_until IS NULL OR locked_until < '{text}')"
        ));
        let url = &self.url;
        let oldest: Option<chrono::NaiveDateTime> = match self.kind {
            Kind::Sqlite => sqlx::query_scalar(sql).fetch_one(&mut SqliteConnection::connect(url).await?).await?,
            Kind::Postgres => sqlx::query_scalar(sql).fetch_one(&mut PgConnection::connect(url).await?).await?,
            Kind::Mariadb => sqlx::query_scalar(sql).fetch_one(&mut MySqlConnection::connect(url).await?).await?,
        };
        Ok(oldest.map_or(0.0, |run_at| (now - run_at).as_seconds_f64()))
    }

    /// Ждёт, пока не останется ни одной задачи, кроме отложенных на потом; мёртвых быть не должно.
    pub async fn until_jobs_end(&self, patience: Duration) -> Result<Duration> {
        let started = Instant::now();
        loop {
            let dead = self.number("SELECT COUNT(*) FROM jobs WHERE status = 'dead'").await?;
            ensure!(dead == 0, "{dead} dead jobs");
            let soon = (machine::now() + chrono::TimeDelta::seconds(20)).format("%Y-%m-%d %H:%M:%S");
            if self.number(&format!("SELECT COUNT(*) FROM jobs WHERE run_at <= '{soon}'")).await? == 0 {
                return Ok(started.elapsed());
            }
            ensure!(started.elapsed() < patience, "jobs do not end");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
