//! Загрузка: одна строка на каждый запуск (проба командой не записывается, проба присланного файла — да).

use kernel::Timestamp;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_runs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub source: String,
    pub path: String,
    pub status: RunStatus,
    pub created_count: i64,
    pub changed_count: i64,
    pub unchanged_count: i64,
    pub hidden_count: i64,
    /// Цены и остатки, которые ждут своего товара.
    pub pending_count: i64,
    pub refused_count: i64,
    pub warning_count: i64,
    pub error: Option<String>,
    pub actor: String,
    pub started_at: Timestamp,
    /// `None` у идущей загрузки и у той, что оборвалась вместе с программой.
    pub finished_at: Option<Timestamp>,
    /// Ничего не изменила: показала, что будет.
    pub is_trial: bool,
    /// Файл, присланный в админке; нет — загружали командой.
    pub file_id: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}

/// `running → done | failed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    #[sea_orm(string_value = "running")]
    Running,
    #[sea_orm(string_value = "done")]
    Done,
    #[sea_orm(string_value = "failed")]
    Failed,
}
