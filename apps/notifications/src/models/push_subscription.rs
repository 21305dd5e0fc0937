//! Браузер, разрешивший уведомления.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "push_subscriptions")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i64,
    pub endpoint: String,
    /// SHA-256 адреса: по нему подписка одна.
    pub endpoint_hash: String,
    /// Ключ браузера, base64url.
    pub p256dh: String,
    pub auth: String,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
