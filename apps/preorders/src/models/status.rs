//! Состояния волны и все законные переходы — данными.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Где волна. Прописные слова — имена из старых клиентов; в ответах их нет.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
#[schema(as = WaveStatus)]
pub enum Status {
    /// Набирает покупателей.
    #[sea_orm(string_value = "collecting")]
    #[serde(alias = "COLLECTING_PREORDERS")]
    Collecting,
    /// Изготавливается.
    #[sea_orm(string_value = "production")]
    #[serde(alias = "PRODUCTION")]
    Production,
    /// Готово, оформляются трек-номера.
    #[sea_orm(string_value = "tracking")]
    #[serde(alias = "TRACKING_FORMATION")]
    Tracking,
    /// Отправляется.
    #[sea_orm(string_value = "shipping")]
    #[serde(alias = "SHIPPING")]
    Shipping,
    /// Все получили своё.
    #[sea_orm(string_value = "completed")]
    Completed,
    /// Не состоялась: деньги возвращаются.
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
}

/// Все законные переходы: только вперёд; отменить можно, пока вещи не готовы.
pub const MOVES: &[(Status, Status)] = &[
    (Status::Collecting, Status::Production),
    (Status::Production, Status::Tracking),
    (Status::Tracking, Status::Shipping),
    (Status::Shipping, Status::Completed),
    (Status::Collecting, Status::Cancelled),
    (Status::Production, Status::Cancelled),
];

impl Status {
    pub fn can_become(self, to: Status) -> bool {
        MOVES.contains(&(self, to))
    }

    /// Как в базе и в JSON.
    pub fn code(self) -> String {
        self.to_value()
    }
}
