//! Свой пункт выдачи.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pickup_points")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub code: String,
    pub title: String,
    pub city: String,
    pub city_normalized: String,
    pub address: String,
    pub phone: String,
    /// Часы работы словами, по строке на правило.
    pub worktime: String,
    pub longitude: Option<f64>,
    pub latitude: Option<f64>,
    pub is_active: bool,
    pub position: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
