//! Счёт просмотров и воронка.

use std::collections::HashMap;

use chrono::NaiveDate;
use kernel::data::Engine;
use kernel::{Ctx, Money, Result, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, QueryOrder, QuerySelect, Statement};

use crate::calculations::{Views, best};
use crate::models::view_event::{FIRST_VIEW_AWARDED, VIEWED_ASSET};
use crate::models::*;
use crate::schemas::{AssetViews, BestAsset, FunnelDay, FunnelStep, StatisticsOut, StatsOut};

/// День магазина, в который попадает этот миг.
pub fn shop_day(ctx: &Ctx, at: Timestamp) -> NaiveDate {
    (at + ctx.shop_offset()).date()
}

/// Начало нынешнего дня магазина, UTC.
fn midnight(ctx: &Ctx) -> Timestamp {
    shop_day(ctx, ctx.now().naive_utc()).and_time(chrono::NaiveTime::MIN) - ctx.shop_offset()
}

/// Просмотры каждого актива кампании, по номерам.
async fn views(ctx: &Ctx, campaign_id: i64) -> Result<Vec<Views>> {
    let counts = |event_type: &'static str| {
        ViewEvent::find()
            .select_only()
            .column(view_event::Column::AssetId)
            .column_as(view_event::Column::Id.count(), "views")
            .filter(view_event::Column::CampaignId.eq(campaign_id))
            .filter(view_event::Column::EventType.eq(event_type))
            .filter(view_event::Column::AssetId.is_not_null())
            .group_by(view_event::Column::AssetId)
    };
    let db = ctx.db();
    let today = counts(VIEWED_ASSET).filter(view_event::Column::OccurredAt.gte(midnight(ctx)));
    let today: HashMap<i64, i64> = today.into_tuple::<(i64, i64)>().all(db).await?.into_iter().collect();
    let first = counts(FIRST_VIEW_AWARDED).into_tuple::<(i64, i64)>().all(db).await?;
    let first: HashMap<i64, i64> = first.into_iter().collect();
    let ever = counts(VIEWED_ASSET).into_tuple::<(i64, i64)>().all(db).await?;
    let of = |counts: &HashMap<i64, i64>, id| counts.get(&id).copied().unwrap_or_default();
    let row = |(asset_id, ever)| Views { asset_id, ever, today: of(&today, asset_id), first: of(&first, asset_id) };
    let mut all: Vec<Views> = ever.into_iter().map(row).collect();
    all.sort_by_key(|views| views.asset_id);
    Ok(all)
}

async fn best_asset(ctx: &Ctx, views: &[Views]) -> Result<Option<BestAsset>> {
    let Some(id) = best(views) else { return Ok(None) };
    let found = Asset::find_by_id(id).one(ctx.db()).await?;
    Ok(found.map(|asset| BestAsset { slug: asset.slug, name: asset.name }))
}

/// Документированная сводка.
pub async fn stats(ctx: &Ctx, campaign_id: i64) -> Result<StatsOut> {
    sum_up(ctx, &views(ctx, campaign_id).await?).await
}

async fn sum_up(ctx: &Ctx, views: &[Views]) -> Result<StatsOut> {
    Ok(StatsOut {
        best_asset: best_asset(ctx, views).await?,
        views_today: views.iter().map(|views| views.today).sum(),
        views_all_time: views.iter().map(|views| views.ever).sum(),
    })
}

