//! Галерея товара: картинки, видео, 3D-модели, документы, эскиз.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    #[default]
    #[sea_orm(string_value = "image")]
    Image,
    #[sea_orm(string_value = "video")]
    Video,
    /// GLB или USDZ.
    #[sea_orm(string_value = "model_3d")]
    #[serde(rename = "model_3d")]
    Model3d,
    #[sea_orm(string_value = "document")]
    Document,
    /// Чёрно-белый эскиз.
    #[sea_orm(string_value = "sketch")]
    Sketch,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_media")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub product_id: i64,
    pub kind: MediaKind,
    /// Адрес: свой (`/api/v1/media/…`) или чужой https.
    pub url: String,
    pub alt: String,
    /// Порядок с нуля.
    pub position: i64,
    pub created_at: Timestamp,
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: HasOne<super::product::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
