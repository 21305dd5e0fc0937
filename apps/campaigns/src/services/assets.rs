//! Активы и их файлы.

use kernel::{Error, OnUnique, OrNotFound, Result, Work};
use megashop_files::{Family, Kind};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, NotSet, QueryOrder, QuerySelect, Set};

use super::campaigns::{pool_id, set};
use crate::errors;
use crate::models::{Asset, asset};
use crate::schemas::{AssetIn, AssetPatch};

pub async fn create_asset(work: &mut Work, input: &AssetIn) -> Result<asset::Model> {
    let now = work.timestamp();
    let row = asset::ActiveModel {
        id: NotSet,
        pool_id: Set(pool_id(work, "campaign", input.campaign.as_deref()).await?),
        slug: Set(input.slug.clone()),
        name: Set(input.name.clone()),
        kind: Set(input.kind.clone()),
        meta: Set(serde_json::to_string(&input.meta)?),
        position: Set(input.position),
        is_active: Set(input.is_active.unwrap_or(true)),
        model_url: Set(None),
        ios_model_url: Set(None),
        preview_url: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    };
    row.insert(work.db()).await.on_unique(errors::slug_taken)
}

pub async fn update_asset(work: &mut Work, id: i64, patch: &AssetPatch) -> Result<asset::Model> {
    locked(work, id).await?;
    let pool = match &patch.campaign {
        Some(slug) => Set(pool_id(work, "campaign", Some(slug)).await?),
        None => NotSet,
    };
    let row = asset::ActiveModel {
        id: ActiveValue::Unchanged(id),
        pool_id: pool,
        slug: set(patch.slug.clone()),
        name: set(patch.name.clone()),
        kind: set(patch.kind.clone()),
        meta: set(patch.meta.as_ref().map(serde_json::to_string).transpose()?),
        position: set(patch.position),
        is_active: set(patch.is_active),
        updated_at: Set(work.timestamp()),
        ..Default::default()
    };
    row.update(work.db()).await.on_unique(errors::slug_taken)
}

/// Новый порядок пула: перечислены все его активы, каждый один раз.
pub async fn order_assets(work: &mut Work, pool_id: i64, ids: &[i64]) -> Result<()> {
    let find = Asset::find().filter(asset::Column::PoolId.eq(pool_id)).order_by_asc(asset::Column::Id);
    let mut known: Vec<i64> = find.lock_exclusive().all(work.db()).await?.into_iter().map(|row| row.id).collect();
    let mut named = ids.to_vec();
    known.sort_unstable();
    named.sort_unstable();
    if known != named {
        return Err(Error::invalid("ids", "campaigns.not_whole_pool"));
    }
    for (place, id) in ids.iter().enumerate() {
        Asset::update_many()
            .col_expr(asset::Column::Position, Expr::value(i32::try_from(place).unwrap_or(i32::MAX)))
            .col_expr(asset::Column::UpdatedAt, Expr::value(work.timestamp()))
            .filter(asset::Column::Id.eq(*id))
            .exec(work.db())
            .await?;
    }
    Ok(())
}

/// Удаляет актив, которого никто не видел, вместе с файлами; виденный — отказ, его выключают.
pub async fn delete_asset(work: &mut Work, id: i64) -> Result<()> {
    let asset = locked(work, id).await?;
    let deleted = Asset::delete_by_id(id).exec(work.db()).await;
    deleted.map_err(|error| match kernel::Error::from(error) {
        error if error.code == "database.foreign_key" => errors::asset_in_use(),
        error => error,
    })?;
    for url in [asset.model_url, asset.ios_model_url, asset.preview_url].into_iter().flatten() {
        forget(work, &url).await?;
    }
    Ok(())
}

/// Загруженный файл: какое место актива он занимает, сказано его видом.
#[derive(Clone, Debug)]
pub struct AssetFile {
    pub url: String,
    pub kind: Kind,
}

/// Ставит файл на его место (модель, модель для iPhone, картинка); прежний удаляется после фиксации.
pub async fn attach_file(work: &mut Work, id: i64, file: &AssetFile) -> Result<asset::Model> {
    let before = locked(work, id).await?;
    let mut row =
        asset::ActiveModel { id: ActiveValue::Unchanged(id), updated_at: Set(work.timestamp()), ..Default::default() };
    let place = Set(Some(file.url.clone()));
    let old = match (file.kind, file.kind.family()) {
        (Kind::Usdz, _) => {
            row.ios_model_url = place;
            before.ios_model_url
        }
        (_, Family::Model) => {
            row.model_url = place;
            before.model_url
        }
        _ => {
            row.preview_url = place;
            before.preview_url
        }
    };
    if let Some(old) = old {
        forget(work, &old).await?;
    }
    Ok(row.update(work.db()).await?)
}

async fn forget(work: &mut Work, url: &str) -> Result<()> {
    match catalog::services::files::deletion(url) {
        Some(job) => work.enqueue(&job).await,
        None => Ok(()),
    }
}

async fn locked(work: &Work, id: i64) -> Result<asset::Model> {
    Asset::find_by_id(id).lock_exclusive().one(work.db()).await?.or_not_found(errors::ASSET_NOT_FOUND)
}
