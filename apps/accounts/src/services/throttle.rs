//! Пределы попыток. Попытка сначала занимается в базе, потом делается: двести параллельных не проскочат мимо счётчика.

use chrono::TimeDelta;
use kernel::{Ctx, Error, Result, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{Condition, Set};
use sha2::{Digest, Sha256};

use crate::contacts::Contact;
use crate::models::{Throttle, throttle};
use crate::services::Client;
use crate::settings::AuthSettings;

/// Занимает попытку; предел исчерпан — 429 с временем до конца окна.
pub async fn claim(work: &Work, bucket: &str, limit: i32, window: TimeDelta, code: &'static str) -> Result<()> {
    ensure_row(work, bucket).await?;
    let stale = throttle::Column::WindowStartedAt.lte((work.now() - window).naive_utc());
    let hits = Expr::case(stale.clone(), 1).finally(Expr::col(throttle::Column::Hits).add(1));
    let started = Expr::case(stale.clone(), work.timestamp()).finally(Expr::col(throttle::Column::WindowStartedAt));
    // Порядок присвоений важен: MariaDB видит в CASE уже новое значение столбца слева.
    let claimed = Throttle::update_many()
        .col_expr(throttle::Column::Hits, hits.into())
        .col_expr(throttle::Column::WindowStartedAt, started.into())
        .filter(throttle::Column::Bucket.eq(bucket))
        .filter(Condition::any().add(throttle::Column::Hits.lt(limit)).add(stale))
        .exec(work.db())
        .await?;
    match claimed.rows_affected {
        0 => Err(Error::too_many(code, seconds_left(work, bucket, window).await?)),
        _ => Ok(()),
    }
}

/// Осталась ли хоть одна попытка; ничего не занимает. Нет — 429 с временем до конца окна.
pub async fn require_left(ctx: &Ctx, bucket: &str, limit: i32, window: TimeDelta, code: &'static str) -> Result<()> {
    let row = Throttle::find_by_id(bucket.to_owned()).one(ctx.db_fresh()).await?;
    let now = ctx.now().naive_utc();
    match row.filter(|row| row.hits >= limit && row.window_started_at > now - window) {
        Some(row) => Err(Error::too_many(code, seconds_until(row.window_started_at + window - now))),
        None => Ok(()),
    }
}

/// Возвращает `count` попыток.
pub async fn give_back(work: &Work, bucket: &str, count: i32) -> Result<()> {
    Throttle::update_many()
        .col_expr(throttle::Column::Hits, Expr::col(throttle::Column::Hits).sub(count))
        .filter(throttle::Column::Bucket.eq(bucket))
        .filter(throttle::Column::Hits.gte(count))
        .exec(work.db())
        .await?;
    Ok(())
}

async fn ensure_row(work: &Work, bucket: &str) -> Result<()> {
    let row = throttle::ActiveModel {
        bucket: Set(bucket.to_owned()),
        hits: Set(0),
        window_started_at: Set(work.timestamp()),
    };
    Throttle::insert(row)
        .on_conflict_do_nothing_on([throttle::Column::Bucket])
        .exec_without_returning(work.db())
        .await?;
    Ok(())
}

async fn seconds_left(work: &Work, bucket: &str, window: TimeDelta) -> Result<u64> {
    let row = Throttle::find_by_id(bucket.to_owned()).one(work.db()).await?;
    let left = row.map_or(window, |row| row.window_started_at + window - work.timestamp());
    Ok(seconds_until(left))
}

fn seconds_until(left: TimeDelta) -> u64 {
    u64::try_from(left.num_seconds() + 1).unwrap_or(1)
}

/// Занимает попытку входа в эту учётную запись (есть она или нет) и из этой сети.
pub async fn claim_login(work: &Work, contact: &Contact, client: &Client) -> Result<()> {
    let settings = work.ctx().section::<AuthSettings>();
    let window = TimeDelta::seconds(settings.login_window);
    let [account, network] = login_buckets(contact, client);
    let code = "accounts.too_many_logins";
    claim(work, &account, settings.login_attempts, window, code).await?;
    claim(work, &network, settings.login_attempts_per_network, window, code).await
}

/// Вход удался: промахи этой учётной записи забыты, сети возвращена её попытка.
pub async fn forgive_login(work: &Work, contact: &Contact, client: &Client) -> Result<()> {
    let [account, network] = login_buckets(contact, client);
    Throttle::delete_by_id(account).exec(work.db()).await?;
    give_back(work, &network, 1).await
}

fn login_buckets(contact: &Contact, client: &Client) -> [String; 2] {
    [format!("login:{}", fingerprint(contact.key())), format!("login-net:{}", client.network())]
}

/// Телефоны и почты в счётчики не пишем: их пришлось бы стирать вместе с человеком.
pub fn fingerprint(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..16])
}
