//! Сколько раз код занят одним покупателем.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "promo_customers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub promo_id: i64,
    /// `user:17`, отпечаток телефона или почты.
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer: String,
    pub uses: i64,
}

impl ActiveModelBehavior for ActiveModel {}
