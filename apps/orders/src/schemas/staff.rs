//! Тела и фильтры сотрудника.

use chrono::{DateTime, Utc};
use delivery::schemas::check_cdek_point;
use garde::Validate;
use kernel::Money;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::models::{PaymentStatus, Status};

/// Правка заказа: только присланное. Незнакомые поля не замечаются.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
pub struct OrderPatch {
    #[garde(skip)]
    pub status: Option<Status>,
    #[garde(length(chars, max = 100))]
    pub tracking_number: Option<String>,
    #[garde(length(chars, max = 500))]
    pub delivery_address: Option<String>,
    #[garde(inner(length(chars, max = 50)), custom(check_cdek_point))]
    pub cdek_point: Option<String>,
    /// Почему: попадёт в историю, её видит покупатель.
    #[garde(length(chars, max = 1000))]
    pub note: Option<String>,
}

/// Вернуть деньги за заказ: за строки, суммой или всё, что осталось.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderRefundIn {
    /// За какие строки и сколько штук; сумму считает магазин.
    #[serde(default)]
    #[garde(length(max = 200), dive)]
    pub items: Vec<RefundLine>,
    /// Сколько вернуть, если строки не названы; ни того ни другого — всё, что осталось.
    #[garde(skip)]
    pub amount: Option<Money>,
    /// Названные штуки снова у магазина: неотгруженные не поедут, отгруженные вернулись на склад.
    #[serde(default)]
    #[garde(skip)]
    pub restock: bool,
    #[garde(length(chars, min = 2, max = 250))]
    pub reason: String,
}

#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundLine {
    /// Номер строки заказа.
    #[garde(skip)]
    pub id: i64,
    #[garde(range(min = 1, max = 10_000))]
    pub quantity: i64,
}

/// Перевод в другое состояние.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusIn {
    #[garde(skip)]
    pub status: Status,
    /// Почему: попадёт в историю, её видит покупатель.
    #[garde(length(chars, max = 1000))]
    pub note: Option<String>,
    #[garde(length(chars, max = 100))]
    pub tracking_number: Option<String>,
    /// При `returned`: вернуть товар на склад.
    #[garde(skip)]
    #[serde(default)]
    pub restock: bool,
}

/// Этап заказа целиком: без `planned_at` обещанная дата снимается.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StageIn {
    #[garde(skip)]
    pub planned_at: Option<DateTime<Utc>>,
    /// Этап сделан.
    #[garde(skip)]
    #[serde(default)]
    pub done: bool,
    #[garde(length(chars, max = 1000))]
    pub note: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrderFilter {
    #[garde(skip)]
    pub status: Option<Status>,
    /// `attention` — те, что ждут человека.
    #[garde(skip)]
    pub payment_status: Option<PaymentStatus>,
    /// Номер заказа целиком.
    #[garde(length(chars, max = 40))]
    pub number: Option<String>,
    /// Телефон покупателя.
    #[garde(length(chars, max = 40))]
    pub phone: Option<String>,
}
