//! Админка: кампании, пулы с активами, коды.

mod assets;
mod campaigns;
mod codes;
mod tables;

pub use assets::{assets, pools};
pub use campaigns::campaigns;
pub use codes::codes;

use admin::{Cell, Viewer};
use kernel::{Ctx, Result};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use crate::models::{Pool, pool};

/// Просмотрщик 3D со страницы кампании: он же показывает модели в админке.
pub fn viewer() -> Viewer {
    Viewer { script: "/ar/static/model-viewer.min.js", draco: "/ar/static/draco/", style: crate::pages::VIEWER_STYLE }
}

/// Пулы для выбора.
async fn pool_options(ctx: &Ctx) -> Result<Vec<(String, String)>> {
    let pools = Pool::find().order_by_asc(pool::Column::Id).all(ctx.db_fresh()).await?;
    Ok(pools.into_iter().map(|pool| (pool.slug, pool.title)).collect())
}

fn pool_cell(id: i64) -> Cell {
    Cell::Object("campaigns.pool", id, format!("№ {id}"))
}

fn campaign_cell(id: i64) -> Cell {
    Cell::Object("campaigns.campaign", id, format!("№ {id}"))
}
