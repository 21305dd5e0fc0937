//! Устройство: один вход и цепочка его refresh-токенов.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "devices")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i64,
    /// Общая часть всех refresh-токенов этого входа.
    pub family: String,
    /// SHA-256 нынешнего токена.
    pub refresh_hash: String,
    /// SHA-256 прошлого: принимается ещё `auth.refresh_grace` секунд после смены.
    pub previous_hash: Option<String>,
    pub rotated_at: Option<Timestamp>,
    pub user_agent: String,
    pub ip: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: HasOne<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
