//! Завести и изменить кампанию и пул.

use catalog::models::{category, product};
use kernel::{Error, OnUnique, Result, Timestamp, Work};
use promos::schemas::Moment;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, NotSet, QuerySelect, Set};

use crate::errors;
use crate::models::*;
use crate::queries::pool_by_slug;
use crate::schemas::{CampaignIn, CampaignPatch, PoolIn, Reward};

/// Пул и кампания, которые есть в каждом магазине с первого дня.
pub const DEFAULT: &str = "default";

pub async fn create_pool(work: &mut Work, input: &PoolIn) -> Result<pool::Model> {
    let now = work.timestamp();
    let row = pool::ActiveModel {
        id: NotSet,
        slug: Set(input.slug.clone()),
        title: Set(input.title.clone()),
        created_at: Set(now),
        updated_at: Set(now),
    };
    row.insert(work.db()).await.on_unique(errors::slug_taken)
}

/// Пул по имени; незнакомый — ошибка поля.
pub(super) async fn pool_id(work: &Work, field: &str, slug: Option<&str>) -> Result<i64> {
    match pool_by_slug(work.db(), slug.unwrap_or(DEFAULT)).await {
        Ok(pool) => Ok(pool.id),
        Err(error) if error.code == errors::POOL_NOT_FOUND => Err(Error::invalid(field, errors::POOL_NOT_FOUND)),
        Err(error) => Err(error),
    }
}

pub async fn create_campaign(work: &mut Work, input: &CampaignIn) -> Result<campaign::Model> {
    let (starts_at, ends_at) = (moment(&input.starts_at), moment(&input.ends_at));
    check_reward(work, &input.reward).await?;
    check_period(starts_at, ends_at)?;
    if input.is_default {
        clear_default(work).await?;
    }
    let now = work.timestamp();
    let row = campaign::ActiveModel {
        id: NotSet,
        pool_id: Set(pool_id(work, "pool", input.pool.as_deref()).await?),
        slug: Set(input.slug.clone()),
        title: Set(input.title.clone()),
        description: Set(input.description.clone()),
        default_mark: Set(input.is_default.then_some(1)),
        is_active: Set(input.is_active.unwrap_or(true)),
        starts_at: Set(starts_at),
        ends_at: Set(ends_at),
        reward: Set(serde_json::to_string(&input.reward)?),
        min_dwell: Set(input.min_dwell.unwrap_or_default()),
        views_per_minute: Set(input.views_per_minute),
        address_views_per_minute: Set(input.address_views_per_minute),
        address_sessions_per_hour: Set(input.address_sessions_per_hour),
        needs_view_token: Set(input.needs_view_token),
        created_at: Set(now),
        updated_at: Set(now),
    };
    row.insert(work.db()).await.on_unique(errors::slug_taken)
}

/// Меняет присланное; выданных кодов новые условия не касаются.
pub async fn update_campaign(work: &mut Work, id: i64, patch: &CampaignPatch) -> Result<campaign::Model> {
    let found = Campaign::find_by_id(id).lock_exclusive().one(work.db()).await?;
    let before = kernel::OrNotFound::or_not_found(found, errors::CAMPAIGN_NOT_FOUND)?;
    if let Some(reward) = &patch.reward {
        check_reward(work, reward).await?;
    }
    check_period(
        patch.starts_at.as_ref().map_or(before.starts_at, moment),
        patch.ends_at.as_ref().map_or(before.ends_at, moment),
    )?;
    if patch.is_default == Some(false) && before.default_mark.is_some() {
        return Err(errors::default_needed());
    }
    let becomes_default = patch.is_default == Some(true);
    if becomes_default {
        clear_default(work).await?;
    }
    let pool = match &patch.pool {
        Some(slug) => Set(pool_id(work, "pool", Some(slug)).await?),
        None => NotSet,
    };
    let row = campaign::ActiveModel {
        id: ActiveValue::Unchanged(id),
        pool_id: pool,
        slug: set(patch.slug.clone()),
        title: set(patch.title.clone()),
        description: set(patch.description.clone()),
        default_mark: if becomes_default { Set(Some(1)) } else { NotSet },
        is_active: set(patch.is_active),
        starts_at: set(patch.starts_at.as_ref().map(moment)),
        ends_at: set(patch.ends_at.as_ref().map(moment)),
        reward: set(patch.reward.as_ref().map(serde_json::to_string).transpose()?),
        min_dwell: set(patch.min_dwell),
        views_per_minute: set(patch.views_per_minute),
        address_views_per_minute: set(patch.address_views_per_minute),
        address_sessions_per_hour: set(patch.address_sessions_per_hour),
        needs_view_token: set(patch.needs_view_token),
        created_at: NotSet,
        updated_at: Set(work.timestamp()),
    };
    row.update(work.db()).await.on_unique(errors::slug_taken)
}

/// Награда чего-то стоит, а её товары и разделы есть.
async fn check_reward(work: &Work, reward: &Reward) -> Result<()> {
    reward.check()?;
    let known = existing(work, reward).await?;
    let unknown = |name: &str| Err(Error::invalid(name, "catalog.unknown_reference"));
    if known.product_ids != reward.product_ids {
        return unknown("reward.product_ids");
    }
    if known.category_ids != reward.category_ids {
        return unknown("reward.category_ids");
    }
    Ok(())
}

/// Та же награда, но только с товарами и разделами, которые ещё есть.
pub(super) async fn existing(work: &Work, reward: &Reward) -> Result<Reward> {
    let mut known = reward.clone();
    if !reward.product_ids.is_empty() {
        let find = product::Entity::find().filter(product::Column::Id.is_in(reward.product_ids.iter().copied()));
        let ids: Vec<i64> = find.select_only().column(product::Column::Id).into_tuple().all(work.db()).await?;
        known.product_ids.retain(|id| ids.contains(id));
    }
    if !reward.category_ids.is_empty() {
        let find = category::Entity::find().filter(category::Column::Id.is_in(reward.category_ids.iter().copied()));
        let ids: Vec<i64> = find.select_only().column(category::Column::Id).into_tuple().all(work.db()).await?;
        known.category_ids.retain(|id| ids.contains(id));
    }
    Ok(known)
}

/// Снимает отметку с прежней кампании по умолчанию: её место займёт другая.
async fn clear_default(work: &Work) -> Result<()> {
    Campaign::update_many()
        .col_expr(campaign::Column::DefaultMark, Expr::value(None::<i32>))
        .filter(campaign::Column::DefaultMark.eq(1))
        .exec(work.db())
        .await?;
    Ok(())
}

pub(super) fn set<T: Into<sea_orm::Value>>(value: Option<T>) -> ActiveValue<T> {
    value.map_or(NotSet, Set)
}

fn moment(given: &Option<Moment>) -> Option<Timestamp> {
    given.map(|moment| moment.0)
}

fn check_period(from: Option<Timestamp>, until: Option<Timestamp>) -> Result<()> {
    match (from, until) {
        (Some(from), Some(until)) if until < from => Err(Error::invalid("ends_at", "out_of_range")),
        _ => Ok(()),
    }
}
