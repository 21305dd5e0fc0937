//! Сеанс просмотра.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Номер для страниц сотрудника, случайный: `id` — ключ посетителя.
    #[sea_orm(unique)]
    pub number: i64,
    pub campaign_id: i64,
    pub user_id: Option<i64>,
    /// День магазина, когда начат: `2026-03-02`.
    pub day: String,
    /// 10 очков за каждый разный актив.
    pub score: i64,
    /// Почта, которую привязали.
    pub pending_email: Option<String>,
    pub is_active: bool,
    /// Объект JSON текстом.
    pub metadata: Option<String>,
    pub created_at: Timestamp,
    pub last_seen: Timestamp,
    pub last_view_at: Option<Timestamp>,
    /// Набор собран, код выдан.
    pub completed_at: Option<Timestamp>,
    /// Пропуск на просмотр: какой, на что и с какого мига.
    pub view_token: Option<String>,
    pub token_asset_id: Option<i64>,
    pub token_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
