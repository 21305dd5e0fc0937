//! Тела запросов и ответов.

use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{Ctx, Money, Subject, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::emulator::{CallFault, Fault, GatewayStatus, PageView};
use crate::errors::reason_words;
use crate::models::{
    Kind, ReceiptStatus, RefundStatus, Status, payment, payment_event, payment_part, refund, settlement_receipt,
};

fn utc(time: Timestamp) -> DateTime<Utc> {
    time.and_utc()
}

/// Ссылка на оплату: ответ `/payment/create/{order_id}`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentLinkOut {
    pub payment_id: Uuid,
    /// Куда послать покупателя; нет — платят наличными.
    pub confirmation_url: Option<String>,
    pub status: Status,
}

impl PaymentLinkOut {
    pub fn of(ctx: &Ctx, payment: &payment::Model) -> PaymentLinkOut {
        PaymentLinkOut { payment_id: payment.public_id, confirmation_url: payment.pay_url(ctx), status: payment.status }
    }
}

/// Ответ `/payment/status/{payment_id}`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentStatusOut {
    pub id: Uuid,
    pub status: Status,
    pub paid: bool,
    pub amount: Money,
    pub currency: String,
    pub created_at: DateTime<Utc>,
    pub captured_at: Option<DateTime<Utc>>,
    /// За что платёж: `{"order_id": "42", "order_number": "MS-20260302-1A2B3C4D"}`.
    #[schema(value_type = Object)]
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

impl From<payment::Model> for PaymentStatusOut {
    fn from(row: payment::Model) -> PaymentStatusOut {
        let metadata = row.metadata().into_iter().map(|(name, value)| (name, value.into()));
        PaymentStatusOut {
            metadata: metadata.collect(),
            id: row.public_id,
            status: row.status,
            paid: row.status == Status::Succeeded,
            amount: row.amount,
            currency: row.currency,
            created_at: utc(row.created_at),
            captured_at: row.paid_at.map(utc),
        }
    }
}

/// Ответ отмены, уведомления, возврата с оплаты.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WordOut {
    #[schema(example = "ok")]
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl WordOut {
    pub fn of(status: &'static str) -> WordOut {
        WordOut { status, message: None }
    }
}

/// Платёж глазами покупателя.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentOut {
    pub id: Uuid,
    pub subject: SubjectOut,
    pub status: Status,
    pub amount: Money,
    pub refunded: Money,
    pub currency: String,
    pub description: String,
    /// Пока можно платить.
    pub payment_url: Option<String>,
    pub created_at: DateTime<Utc>,
    pub paid_at: Option<DateTime<Utc>>,
}

/// За что платёж.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SubjectOut {
    #[schema(example = "orders.order")]
    pub kind: String,
    #[schema(example = "42")]
    pub id: String,
}

impl From<Subject> for SubjectOut {
    fn from(subject: Subject) -> SubjectOut {
        SubjectOut { kind: subject.kind, id: subject.id }
    }
}

