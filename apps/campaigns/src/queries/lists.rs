//! Списки сотрудника: по два-три запроса на страницу.

use std::collections::{HashMap, HashSet};

use accounts::models::user;
use kernel::http::Paging;
use kernel::{OrNotFound, Result};
use promos::models::{PromoCode, promo_code};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::{held_uses, public_ids, session_by_id};
use crate::errors;
use crate::models::*;
use crate::schemas::*;

/// Больше событий карточка сеанса не показывает.
const EVENTS_SHOWN: u64 = 200;

/// Имена пулов по номерам.
pub async fn pool_slugs(db: &impl ConnectionTrait) -> Result<HashMap<i64, String>> {
    let pools = Pool::find().all(db).await?;
    Ok(pools.into_iter().map(|pool| (pool.id, pool.slug)).collect())
}

pub async fn pool_by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<pool::Model> {
    Pool::find().filter(pool::Column::Slug.eq(slug)).one(db).await?.or_not_found(errors::POOL_NOT_FOUND)
}

fn name_of(slugs: &HashMap<i64, String>, id: i64) -> &str {
    slugs.get(&id).map_or("", String::as_str)
}

pub async fn pool_list(db: &impl ConnectionTrait, paging: &Paging) -> Result<PoolList> {
    let find = Pool::find().order_by_asc(pool::Column::Id);
    let total = find.clone().count(db).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(db).await?;
    let pools = rows.into_iter().map(PoolOut::from).collect();
    Ok(PoolList { pools, total, page: paging.page(), page_size: paging.limit })
}

pub async fn campaign_list(db: &impl ConnectionTrait, paging: &Paging) -> Result<CampaignList> {
    let find = Campaign::find().order_by_desc(campaign::Column::Id);
    let total = find.clone().count(db).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(db).await?;
    let slugs = pool_slugs(db).await?;
    let out = |row: campaign::Model| {
        let pool = name_of(&slugs, row.pool_id);
        CampaignOut::of(row, pool)
    };
    let campaigns = rows.into_iter().map(out).collect::<Result<_>>()?;
    Ok(CampaignList { campaigns, total, page: paging.page(), page_size: paging.limit })
}

pub async fn campaign_by_id(db: &impl ConnectionTrait, id: i64) -> Result<campaign::Model> {
    Campaign::find_by_id(id).one(db).await?.or_not_found(errors::CAMPAIGN_NOT_FOUND)
}

pub async fn campaign_out(db: &impl ConnectionTrait, row: campaign::Model) -> Result<CampaignOut> {
    let slugs = pool_slugs(db).await?;
    let pool = name_of(&slugs, row.pool_id);
    CampaignOut::of(row, pool)
}

pub async fn asset_list(db: &impl ConnectionTrait, filter: &AssetFilter, paging: &Paging) -> Result<AssetList> {
    let slugs = pool_slugs(db).await?;
    let mut find = Asset::find().order_by_asc(asset::Column::Position).order_by_asc(asset::Column::Id);
    if let Some(slug) = &filter.campaign {
        find = find.filter(asset::Column::PoolId.eq(pool_by_slug(db, slug).await?.id));
    }
    if let Some(is_active) = filter.is_active {
        find = find.filter(asset::Column::IsActive.eq(is_active));
    }
    let total = find.clone().count(db).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(db).await?;
    let out = |row: asset::Model| {
        let pool = name_of(&slugs, row.pool_id);
        AssetOut::of(row, pool)
    };
    let assets = rows.into_iter().map(out).collect::<Result<_>>()?;
    Ok(AssetList { assets, total, page: paging.page(), page_size: paging.limit })
}

pub async fn asset_by_id(db: &impl ConnectionTrait, id: i64) -> Result<asset::Model> {
    Asset::find_by_id(id).one(db).await?.or_not_found(errors::ASSET_NOT_FOUND)
}

pub async fn asset_out(db: &impl ConnectionTrait, row: asset::Model) -> Result<AssetOut> {
    let slugs = pool_slugs(db).await?;
    let pool = name_of(&slugs, row.pool_id);
    AssetOut::of(row, pool)
}

/// Новые первыми.
pub async fn session_list(db: &impl ConnectionTrait, filter: &SessionFilter, paging: &Paging) -> Result<SessionList> {
    let mut find = Session::find().order_by_desc(session::Column::CreatedAt).order_by_desc(session::Column::Id);
    if let Some(id) = filter.campaign_id {
        find = find.filter(session::Column::CampaignId.eq(id));
    }
    if let Some(email) = &filter.email {
        find = find.filter(session::Column::PendingEmail.eq(email.as_str()));
    }
    find = match filter.is_completed {
        Some(true) => find.filter(session::Column::CompletedAt.is_not_null()),
        Some(false) => find.filter(session::Column::CompletedAt.is_null()),
        None => find,
    };
    let total = find.clone().count(db).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(db).await?;
    let users = public_ids(db, rows.iter().filter_map(|row| row.user_id).collect()).await?;
    let out = |row: session::Model| {
        let user = user_of(&users, row.user_id);
        SessionOut::of(row, user)
    };
    let sessions = rows.into_iter().map(out).collect::<Result<_>>()?;
    Ok(SessionList { sessions, total, page: paging.page(), page_size: paging.limit })
}

