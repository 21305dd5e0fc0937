//! Второй фактор: код из приложения-аутентификатора.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// Из неё и ключа сервера выводится секрет.
    pub salt: String,
    /// Последний принятый шаг времени (30 секунд).
    pub last_step: i64,
    /// Пусто — начат, но первым кодом ещё не подтверждён: при входе не спрашивается.
    pub confirmed_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
