//! Вид цены учётной системы: в разбитых выгрузках имя вида приходит отдельно от самих цен.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_price_types")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub source: String,
    pub external_id: String,
    pub name: String,
}

impl ActiveModelBehavior for ActiveModel {}