impl PaymentOut {
    pub fn of(ctx: &Ctx, row: payment::Model) -> PaymentOut {
        PaymentOut {
            id: row.public_id,
            subject: row.subject().into(),
            payment_url: row.pay_url(ctx).filter(|_| row.status == Status::Pending),
            status: row.status,
            amount: row.amount,
            refunded: row.refunded,
            currency: row.currency,
            description: row.description,
            created_at: utc(row.created_at),
            paid_at: row.paid_at.map(utc),
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentList {
    pub payments: Vec<PaymentOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Платёж глазами сотрудника.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StaffPaymentOut {
    pub id: i64,
    pub public_id: Uuid,
    pub subject: SubjectOut,
    pub user_id: Option<i64>,
    pub provider: String,
    pub provider_payment_id: Option<String>,
    pub status: Status,
    /// Почему отменён, не принят или требует внимания.
    pub reason: Option<String>,
    /// То же словами, если слова есть.
    pub reason_text: Option<String>,
    pub amount: Money,
    pub captured: Money,
    /// Возвращено и обещано к возврату.
    pub refunded: Money,
    pub currency: String,
    pub description: String,
    pub expires_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub paid_at: Option<DateTime<Utc>>,
}

impl StaffPaymentOut {
    pub fn of(ctx: &Ctx, row: payment::Model) -> StaffPaymentOut {
        StaffPaymentOut {
            reason_text: row.reason.as_deref().and_then(|code| reason_words(ctx, ctx.lang(), code)),
            id: row.id,
            public_id: row.public_id,
            subject: row.subject().into(),
            user_id: row.user_id,
            provider: row.provider,
            provider_payment_id: row.provider_payment_id,
            status: row.status,
            reason: row.reason,
            amount: row.amount,
            captured: row.captured,
            refunded: row.refunded,
            currency: row.currency,
            description: row.description,
            expires_at: row.expires_at.map(utc),
            created_at: utc(row.created_at),
            paid_at: row.paid_at.map(utc),
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StaffPaymentList {
    pub payments: Vec<StaffPaymentOut>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Платёж с историей и возвратами.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentDetailsOut {
    #[serde(flatten)]
    pub payment: StaffPaymentOut,
    /// Чьи это деньги, если одним платежом оплачено несколько заказов; обычно пусто.
    pub parts: Vec<PaymentPartOut>,
    pub events: Vec<PaymentEventOut>,
    pub refunds: Vec<RefundOut>,
    /// Второй чек: предоплаченное передано покупателю.
    pub settlement_receipt: Option<SettlementReceiptOut>,
}

/// Доля одного заказа в общем платеже.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentPartOut {
    pub subject: SubjectOut,
    pub amount: Money,
    /// Возвращено и обещано к возврату.
    pub refunded: Money,
}

impl From<payment_part::Model> for PaymentPartOut {
    fn from(row: payment_part::Model) -> PaymentPartOut {
        PaymentPartOut { subject: row.subject().into(), amount: row.amount, refunded: row.refunded }
    }
}

/// Второй чек.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SettlementReceiptOut {
    pub status: ReceiptStatus,
    pub amount: Money,
    pub provider_receipt_id: Option<String>,
    /// Почему не вышел.
    pub reason: Option<String>,
    pub created_at: DateTime<Utc>,
}

impl From<settlement_receipt::Model> for SettlementReceiptOut {
    fn from(row: settlement_receipt::Model) -> SettlementReceiptOut {
        SettlementReceiptOut {
            status: row.status,
            amount: row.amount,
            provider_receipt_id: row.provider_receipt_id,
            reason: row.reason,
            created_at: utc(row.created_at),
        }
    }
}

/// Строка истории.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentEventOut {
    pub kind: Kind,
    pub amount: Option<Money>,
    pub note: String,
    pub actor: String,
    pub created_at: DateTime<Utc>,
}

impl PaymentEventOut {
    /// История целиком; у первого платежа предмета строки о создании нет, её заменяет сам платёж.
    pub fn all(payment: &payment::Model, rows: Vec<payment_event::Model>) -> Vec<PaymentEventOut> {
        let created = (!rows.iter().any(|row| row.kind == Kind::Created)).then(|| PaymentEventOut::created(payment));
        created.into_iter().chain(rows.into_iter().map(Into::into)).collect()
    }

    /// Создание первого платежа: его завёл тот, кто и платит.
    pub fn created(payment: &payment::Model) -> PaymentEventOut {
        PaymentEventOut {
            kind: Kind::Created,
            amount: Some(payment.amount),
            note: String::new(),
            actor: payment.user_id.map_or_else(|| "anonymous".to_owned(), |id| format!("user:{id}")),
            created_at: utc(payment.created_at),
        }
    }
}

impl From<payment_event::Model> for PaymentEventOut {
    fn from(row: payment_event::Model) -> PaymentEventOut {
        PaymentEventOut {
            kind: row.kind,
            amount: row.amount,
            note: row.note,
            actor: row.actor,
            created_at: utc(row.created_at),
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundOut {
    pub id: i64,
    pub payment_id: i64,
    pub status: RefundStatus,
    pub amount: Money,
    pub reason: String,
    pub actor: String,
    pub created_at: DateTime<Utc>,
}

impl From<refund::Model> for RefundOut {
    fn from(row: refund::Model) -> RefundOut {
        RefundOut {
            id: row.id,
            payment_id: row.payment_id,
            status: row.status,
            amount: row.amount,
            reason: row.reason,
            actor: row.actor,
            created_at: utc(row.created_at),
        }
    }
}

/// Отбор списка.
#[derive(Clone, Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentFilter {
    #[garde(skip)]
    pub status: Option<Status>,
    #[garde(length(chars, max = 20))]
    pub provider: Option<String>,
    /// Вид предмета: `orders.order`.
    #[garde(length(chars, max = 60))]
    pub subject_kind: Option<String>,
    #[garde(length(chars, max = 60))]
    pub subject_id: Option<String>,
}

/// Возврат.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundIn {
    /// Сколько вернуть; без суммы — всё, что осталось.
    #[garde(custom(positive))]
    pub amount: Option<Money>,
    #[garde(length(chars, min = 2, max = 250))]
    pub reason: String,
    /// Из чьей доли (номер заказа в `subject.id` доли), если одним платежом оплачено несколько заказов.
    #[garde(length(chars, max = 60))]
    pub subject_id: Option<String>,
    /// За какие строки чека и сколько за каждую; без них — по доле из всех строк.
    #[serde(default)]
    #[garde(length(max = 200), dive)]
    pub items: Vec<RefundItem>,
}

/// Строка чека и сколько за неё вернуть.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundItem {
    /// Номер строки заказа.
    #[garde(skip)]
    pub item_id: i64,
    #[garde(custom(positive_sum))]
    pub amount: Money,
}

fn positive_sum(amount: &Money, ctx: &()) -> garde::Result {
    positive(&Some(*amount), ctx)
}

fn positive(amount: &Option<Money>, _: &()) -> garde::Result {
    match amount {
        Some(amount) if *amount <= Money::ZERO => Err(garde::Error::new("not_positive")),
        Some(amount) if *amount > Money::MAX => Err(garde::Error::new("out_of_range")),
        _ => Ok(()),
    }
}

/// Тело, в котором нечего читать; старые клиенты шлют `{}`, `null` или ничего.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
pub struct NoFields {}

/// Оплата в эмуляторе.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmulatorPayIn {
    /// Неисправности; разрешены, только если `payments.emulator.faults = true`.
    #[garde(length(max = 10))]
    #[serde(default)]
    pub faults: Vec<Fault>,
}

/// Испортить ближайшие вызовы.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallFaultIn {
    #[garde(skip)]
    pub fault: CallFault,
    #[garde(range(min = 0, max = 1000))]
    pub times: i32,
}

/// Страница эмулятора.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EmulatorPageOut {
    pub payment_id: Uuid,
    pub status: GatewayStatus,
    pub is_open: bool,
    pub amount: Money,
    pub currency: String,
    pub description: String,
    pub return_url: String,
    pub expires_at: Option<DateTime<Utc>>,
}

impl From<PageView> for EmulatorPageOut {
    fn from(view: PageView) -> EmulatorPageOut {
        EmulatorPageOut {
            payment_id: view.public_id,
            status: view.status,
            is_open: view.is_open,
            amount: view.amount,
            currency: view.currency,
            description: view.description,
            return_url: view.return_url,
            expires_at: view.expires_at.map(utc),
        }
    }
}
