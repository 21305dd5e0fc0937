//! Состояния заказа и все законные переходы — данными.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Где заказ.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderStatus)]
pub enum Status {
    /// Оформлен, ждёт денег (или кассы).
    #[sea_orm(string_value = "pending")]
    Pending,
    #[sea_orm(string_value = "paid")]
    Paid,
    /// Собирается или изготавливается.
    #[sea_orm(string_value = "processing")]
    Processing,
    /// Уехал со склада.
    #[sea_orm(string_value = "shipped")]
    Shipped,
    #[sea_orm(string_value = "delivered")]
    Delivered,
    /// Собран у покупателя (мебель).
    #[sea_orm(string_value = "installed")]
    Installed,
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
    /// Вернули отгруженное.
    #[sea_orm(string_value = "returned")]
    Returned,
}

/// Что с деньгами заказа.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderPaymentStatus)]
pub enum PaymentStatus {
    #[sea_orm(string_value = "pending")]
    Pending,
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
    /// Провайдер не принял платёж; можно попробовать ещё раз.
    #[sea_orm(string_value = "failed")]
    Failed,
    /// Деньги возвращены целиком.
    #[sea_orm(string_value = "refunded")]
    Refunded,
    /// Сумма или валюта не сошлись: решает человек.
    #[sea_orm(string_value = "attention")]
    Attention,
}

/// Переход и при каком способе оплаты он законен.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    pub from: Status,
    pub to: Status,
    /// Только у заказов с оплатой при получении.
    pub cash_only: bool,
}

const fn step(from: Status, to: Status) -> Move {
    Move { from, to, cash_only: false }
}

/// Все законные переходы. Возвращение отменённого заказа к жизни опоздавшей оплатой — не переход сотрудника, а отдельное правило
/// (см. `services/late_payment.rs`).
pub const MOVES: &[Move] = &[
    step(Status::Pending, Status::Paid),
    Move { from: Status::Pending, to: Status::Processing, cash_only: true },
    step(Status::Pending, Status::Cancelled),
    step(Status::Paid, Status::Processing),
    step(Status::Paid, Status::Cancelled),
    step(Status::Processing, Status::Shipped),
    step(Status::Processing, Status::Cancelled),
    step(Status::Shipped, Status::Delivered),
    step(Status::Shipped, Status::Returned),
    step(Status::Delivered, Status::Installed),
    step(Status::Delivered, Status::Returned),
    step(Status::Installed, Status::Returned),
];

impl Status {
    /// Законен ли переход; `cash` — заказ оплачивается при получении.
    pub fn can_become(self, to: Status, cash: bool) -> bool {
        MOVES.iter().any(|step| step.from == self && step.to == to && (cash || !step.cash_only))
    }

    /// Держит ли заказ в этом состоянии остатки.
    pub fn holds_stock(self) -> bool {
        matches!(self, Status::Pending | Status::Paid | Status::Processing)
    }

    /// Товар уже у покупателя или в пути к нему.
    pub fn is_sent(self) -> bool {
        matches!(self, Status::Shipped | Status::Delivered | Status::Installed)
    }

    /// Может ли отменить сам покупатель: пока за заказ не взялись.
    pub fn owner_may_cancel(self) -> bool {
        matches!(self, Status::Pending | Status::Paid)
    }

    /// Как в базе и в JSON.
    pub fn code(self) -> String {
        self.to_value()
    }
}
