//! Человек.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Его знают снаружи: `id` в ответах и `sub` в токене.
    pub public_id: Uuid,
    /// E.164.
    pub phone: Option<String>,
    pub phone_verified_at: Option<Timestamp>,
    /// Как человек написал; сравнивают по `email_normalized`.
    pub email: Option<String>,
    pub email_normalized: Option<String>,
    pub email_verified_at: Option<Timestamp>,
    /// Нет у тех, кто входит только по коду.
    pub password_hash: Option<String>,
    pub first_name: String,
    pub last_name: String,
    pub patronymic: String,
    pub full_name: String,
    /// Имя для поиска: строчными, ё→е (базы сравнивают кириллицу по-разному).
    pub name_normalized: String,
    pub address: String,
    pub cdek_point: String,
    pub telegram: String,
    pub vk: String,
    pub avatar: String,
    pub newsletter: bool,
    /// Свободная анкета: объект JSON текстом.
    pub questionnaire: Option<String>,
    pub is_active: bool,
    /// Растёт, когда все выданные токены надо сделать недействительными.
    pub session_version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Личное стёрто, строка осталась ради заказов и отчётности.
    pub deleted_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Доказал ли человек хоть что-то: пока нет, учётную запись мог завести кто угодно.
    pub fn is_proven(&self) -> bool {
        self.phone_verified_at.is_some() || self.email_verified_at.is_some()
    }
}
