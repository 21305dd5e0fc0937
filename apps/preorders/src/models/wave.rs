//! Волна предзаказа.

use kernel::{Money, Timestamp};
use sea_orm::entity::prelude::*;

use super::Status;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "preorder_waves")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub product_id: i64,
    /// С единицы, у каждого товара свои.
    pub wave_number: i32,
    pub capacity: i64,
    /// Занято мест, вместе с предложенными листу ожидания.
    pub current_count: i64,
    pub status: Status,
    /// Последние слова сотрудника покупателям.
    pub status_message: String,
    pub is_completed: bool,
    /// Своя цена штуки; `None` — цена товара.
    pub price: Option<Money>,
    /// Задаток, процентов цены; `None` — платят сразу всё.
    pub deposit_percent: Option<i32>,
    /// Меньше этого не шьём.
    pub min_count: Option<i64>,
    /// До каких пор набираем.
    pub closes_at: Option<Timestamp>,
    /// Когда срок набора отработан.
    pub closed_at: Option<Timestamp>,
    /// Обещанное начало отправки.
    pub ships_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub completed_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub fn free(&self) -> i64 {
        self.capacity - self.current_count
    }

    /// Можно ли сейчас занять в ней место.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.is_collecting(now) && self.free() > 0
    }

    /// Набирает ли она покупателей, пусть и полная.
    pub fn is_collecting(&self, now: Timestamp) -> bool {
        self.status == Status::Collecting && self.closes_at.is_none_or(|at| at > now)
    }
}
