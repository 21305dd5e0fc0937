//! Что мы сообщаем другим: id и факты, без личных данных.

use kernel::{Event, Money, Subject};
use serde::{Deserialize, Serialize};

use crate::models::Status;
use crate::models::order::subject_of;

/// Заказ оформлен.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderPlaced {
    pub order_id: i64,
    pub user_id: Option<i64>,
    pub final_amount: Money,
    pub currency: String,
}

/// Заказ оплачен.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderPaid {
    pub order_id: i64,
    pub user_id: Option<i64>,
    /// `None` — платить было нечего: скидка покрыла всё.
    pub payment_id: Option<i64>,
    pub final_amount: Money,
    pub currency: String,
}

/// Остаток после задатка получен: заказ оплачен целиком.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BalancePaid {
    pub order_id: i64,
    pub payment_id: i64,
    pub amount: Money,
}

/// Магазин отменил строки заказа (волна не состоялась), остальные живут.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ItemsCancelled {
    pub order_id: i64,
    pub item_ids: Vec<i64>,
    pub refunded_amount: Money,
}

/// Заказ перешёл в другое состояние. Об оплате и отмене говорят свои новости.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderStatusChanged {
    pub order_id: i64,
    pub from: Status,
    pub to: Status,
}

/// Заказ отменён, занятое отпущено.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderCancelled {
    pub order_id: i64,
    pub user_id: Option<i64>,
    /// Код причины: `expired`, `payment_cancelled`, `cancelled_by_customer`, `cancelled_by_staff`, `refunded`,
    /// `wave_cancelled`.
    pub reason: String,
}

impl Event for OrderPlaced {
    const NAME: &'static str = "orders.order_placed";

    fn subject(&self) -> Subject {
        subject_of(self.order_id)
    }
}

impl Event for OrderPaid {
    const NAME: &'static str = "orders.order_paid";

    fn subject(&self) -> Subject {
        subject_of(self.order_id)
    }
}

impl Event for BalancePaid {
    const NAME: &'static str = "orders.balance_paid";

    fn subject(&self) -> Subject {
        subject_of(self.order_id)
    }
}

impl Event for ItemsCancelled {
    const NAME: &'static str = "orders.items_cancelled";

    fn subject(&self) -> Subject {
        subject_of(self.order_id)
    }
}

impl Event for OrderStatusChanged {
    const NAME: &'static str = "orders.order_status_changed";

    fn subject(&self) -> Subject {
        subject_of(self.order_id)
    }
}

impl Event for OrderCancelled {
    const NAME: &'static str = "orders.order_cancelled";

    fn subject(&self) -> Subject {
        subject_of(self.order_id)
    }
}
