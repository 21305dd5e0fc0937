//! Цена или остаток, чей товар ещё не приходил: применится, когда он появится.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_pending")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub source: String,
    pub product_external_id: String,
    pub external_id: String,
    /// Что внутри: `v` — описание варианта, `p` — цены, `s` — остаток.
    pub aspects: String,
    pub digest: String,
    /// `OfferRecord` в JSON.
    pub payload: String,
}

impl ActiveModelBehavior for ActiveModel {}
