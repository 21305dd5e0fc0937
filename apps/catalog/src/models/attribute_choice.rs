//! Значение из перечня характеристики.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attribute_choices")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub attribute_id: i64,
    pub title: String,
    pub slug: String,
    pub position: i64,
    #[sea_orm(belongs_to, from = "attribute_id", to = "id")]
    pub attribute: HasOne<super::attribute::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
