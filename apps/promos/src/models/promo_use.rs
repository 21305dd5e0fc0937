//! Использование кода одним владельцем (заказом).

use kernel::{Money, Timestamp};
use sea_orm::entity::prelude::*;

/// `held → released`; возвращённое опоздавшей оплатой — снова `held`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum UseState {
    #[sea_orm(string_value = "held")]
    Held,
    #[sea_orm(string_value = "released")]
    Released,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "promo_uses")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub promo_id: i64,
    pub owner_kind: String,
    pub owner_id: String,
    /// `None` — гость.
    pub user_id: Option<i64>,
    /// Отпечатки телефона и почты: самих их здесь нет, и стирать вместе с человеком нечего.
    pub phone_key: Option<String>,
    pub email_key: Option<String>,
    pub discount_amount: Money,
    /// Сумма всех товаров покупки, до скидки и без доставки.
    pub goods_amount: Money,
    pub state: UseState,
    pub created_at: Timestamp,
    pub released_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
