//! Значение характеристики у товара.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attribute_values")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub product_id: i64,
    pub attribute_id: i64,
    pub choice_id: Option<i64>,
    /// По чему фильтруют: slug значения из перечня, `true`/`false`, число без лишних нулей, нормализованный текст.
    pub value_key: String,
    pub text_value: Option<String>,
    /// В тысячных долях; у да/нет — 1000 или 0.
    pub number_value: Option<i64>,
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: HasOne<super::product::Entity>,
    #[sea_orm(belongs_to, from = "attribute_id", to = "id")]
    pub attribute: HasOne<super::attribute::Entity>,
    #[sea_orm(belongs_to, from = "choice_id", to = "id")]
    pub choice: HasOne<super::attribute_choice::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
