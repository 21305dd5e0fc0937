//! Промокод.

use kernel::{Money, Timestamp};
use sea_orm::entity::prelude::*;

use super::Percent;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "promo_codes")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Как его написали.
    pub code: String,
    /// Как его сравнивают (см. [`key_of`]).
    #[sea_orm(unique)]
    pub code_key: String,
    pub description: String,
    /// Важнее суммы: пока он не ноль, сумма не действует.
    pub discount_percent: Percent,
    pub discount_amount: Money,
    /// `None` — сколько угодно.
    pub max_uses: Option<i64>,
    pub max_uses_per_customer: Option<i64>,
    /// Кэш: сколько использований занято сейчас.
    pub current_uses: i64,
    /// С какой суммы товаров заказа действует.
    pub min_sum: Option<Money>,
    /// Виды покупок через пробел (см. [`super::Kind`]); пусто — любые.
    pub kinds: String,
    pub valid_from: Option<Timestamp>,
    /// Этот миг ещё входит.
    pub valid_until: Option<Timestamp>,
    pub is_active: bool,
    /// Растёт с каждой правкой условий: притязание сверяет её с посчитанной.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// Код в том виде, в котором его сравнивают: без регистра, крайних пробелов и различия е и ё.
pub fn key_of(code: &str) -> String {
    catalog::normalize::key(code)
}
