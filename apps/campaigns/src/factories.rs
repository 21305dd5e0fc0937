//! Готовые кампании и активы для тестов и демонстрации: названо только важное.

use kernel::{Actor, Ctx, Result, Work};
use promos::models::Percent;

use crate::models::{asset, campaign};
use crate::schemas::{AssetIn, CampaignIn, Reward};
use crate::services;

/// Десять процентов на один заказ, без пределов, на пуле `default`.
pub fn campaign(slug: &str) -> CampaignIn {
    CampaignIn {
        slug: slug.to_owned(),
        title: slug.to_owned(),
        description: String::new(),
        pool: None,
        reward: Reward { discount_percent: Some(Percent::whole(10)), ..Reward::default() },
        starts_at: None,
        ends_at: None,
        is_active: None,
        is_default: false,
        min_dwell: None,
        views_per_minute: None,
        address_views_per_minute: None,
        address_sessions_per_hour: None,
        needs_view_token: false,
    }
}

pub async fn create_campaign(ctx: &Ctx, input: CampaignIn) -> Result<campaign::Model> {
    ctx.atomic(&Actor::System("factory"), async move |work: &mut Work| services::create_campaign(work, &input).await)
        .await
}

/// Актив пула `default` без файлов.
pub fn asset(slug: &str) -> AssetIn {
    AssetIn {
        slug: slug.to_owned(),
        name: slug.to_owned(),
        kind: "model".to_owned(),
        campaign: None,
        meta: serde_json::Map::new(),
        position: 0,
        is_active: None,
    }
}

pub async fn create_asset(ctx: &Ctx, input: AssetIn) -> Result<asset::Model> {
    ctx.atomic(&Actor::System("factory"), async move |work: &mut Work| services::create_asset(work, &input).await).await
}
