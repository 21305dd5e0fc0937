//! Админка: кампании, пулы с активами, сеансы, коды.

mod assets;
mod campaigns;
mod codes;
mod sessions;
mod tables;

pub use assets::{assets, pools};
pub use campaigns::campaigns;
pub use codes::codes;
pub use sessions::sessions;

use accounts::contacts::Email;
use accounts::models::user;
use admin::{Cell, Viewer};
use kernel::{Ctx, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{QueryOrder, QuerySelect, QueryTrait};

use crate::models::{Campaign, Pool, campaign, pool};

/// Просмотрщик 3D со страницы кампании: он же показывает модели в админке.
pub fn viewer() -> Viewer {
    Viewer { script: "/ar/static/model-viewer.min.js", draco: "/ar/static/draco/", style: crate::pages::VIEWER_STYLE }
}

/// Пулы для выбора.
async fn pool_options(ctx: &Ctx) -> Result<Vec<(String, String)>> {
    let pools = Pool::find().order_by_asc(pool::Column::Id).all(ctx.db_fresh()).await?;
    Ok(pools.into_iter().map(|pool| (pool.slug, pool.title)).collect())
}

/// Кампании для отбора.
async fn campaign_options(ctx: &Ctx) -> Result<Vec<(String, String)>> {
    let all = Campaign::find().order_by_desc(campaign::Column::Id).all(ctx.db_fresh()).await?;
    Ok(all.into_iter().map(|campaign| (campaign.id.to_string(), campaign.title)).collect())
}

/// Человек с этой почтой: она хранится в том виде, в котором сравнивают.
fn user_with(email: &Email) -> SelectStatement {
    let people = user::Entity::find().select_only().column(user::Column::Id);
    people.filter(user::Column::EmailNormalized.eq(email.normalized.as_str())).into_query()
}

fn pool_cell(id: i64) -> Cell {
    Cell::Object("campaigns.pool", id, format!("№ {id}"))
}

fn campaign_cell(id: i64) -> Cell {
    Cell::Object("campaigns.campaign", id, format!("№ {id}"))
}
