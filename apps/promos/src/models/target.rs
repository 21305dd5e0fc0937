//! На что действует код: товар или раздел.

use sea_orm::entity::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
pub enum TargetKind {
    #[sea_orm(string_value = "product")]
    Product,
    /// Вместе с вложенными разделами.
    #[sea_orm(string_value = "category")]
    Category,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "promo_targets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub promo_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: TargetKind,
    #[sea_orm(primary_key, auto_increment = false)]
    pub target_id: i64,
}

impl ActiveModelBehavior for ActiveModel {}
