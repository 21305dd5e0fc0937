//! Кампания.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub pool_id: i64,
    #[sea_orm(unique)]
    pub slug: String,
    pub title: String,
    pub description: String,
    /// `1` у кампании по умолчанию, у прочих `None`.
    pub default_mark: Option<i32>,
    pub is_active: bool,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    /// [`crate::schemas::Reward`] текстом JSON.
    pub reward: String,
    /// Сколько секунд смотреть актив; 0 — сколько угодно.
    pub min_dwell: i32,
    /// Просмотров одного сеанса в минуту.
    pub views_per_minute: Option<i32>,
    pub address_views_per_minute: Option<i32>,
    pub address_sessions_per_hour: Option<i32>,
    /// Просмотр засчитывается только с пропуском, взятым при открытии актива.
    pub needs_view_token: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Идёт ли сейчас; оба края срока входят.
    pub fn runs_at(&self, now: Timestamp) -> bool {
        let has_begun = self.starts_at.is_none_or(|start| start <= now);
        self.is_active && has_begun && self.ends_at.is_none_or(|end| now <= end)
    }
}