fn user_of(users: &HashMap<i64, Uuid>, id: Option<i64>) -> Option<Uuid> {
    id.and_then(|id| users.get(&id).copied())
}

pub async fn session_detail(db: &impl ConnectionTrait, id: Uuid) -> Result<SessionDetail> {
    let row = session_by_id(db, id).await?;
    let users = public_ids(db, row.user_id.into_iter().collect()).await?;
    let items =
        Progress::find().filter(progress::Column::SessionId.eq(id)).order_by_asc(progress::Column::Id).all(db).await?;
    let events = ViewEvent::find()
        .filter(view_event::Column::SessionId.eq(id))
        .order_by_desc(view_event::Column::Id)
        .limit(EVENTS_SHOWN)
        .all(db)
        .await?;
    let user = user_of(&users, row.user_id);
    Ok(SessionDetail {
        session: SessionOut::of(row, user)?,
        items: items.into_iter().map(ProgressItem::from).collect(),
        events: events.into_iter().map(ViewEventOut::of).collect::<Result<_>>()?,
    })
}

/// Под отбор сотрудника.
pub fn codes(filter: &SessionFilter) -> Select<Code> {
    let mut find = Code::find();
    if let Some(id) = filter.campaign_id {
        find = find.filter(code::Column::CampaignId.eq(id));
    }
    if let Some(email) = &filter.email {
        find = find.filter(code::Column::Email.eq(email.as_str()));
    }
    find
}

/// Новые первыми.
pub async fn code_list(db: &impl ConnectionTrait, filter: &SessionFilter, paging: &Paging) -> Result<CodeList> {
    let find = codes(filter).order_by_desc(code::Column::Id);
    let total = find.clone().count(db).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(db).await?;
    Ok(CodeList { codes: codes_out(db, rows).await?, total, page: paging.page(), page_size: paging.limit })
}

/// Коды вместе с заказами, которые их заняли.
pub async fn codes_out(db: &impl ConnectionTrait, rows: Vec<code::Model>) -> Result<Vec<CodeOut>> {
    let promo_ids: Vec<i64> = rows.iter().map(|row| row.promo_id).collect();
    let uses = held_uses(db, &promo_ids).await?;
    let revoked = revoked(db, promo_ids).await?;
    let users = public_ids(db, rows.iter().filter_map(|row| row.user_id).collect()).await?;
    let out = |row: code::Model| {
        let held = uses.get(&row.promo_id);
        Ok(CodeOut {
            meta: object(&row.meta)?,
            user: user_of(&users, row.user_id),
            id: row.id,
            campaign_id: row.campaign_id,
            code: row.code,
            session: row.session_id,
            email: row.email,
            issued_at: row.issued_at.and_utc(),
            sent_at: row.sent_at.map(|at| at.and_utc()),
            used_at: held.map(|held| held.created_at.and_utc()),
            revenue: held.map(|held| held.goods_amount - held.discount_amount),
            discount: held.map(|held| held.discount_amount),
            is_revoked: revoked.contains(&row.promo_id),
        })
    };
    rows.into_iter().map(out).collect()
}

/// Какие из промокодов выключены.
async fn revoked(db: &impl ConnectionTrait, promo_ids: Vec<i64>) -> Result<HashSet<i64>> {
    let find = PromoCode::find().select_only().column(promo_code::Column::Id);
    let off = find.filter(promo_code::Column::Id.is_in(promo_ids)).filter(promo_code::Column::IsActive.eq(false));
    Ok(off.into_tuple().all(db).await?.into_iter().collect())
}

/// Люди, привязавшие почту: новые первыми.
pub async fn user_list(db: &impl ConnectionTrait, paging: &Paging) -> Result<CampaignUserList> {
    let find = Person::find().order_by_desc(person::Column::UserId);
    let total = find.clone().count(db).await?;
    let rows = find.offset(paging.offset).limit(paging.limit).all(db).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.user_id).collect();
    let known = user::Entity::find().filter(user::Column::Id.is_in(ids)).all(db).await?;
    let mut known: HashMap<i64, user::Model> = known.into_iter().map(|row| (row.id, row)).collect();
    let out = |row: person::Model| {
        let user = known.remove(&row.user_id)?;
        Some(object(&row.metadata).map(|metadata| CampaignUserOut {
            metadata,
            id: user.public_id,
            email: user.email,
            is_verified: user.email_verified_at.is_some(),
            verified_at: user.email_verified_at.map(|at| at.and_utc()),
            created_at: user.created_at.and_utc(),
            total_score: row.total_score,
        }))
    };
    let users = rows.into_iter().filter_map(out).collect::<Result<_>>()?;
    Ok(CampaignUserList { users, total, page: paging.page(), page_size: paging.limit })
}
