//! Ответы отчётов. Определения чисел — в README приложения.

use kernel::Money;
use serde::Serialize;
use utoipa::ToSchema;

use crate::period::Period;

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SalesReport {
    /// За какой срок посчитано.
    pub period: Period,
    /// Получено за заказы срока, оплаченные и не возвращённые целиком; у заказа с задатком — задаток, а остаток — когда он пришёл.
    pub total_sales: Money,
    /// Возвращено по этим же заказам частично.
    pub refunded_amount: Money,
    /// `total_sales − refunded_amount`.
    pub net_sales: Money,
    /// Сколько этих заказов.
    pub orders_count: i64,
    /// `total_sales / orders_count`; заказов нет — 0.
    pub average_order_value: Money,
    /// Штук в этих заказах, без отменённых магазином строк.
    pub products_sold: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreordersReport {
    /// За какой срок посчитано.
    pub period: Period,
    /// Неотменённых строк предзаказа в неотменённых заказах срока.
    pub total_preorders: i64,
    /// Эти же строки по номерам волн.
    pub preorders_by_wave: Vec<WaveCount>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WaveCount {
    /// Номер волны.
    pub wave: i32,
    /// Строк предзаказа в волнах с этим номером, у всех товаров вместе.
    pub count: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CustomersReport {
    /// Люди без служебной группы, не стёртые.
    pub total_customers: i64,
    /// Из них заказавшие хоть раз.
    pub customers_with_orders: i64,
    /// Остальные.
    pub customers_without_orders: i64,
    /// Доля заказавших, процентов, два знака.
    pub conversion_rate: f64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromoCodesReport {
    /// Неотменённые заказы с промокодом.
    pub orders_with_promo: i64,
    /// Неотменённые заказы без него.
    pub orders_without_promo: i64,
    /// Скидка по промокодам в этих заказах.
    pub total_discount_given: Money,
    /// Сто самых ходовых кодов.
    pub codes: Vec<PromoCodeUse>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromoCodeUse {
    /// Каким его видел покупатель: переименование прежних заказов не трогает.
    pub code: String,
    /// Неотменённых заказов с ним.
    pub orders: i64,
    /// Скидка в этих заказах.
    pub discount: Money,
    /// К оплате по этим заказам.
    pub revenue: Money,
}
