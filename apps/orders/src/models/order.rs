//! Заказ.

use kernel::{Money, Subject, Timestamp};
use sea_orm::entity::prelude::*;

use super::{PaymentStatus, Status};
use delivery::models::Kind as DeliveryKind;

/// Вид предмета «заказ»: им платёж, склад и новости называют заказ.
pub const SUBJECT: &str = "orders.order";
/// Вид предмета «остаток заказа»: второй платёж после задатка.
pub const BALANCE: &str = "orders.balance";
/// Вид предмета «корзина»: заказы, оформленные вместе.
pub const CHECKOUT: &str = "orders.checkout";

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// `MS-20260302-1A2B3C4D`.
    #[sea_orm(unique)]
    pub number: String,
    /// Ключ к заказу без входа: 128 бит.
    #[sea_orm(unique)]
    pub access_token: String,
    /// `None` — гость.
    pub user_id: Option<i64>,
    pub status: Status,
    pub payment_status: PaymentStatus,
    /// Чем решили платить: код провайдера платежей.
    pub payment_provider: String,
    /// Платёж, которым заказ оплачен; с задатком — первый.
    pub payment_id: Option<i64>,
    /// Общая метка заказов, оформленных одной корзиной; `None` — заказ в ней один.
    pub checkout: Option<String>,
    /// Заказы корзины оплачиваются одним платежом.
    pub joint_payment: bool,
    pub currency: String,
    pub items_amount: Money,
    pub delivery_amount: Money,
    pub discount_amount: Money,
    pub promo_code_id: Option<i64>,
    /// Код, каким его завёл магазин.
    pub promo_code: Option<String>,
    /// Товары и доставка.
    pub total_amount: Money,
    /// К оплате: `total_amount − discount_amount`.
    pub final_amount: Money,
    pub refunded_amount: Money,
    /// Первый платёж, если он меньше `final_amount`: задаток за предзаказ и цена остального.
    pub deposit_amount: Option<Money>,
    /// Остаток: сколько спросят вторым платежом.
    pub balance_amount: Money,
    pub balance_payment_id: Option<i64>,
    /// Когда попросили остаток.
    pub balance_asked_at: Option<Timestamp>,
    pub balance_paid_at: Option<Timestamp>,
    /// Сколько раз напомнили об остатке.
    pub balance_reminders: i32,
    pub contact_name: String,
    pub contact_phone: String,
    pub contact_email: String,
    pub comment: String,
    /// На каком языке писать покупателю.
    pub lang: String,
    pub delivery_method: Option<String>,
    pub delivery_kind: Option<DeliveryKind>,
    pub delivery_title: String,
    pub delivery_address: String,
    pub postal_code: Option<String>,
    pub cdek_point: Option<String>,
    pub pickup_point_id: Option<i64>,
    pub tracking_number: Option<String>,
    pub cancel_reason: Option<String>,
    /// Когда неоплаченный заказ отменится сам; `None` — никогда (наличные).
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub shipped_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    #[sea_orm(has_many)]
    pub items: HasMany<super::order_item::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Заказ как предмет для склада, платежей и новостей.
pub fn subject_of(order_id: i64) -> Subject {
    Subject::new(SUBJECT, order_id)
}

impl Model {
    pub fn subject(&self) -> Subject {
        subject_of(self.id)
    }

    /// За что первый платёж: за сам заказ или за корзину, которую оплачивают вместе.
    pub fn first_subject(&self) -> Subject {
        match &self.checkout {
            Some(checkout) if self.joint_payment => Subject::new(CHECKOUT, checkout),
            _ => self.subject(),
        }
    }

    /// За что второй платёж.
    pub fn balance_subject(&self) -> Subject {
        Subject::new(BALANCE, self.id)
    }

    /// Кто держит промокод: заказы одной корзины — одно использование на всех.
    pub fn promo_owner(&self) -> Subject {
        self.checkout.as_ref().map_or_else(|| self.subject(), |checkout| Subject::new(CHECKOUT, checkout))
    }

    /// Первый платёж.
    pub fn due_now(&self) -> Money {
        self.deposit_amount.unwrap_or(self.final_amount)
    }

    /// Остаток, который пора или можно платить.
    pub fn balance_due(&self) -> Money {
        let is_live = !matches!(self.status, Status::Pending | Status::Cancelled | Status::Returned);
        if is_live && self.balance_paid_at.is_none() { self.balance_amount } else { Money::ZERO }
    }

    /// Получено за заказ, вместе с возвращённым потом.
    pub fn received(&self) -> Money {
        let first = if self.paid_at.is_some() { self.due_now() } else { Money::ZERO };
        let second = if self.balance_paid_at.is_some() { self.balance_amount } else { Money::ZERO };
        first + second
    }

    /// Скидка покрыла всё: платить нечего, и заказ оплачен с рождения.
    pub fn is_free(&self) -> bool {
        self.final_amount.is_zero()
    }

    /// Оплата при получении.
    pub fn is_cash(&self) -> bool {
        self.payment_provider == payments::providers::cash::CODE
    }
}
