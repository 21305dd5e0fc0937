//! Актив: то, что смотрят.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_assets")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub pool_id: i64,
    #[sea_orm(unique)]
    pub slug: String,
    pub name: String,
    /// В JSON — `type`.
    pub kind: String,
    /// Объект JSON текстом.
    pub meta: String,
    pub position: i32,
    pub is_active: bool,
    /// GLB или glTF.
    pub model_url: Option<String>,
    /// USDZ: его показывает сам iPhone.
    pub ios_model_url: Option<String>,
    pub preview_url: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
