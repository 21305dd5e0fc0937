//! Что у человека включено в одном канале.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

use super::message::{Channel, Purpose};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_preferences")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i64,
    pub channel: Channel,
    /// О своих делах.
    pub service: bool,
    /// Рекламу — по согласию.
    pub advertising: bool,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// Включено ли, пока человек не сказал иного: о своих делах ему пишут на почту, рекламу — никуда.
pub fn default_of(channel: Channel, purpose: Purpose) -> bool {
    channel == Channel::Email && purpose == Purpose::Service
}

/// Включено ли это у человека с такими строками.
pub fn is_on(rows: &[Model], channel: Channel, purpose: Purpose) -> bool {
    match rows.iter().find(|row| row.channel == channel) {
        Some(row) if purpose == Purpose::Advertising => row.advertising,
        Some(row) => row.service,
        None => default_of(channel, purpose),
    }
}
