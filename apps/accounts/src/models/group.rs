//! Группа прав (роль).

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

/// Может всё.
pub const ADMIN: &str = "admin";
/// Все вошедшие; членство подразумевается.
pub const CUSTOMER: &str = "customer";
/// Одобренный преподаватель: виден в открытом списке.
pub const TEACHER: &str = "teacher";
pub const MODERATOR: &str = "moderator";
pub const MANAGER: &str = "manager";

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "permission_groups")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub code: String,
    pub title: String,
    /// Привезена приложением: не удаляется.
    pub is_builtin: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
