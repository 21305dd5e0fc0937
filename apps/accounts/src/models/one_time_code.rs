//! Одноразовый код или ссылка.

use kernel::Timestamp;
use sea_orm::entity::prelude::*;

/// Сколько раз можно ошибиться; держит и CHECK таблицы.
pub const MAX_ATTEMPTS: i32 = 5;

/// Зачем код. Код одного дела не годится в другом.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum Purpose {
    /// Войти или зарегистрироваться.
    #[sea_orm(string_value = "login")]
    Login,
    /// Доказать новый телефон или почту в профиле.
    #[sea_orm(string_value = "confirm")]
    Confirm,
    /// Задать новый пароль вместо забытого.
    #[sea_orm(string_value = "reset")]
    Reset,
    /// Завести первого администратора по ссылке из журнала.
    #[sea_orm(string_value = "setup")]
    Setup,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "one_time_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub purpose: Purpose,
    /// Телефон E.164 или почта в нижнем регистре.
    pub target: String,
    /// Для кого, если дело — о готовой учётной записи.
    pub user_id: Option<i64>,
    /// Сеть, из которой просили: для предела на сеть.
    pub network: String,
    pub attempts: i32,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
