//! Что мы сообщаем другим. `subject` внутри — предмет, за который платили; решает, что с ним делать, его приложение.

use kernel::{Event, Money, Subject};
use serde::{Deserialize, Serialize};

/// Вид предмета «платёж».
pub const PAYMENT: &str = "payments.payment";

/// Деньги получены. Может прийти и после отмены предмета: тогда его приложение возвращает деньги или зовёт человека.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaymentSucceeded {
    pub payment_id: i64,
    pub subject: Subject,
    pub amount: Money,
    pub currency: String,
}

/// Деньги удержаны и ждут `services::capture` (только при `payments.two_stage`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaymentAuthorized {
    pub payment_id: i64,
    pub subject: Subject,
    pub amount: Money,
    pub currency: String,
}

/// Платёж отменён: покупателем, нами, провайдером или временем.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaymentCancelled {
    pub payment_id: i64,
    pub subject: Subject,
    /// `cancelled_by_shop`, `expired` или код провайдера (`general_decline`).
    pub reason: String,
}

/// Провайдер не принял платёж; заплатить по нему нельзя.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaymentFailed {
    pub payment_id: i64,
    pub subject: Subject,
    pub reason: String,
}

/// Деньги возвращены (эта часть).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaymentRefunded {
    pub payment_id: i64,
    pub subject: Subject,
    /// Из чьей доли, если платёж за несколько предметов.
    #[serde(default)]
    pub part: Option<Subject>,
    pub amount: Money,
}

/// Обещанный возврат не вышел: деньги остались у магазина.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefundFailed {
    pub payment_id: i64,
    pub subject: Subject,
    #[serde(default)]
    pub part: Option<Subject>,
    pub amount: Money,
    /// Имя просьбы у просившего ([`crate::services::NewRefund::key`]).
    pub key: String,
}

/// Нужен человек.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaymentNeedsAttention {
    pub payment_id: i64,
    pub subject: Subject,
    /// `wrong_amount`, `wrong_currency`, `wrong_reference`, `wrong_payment`, `wrong_shop`, `test_payment`, `not_found`, `unknown_status`,
    /// `refund_failed`, `receipt_failed`.
    pub reason: String,
    /// Сколько у нас.
    pub amount: Money,
    /// Сколько говорит провайдер.
    pub seen: Money,
}

impl Event for PaymentSucceeded {
    const NAME: &'static str = "payments.payment_succeeded";

    fn subject(&self) -> Subject {
        Subject::new(PAYMENT, self.payment_id)
    }
}

impl Event for PaymentAuthorized {
    const NAME: &'static str = "payments.payment_authorized";

    fn subject(&self) -> Subject {
        Subject::new(PAYMENT, self.payment_id)
    }
}

impl Event for PaymentCancelled {
    const NAME: &'static str = "payments.payment_cancelled";

    fn subject(&self) -> Subject {
        Subject::new(PAYMENT, self.payment_id)
    }
}

impl Event for PaymentFailed {
    const NAME: &'static str = "payments.payment_failed";

    fn subject(&self) -> Subject {
        Subject::new(PAYMENT, self.payment_id)
    }
}

impl Event for PaymentRefunded {
    const NAME: &'static str = "payments.payment_refunded";

    fn subject(&self) -> Subject {
        Subject::new(PAYMENT, self.payment_id)
    }
}

impl Event for RefundFailed {
    const NAME: &'static str = "payments.refund_failed";

    fn subject(&self) -> Subject {
        Subject::new(PAYMENT, self.payment_id)
    }
}

impl Event for PaymentNeedsAttention {
    const NAME: &'static str = "payments.payment_needs_attention";

    fn subject(&self) -> Subject {
        Subject::new(PAYMENT, self.payment_id)
    }
}
