//! Выгрузки CSV: коды и воронка по дням.

use axum::response::Response;
use bytes::Bytes;
use kernel::csv::{self, Next};
use kernel::http::{Params, PathParam};
use kernel::{Ctx, Money, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use crate::models::code;
use crate::queries;
use crate::schemas::{CodeOut, DayFilter, ExportParams, FunnelDay, SessionFilter};

/// Строк в порции.
const BATCH: u64 = 1000;

const CODE_HEADS: [&str; 8] = ["Код", "Сеанс", "Почта", "Выдан", "Отправлен", "Использован", "Выручка", "Скидка"];

pub(crate) const DAY_HEADS: [&str; 9] =
    ["День", "Сеансы", "Смотрели", "Собрали набор", "Почта", "Отправлено", "Использовано", "Выручка", "Скидка"];

/// Все коды кампании, CSV.
#[utoipa::path(get, path = "/campaigns/{id}/codes/export", params(("id" = i64, Path), ExportParams),
    responses((status = 200, description = "CSV", content_type = "text/csv")))]
pub async fn export_codes(
    ctx: Ctx,
    PathParam(id): PathParam<i64>,
    Params(params): Params<ExportParams>,
) -> Result<Response> {
    let campaign = queries::campaign_by_id(ctx.db(), id).await?;
    let name = format!("codes_{}_{}.csv", campaign.slug, ctx.now().format("%Y%m%d"));
    let head = csv::head(&CODE_HEADS, params.bom.unwrap_or(true))?;
    Ok(csv::file(&name, head, move |after| {
        let ctx = ctx.clone();
        async move { code_rows(&ctx, id, after).await }
    }))
}

async fn code_rows(ctx: &Ctx, campaign_id: i64, after: i64) -> Result<(Bytes, Next)> {
    let filter = SessionFilter { campaign_id: Some(campaign_id), ..SessionFilter::default() };
    let rows = queries::codes(&filter)
        .filter(code::Column::Id.gt(after))
        .order_by_asc(code::Column::Id)
        .limit(BATCH)
        .all(ctx.db_reports())
        .await?;
    let next = rows.last().filter(|_| rows.len() as u64 == BATCH).map(|row| row.id);
    let codes = queries::codes_out(ctx.db_reports(), rows).await?;
    Ok((csv::lines(codes.into_iter().map(code_line))?, next))
}

fn code_line(code: CodeOut) -> [String; 8] {
    let at = |time: Option<chrono::DateTime<chrono::Utc>>| {
        time.map(|time| csv::moment(time.naive_utc())).unwrap_or_default()
    };
    [
        code.code,
        code.session.to_string(),
        code.email.unwrap_or_default(),
        csv::moment(code.issued_at.naive_utc()),
        at(code.sent_at),
        at(code.used_at),
        code.revenue.map(money).unwrap_or_default(),
        code.discount.map(money).unwrap_or_default(),
    ]
}

fn money(sum: Money) -> String {
    sum.to_string()
}

/// Воронка по дням магазина, CSV.
#[utoipa::path(get, path = "/campaigns/{id}/statistics/export", params(("id" = i64, Path), DayFilter, ExportParams),
    responses((status = 200, description = "CSV", content_type = "text/csv")))]
pub async fn export_funnel(
    ctx: Ctx,
    PathParam(id): PathParam<i64>,
    Params(filter): Params<DayFilter>,
    Params(params): Params<ExportParams>,
) -> Result<Response> {
    let campaign = queries::campaign_by_id(ctx.db(), id).await?;
    let days = filter.resolve(queries::shop_day(&ctx, ctx.now().naive_utc()))?;
    let lines = csv::lines(queries::funnel(&ctx, id, days).await?.into_iter().map(day_line))?;
    let name = format!("funnel_{}_{}.csv", campaign.slug, ctx.now().format("%Y%m%d"));
    let head = csv::head(&DAY_HEADS, params.bom.unwrap_or(true))?;
    Ok(csv::file(&name, head, move |_| {
        let lines = lines.clone();
        async move { Ok((lines, None)) }
    }))
}

pub(crate) fn day_line(FunnelDay { day, step }: FunnelDay) -> [String; 9] {
    [
        day.to_string(),
        step.sessions.to_string(),
        step.viewers.to_string(),
        step.completed.to_string(),
        step.emails.to_string(),
        step.codes_sent.to_string(),
        step.codes_used.to_string(),
        money(step.revenue),
        money(step.discount),
    ]
}
