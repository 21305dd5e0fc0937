//! Адрес из адресной книги.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "addresses")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i64,
    /// Равен `user_id` у адреса по умолчанию.
    pub default_of: Option<i64>,
    /// «Дом», «Работа».
    pub title: String,
    pub recipient: String,
    pub phone: Option<String>,
    /// Адрес одной строкой, как его набрали.
    pub text: String,
    pub postal_code: String,
    pub region: String,
    pub city: String,
    pub street: String,
    pub house: String,
    pub flat: String,
    pub cdek_city_code: Option<i64>,
    pub cdek_point: String,
    pub comment: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: HasOne<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