/// Статистика кампании для сотрудника: воронка по дням магазина, оба края входят.
pub async fn statistics(ctx: &Ctx, campaign: &campaign::Model, days: (NaiveDate, NaiveDate)) -> Result<StatisticsOut> {
    let views = views(ctx, campaign.id).await?;
    let stats = sum_up(ctx, &views).await?;
    let days_found = funnel(ctx, campaign.id, days).await?;
    let assets = Asset::find()
        .filter(asset::Column::PoolId.eq(campaign.pool_id))
        .order_by_asc(asset::Column::Position)
        .order_by_asc(asset::Column::Id)
        .all(ctx.db())
        .await?;
    let asset = |row: asset::Model| {
        let own = views.iter().find(|views| views.asset_id == row.id).copied().unwrap_or_default();
        AssetViews {
            slug: row.slug,
            name: row.name,
            views_today: own.today,
            first_views: own.first,
            views_all_time: own.ever,
        }
    };
    Ok(StatisticsOut {
        start_date: days.0,
        end_date: days.1,
        total: total(&days_found),
        days: days_found,
        assets: assets.into_iter().map(asset).collect(),
        best_asset: stats.best_asset,
        views_today: stats.views_today,
        views_all_time: stats.views_all_time,
    })
}

/// Воронка всех этих дней вместе.
pub fn total(days: &[FunnelDay]) -> FunnelStep {
    days.iter().fold(FunnelStep::default(), |total, day| add(total, &day.step))
}

fn add(a: FunnelStep, b: &FunnelStep) -> FunnelStep {
    FunnelStep {
        sessions: a.sessions + b.sessions,
        viewers: a.viewers + b.viewers,
        completed: a.completed + b.completed,
        emails: a.emails + b.emails,
        codes_sent: a.codes_sent + b.codes_sent,
        codes_used: a.codes_used + b.codes_used,
        revenue: a.revenue + b.revenue,
        discount: a.discount + b.discount,
    }
}

#[derive(FromQueryResult)]
struct Row {
    day: String,
    sessions: i64,
    viewers: i64,
    completed: i64,
    emails: i64,
    codes_sent: i64,
    codes_used: i64,
    revenue: i64,
    discount: i64,
}

/// Один запрос: код у сеанса один, действующее использование у кода — тоже, поэтому соединения строк не множат.
pub async fn funnel(ctx: &Ctx, campaign_id: i64, (from, to): (NaiveDate, NaiveDate)) -> Result<Vec<FunnelDay>> {
    let int = if ctx.db_handle().engine == Engine::MariaDb { "SIGNED" } else { "BIGINT" };
    let sql = format!(
        "SELECT s.day AS day, COUNT(*) AS sessions, COUNT(CASE WHEN s.score > 0 THEN 1 END) AS viewers, \
        COUNT(s.completed_at) AS completed, COUNT(s.user_id) AS emails, COUNT(c.sent_at) AS codes_sent, COUNT(u.id) AS codes_used, \
        CAST(COALESCE(SUM(u.goods_amount - u.discount_amount), 0) AS {int}) AS revenue, \
        CAST(COALESCE(SUM(u.discount_amount), 0) AS {int}) AS discount \
        FROM campaign_sessions s LEFT JOIN campaign_codes c ON c.session_id = s.id \
        LEFT JOIN promo_uses u ON u.promo_id = c.promo_id AND u.state = 'held' \
        WHERE s.campaign_id = $1 AND s.day >= $2 AND s.day <= $3 GROUP BY s.day ORDER BY s.day"
    );
    let sql = if ctx.db_handle().engine == Engine::MariaDb {
        sql.replace("$1", "?").replace("$2", "?").replace("$3", "?")
    } else {
        sql
    };
    let values = [campaign_id.into(), from.to_string().into(), to.to_string().into()];
    let db = ctx.db_reports();
    let rows =
        Row::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).all(db).await?;
    Ok(rows.into_iter().filter_map(day_of).collect())
}

fn day_of(row: Row) -> Option<FunnelDay> {
    let step = FunnelStep {
        sessions: row.sessions,
        viewers: row.viewers,
        completed: row.completed,
        emails: row.emails,
        codes_sent: row.codes_sent,
        codes_used: row.codes_used,
        revenue: Money::minor(row.revenue),
        discount: Money::minor(row.discount),
    };
    Some(FunnelDay { day: row.day.parse().ok()?, step })
}
