//! Раздел каталога.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "categories")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub parent_id: Option<i64>,
    pub name: String,
    pub slug: String,
    pub description: String,
    pub image_url: Option<String>,
    pub icon: Option<String>,
    /// Порядок среди соседей, меньшие — раньше.
    pub position: i64,
    pub is_visible: bool,
    pub is_popular: bool,
    pub seo_title: String,
    pub seo_description: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
