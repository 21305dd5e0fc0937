//! Тела ЮKassa: только то, что читаем; лишнее не мешает, незнакомые слова остаются текстом.

use kernel::{CallAnswer, Money};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::api::Api;
use crate::providers::{OperationStatus, Remote, RemoteOperation, RemoteStatus};

/// Под этим именем в метаданных лежит наша ссылка на платёж.
pub(super) const REFERENCE: &str = "payment";

/// Сумма: `{"value": "1000.00", "currency": "RUB"}`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Amount {
    #[serde(serialize_with = "decimal")]
    pub value: Money,
    pub currency: String,
}

impl Amount {
    pub(super) fn of(value: Money, currency: &str) -> Amount {
        Amount { value, currency: currency.to_owned() }
    }
}

fn decimal<S: serde::Serializer>(value: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[derive(Debug, Deserialize)]
pub(super) struct Payment {
    id: String,
    status: String,
    amount: Amount,
    refunded_amount: Option<Amount>,
    confirmation: Option<Confirmation>,
    metadata: Option<Map<String, Value>>,
    cancellation_details: Option<Cancellation>,
    recipient: Option<Recipient>,
    receipt_registration: Option<String>,
    #[serde(default)]
    test: bool,
}

#[derive(Debug, Deserialize)]
struct Confirmation {
    confirmation_url: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Cancellation {
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Recipient {
    #[serde(default, deserialize_with = "text_or_number")]
    account_id: Option<String>,
}

/// Номер магазина приходит то строкой, то числом.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        Some(Value::String(text)) => Some(text),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    })
}

impl Payment {
    /// Наша ссылка, если платёж заводили мы.
    pub(super) fn reference(&self) -> Option<Uuid> {
        self.metadata.as_ref()?.get(REFERENCE)?.as_str()?.parse().ok()
    }

    pub(super) fn into_remote(self, api: &Api<'_>) -> Remote {
        Remote {
            reference: self.reference(),
            doubt: self.doubt(api),
            status: match self.status.as_str() {
                "pending" => RemoteStatus::Pending,
                "waiting_for_capture" => RemoteStatus::WaitingForCapture,
                "succeeded" => RemoteStatus::Succeeded,
                "canceled" => RemoteStatus::Cancelled(reason(self.cancellation_details)),
                other => RemoteStatus::Unknown(other.to_owned()),
            },
            amount: self.amount.value,
            refunded: self.refunded_amount.map_or(Money::ZERO, |amount| amount.value),
            currency: self.amount.currency,
            confirmation_url: self.confirmation.and_then(|confirmation| confirmation.confirmation_url),
            receipt: self.receipt_registration.as_deref().map(|word| operation_status(word, None)),
            id: self.id,
        }
    }

    /// Чужой магазин или игрушечные деньги.
    fn doubt(&self, api: &Api<'_>) -> Option<&'static str> {
        let settings = api.settings();
        let shop = self.recipient.as_ref().and_then(|recipient| recipient.account_id.as_deref());
        if shop.is_some_and(|shop| shop != settings.shop_id) {
            return Some("wrong_shop");
        }
        (self.test && !settings.secret_key.expose().starts_with("test_")).then_some("test_payment")
    }
}

/// Возврат или чек.
#[derive(Debug, Deserialize)]
pub(super) struct Operation {
    id: String,
    status: String,
    pub description: Option<String>,
    cancellation_details: Option<Cancellation>,
    receipt_registration: Option<String>,
}

impl From<Operation> for RemoteOperation {
    fn from(operation: Operation) -> RemoteOperation {
        let status = operation_status(&operation.status, operation.cancellation_details);
        let receipt = operation.receipt_registration.as_deref().map(|word| operation_status(word, None));
        RemoteOperation { id: operation.id, status, receipt }
    }
}

/// Незнакомое слово — «ещё не кончилось»: спросим снова.
fn operation_status(word: &str, details: Option<Cancellation>) -> OperationStatus {
    match word {
        "succeeded" => OperationStatus::Succeeded,
        "canceled" => OperationStatus::Cancelled(reason(details)),
        _ => OperationStatus::Pending,
    }
}

fn reason(details: Option<Cancellation>) -> String {
    details.and_then(|details| details.reason).unwrap_or_else(|| "canceled".to_owned())
}

#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    #[serde(default = "Vec::new")]
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}

/// `GET /me`.
#[derive(Debug, Deserialize)]
pub(super) struct Shop {
    #[serde(default, deserialize_with = "text_or_number")]
    pub account_id: Option<String>,
    pub status: Option<String>,
    #[serde(default)]
    pub test: bool,
}

/// Уведомление; из предмета берутся только имена.
#[derive(Debug, Deserialize)]
pub(super) struct Notification {
    pub event: String,
    pub object: Object,
}

#[derive(Debug, Deserialize)]
pub(super) struct Object {
    pub id: String,
    #[serde(default)]
    pub status: String,
    pub payment_id: Option<String>,
}

/// Тело отказа; нечитаемое — только статус.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    pub code: String,
    #[serde(default)]
    pub description: String,
    pub parameter: Option<String>,
}

impl Refusal {
    pub(super) fn of(answer: &CallAnswer) -> Refusal {
        answer.json().unwrap_or_else(|_| Refusal {
            code: format!("http_{}", answer.status.as_u16()),
            description: String::new(),
            parameter: None,
        })
    }
}
