//! Честность: кампания может требовать смотреть не меньше данного срока, не чаще предела и с пропуском, взятым при открытии актива.
//! Отказ ничего не записывает: честный повторит через `Retry-After` и ничего не потеряет.

use std::net::IpAddr;

use accounts::services::throttle;
use chrono::TimeDelta;
use kernel::{Result, Timestamp, Work};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use crate::errors;
use crate::models::{Session, asset, campaign, session};
use crate::queries::Scene;
use crate::schemas::{View, ViewTokenOut};

/// Адрес клиента для пределов: IPv4 целиком, у IPv6 — сеть /64 (столько обычно у одного хозяина).
pub(super) fn address(work: &Work) -> String {
    match work.ctx().client_ip().map(|ip| ip.to_canonical()) {
        Some(IpAddr::V4(ip)) => ip.to_string(),
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".to_owned(),
    }
}

/// Засчитывать ли просмотр сейчас.
pub(super) async fn check_pace(
    work: &Work,
    campaign: &campaign::Model,
    session: &session::Model,
    asset: &asset::Model,
    view: &View,
) -> Result<()> {
    check_dwell(work.timestamp(), campaign, session, asset, view)?;
    let minute = TimeDelta::minutes(1);
    if let Some(limit) = campaign.views_per_minute {
        throttle::claim(work, &format!("ar-views:{}", session.id), limit, minute, errors::TOO_MANY_VIEWS).await?;
    }
    if let Some(limit) = campaign.address_views_per_minute {
        let bucket = format!("ar-views:{}:{}", campaign.id, address(work));
        throttle::claim(work, &bucket, limit, minute, errors::TOO_MANY_VIEWS).await?;
    }
    Ok(())
}

/// С пропусками срок идёт от открытия актива, без них — от прошлого просмотра.
fn check_dwell(
    now: Timestamp,
    campaign: &campaign::Model,
    session: &session::Model,
    asset: &asset::Model,
    view: &View,
) -> Result<()> {
    let since = if campaign.needs_view_token {
        let is_his =
            view.token.is_some() && view.token == session.view_token && session.token_asset_id == Some(asset.id);
        if !is_his {
            return Err(errors::bad_token());
        }
        session.token_at
    } else {
        session.last_view_at
    };
    match since.map(|since| ready_at(campaign, since)) {
        // Без срока смотреть можно когда угодно: прошлый просмотр бывает и «позже» — его записал сосед с другими часами.
        Some(ready) if campaign.min_dwell > 0 && ready > now => Err(errors::too_soon(now, ready)),
        _ => Ok(()),
    }
}

fn ready_at(campaign: &campaign::Model, since: Timestamp) -> Timestamp {
    since + TimeDelta::seconds(campaign.min_dwell.into())
}

/// Открыть актив: пропуск на один его просмотр. Пропуск у сеанса один, поэтому десять активов разом не «посмотреть»; открыть тот же
/// актив снова — получить тот же пропуск, срок не начинается заново.
pub async fn open_asset(work: &mut Work, scene: &Scene, session: &session::Model, slug: &str) -> Result<ViewTokenOut> {
    let asset = scene.asset(slug)?;
    let now = work.timestamp();
    if let (Some(token), Some(since)) = (&session.view_token, session.token_at)
        && session.token_asset_id == Some(asset.id)
    {
        return Ok(token_out(&scene.campaign, token.clone(), since, now));
    }
    let token = work.ctx().random().token();
    Session::update_many()
        .col_expr(session::Column::ViewToken, Expr::value(token.clone()))
        .col_expr(session::Column::TokenAssetId, Expr::value(asset.id))
        .col_expr(session::Column::TokenAt, Expr::value(now))
        .filter(session::Column::Id.eq(session.id))
        .exec(work.db())
        .await?;
    Ok(token_out(&scene.campaign, token, now, now))
}

fn token_out(campaign: &campaign::Model, view_token: String, since: Timestamp, now: Timestamp) -> ViewTokenOut {
    let left = (ready_at(campaign, since) - now).num_milliseconds().max(0);
    ViewTokenOut { view_token, ready_in: u64::try_from((left + 999) / 1000).unwrap_or_default() }
}
