//! Файл, присланный в админке: проба, потом загрузка.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_files")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Как файл назывался у приславшего.
    pub name: String,
    pub size: i64,
    pub storage_key: String,
    pub status: FileStatus,
    /// Ход: сколько байтов прочитано из скольких.
    pub bytes_done: i64,
    pub bytes_total: i64,
    /// Почему файл не принят целиком.
    pub error_code: Option<String>,
    /// Подстановки текста, JSON.
    pub error_detail: String,
    pub actor: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// `checking → checked | refused`, `checked → loading → loaded | failed`, `failed → loading`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum FileStatus {
    /// Идёт проба.
    #[sea_orm(string_value = "checking")]
    Checking,
    #[sea_orm(string_value = "checked")]
    Checked,
    /// Файл не читается: загружать нечего.
    #[sea_orm(string_value = "refused")]
    Refused,
    #[sea_orm(string_value = "loading")]
    Loading,
    #[sea_orm(string_value = "loaded")]
    Loaded,
    #[sea_orm(string_value = "failed")]
    Failed,
}

impl FileStatus {
    /// Над файлом сейчас работают.
    pub fn is_busy(self) -> bool {
        matches!(self, FileStatus::Checking | FileStatus::Loading)
    }
}
