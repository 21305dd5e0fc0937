//! AR-кампания демонстрации: кампания по умолчанию с моделями. Ту, которой уже касался сотрудник, не трогает.

use anyhow::Context;
use campaigns::models::{Campaign, campaign};
use campaigns::schemas::{AssetIn, CampaignPatch, Reward};
use campaigns::services::AssetFile;
use kernel::{Ctx, Work};
use megashop_files::{Family, Key, Rules};
use promos::models::Percent;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::data::{self, Asset};
use super::load::LOADER;

pub async fn load(ctx: &Ctx, new: &data::Campaign) -> anyhow::Result<()> {
    let default = Campaign::find().filter(campaign::Column::DefaultMark.eq(1)).one(ctx.db_fresh()).await?;
    let Some(default) = default.filter(|row| row.updated_at == row.created_at) else { return Ok(()) };
    let mut assets = Vec::new();
    for asset in &new.assets {
        assets.push((asset_in(asset), files(ctx, asset).await?));
    }
    let reward =
        Reward { discount_percent: Some(Percent::whole(new.percent)), valid_days: Some(new.days), ..Reward::default() };
    let patch = CampaignPatch {
        slug: Some(new.slug.clone()),
        title: Some(new.title.clone()),
        description: Some(new.description.clone()),
        reward: Some(reward),
        ..CampaignPatch::default()
    };
    ctx.atomic(&LOADER, async move |work: &mut Work| {
        for (input, files) in &assets {
            let made = campaigns::services::create_asset(work, input).await?;
            for file in files {
                campaigns::services::attach_file(work, made.id, file).await?;
            }
        }
        campaigns::services::update_campaign(work, default.id, &patch).await.map(|_| ())
    })
    .await?;
    Ok(())
}

fn asset_in(asset: &Asset) -> AssetIn {
    AssetIn {
        slug: asset.slug.clone(),
        name: asset.name.clone(),
        kind: asset.kind.clone(),
        ..campaigns::factories::asset(&asset.slug)
    }
}

async fn files(ctx: &Ctx, asset: &Asset) -> anyhow::Result<Vec<AssetFile>> {
    let picture = asset.picture.iter().map(|name| format!("pictures/{name}.webp"));
    let rules = Rules::only(&[Family::Image, Family::Model]);
    let mut files = Vec::new();
    for name in picture.chain([format!("models/{}", asset.model)]) {
        let bytes = data::file(&name)?;
        let stored = catalog::services::files::store(ctx, "file", bytes.into(), &rules).await.context(name)?;
        let key = stored.url.strip_prefix(catalog::services::files::MEDIA_BASE).and_then(Key::parse);
        let kind = key.context("a stored file has a key")?.kind();
        files.push(AssetFile { url: stored.url, kind });
    }
    Ok(files)
}
