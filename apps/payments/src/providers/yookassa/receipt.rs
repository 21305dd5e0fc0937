//! Чек словами ЮKassa.

use kernel::Money;
use serde_json::{Value, json};

use super::wire::Amount;
use crate::providers::SettlementRequest;
use crate::receipts::{PaymentMode, PaymentSubject, PricedLine, Receipt, priced};
use crate::settings::YooKassaSettings;

/// Строк в одном чеке.
const MAX_LINES: usize = 100;
/// Имя строки, в которую складывается не поместившееся.
const REST: &str = "Прочие товары заказа";

/// `receipt` внутри платежа и возврата.
pub(super) fn of(settings: &YooKassaSettings, receipt: &Receipt, currency: &str) -> Value {
    let lines = priced(&receipt.lines, MAX_LINES, REST);
    let items: Vec<Value> = lines.iter().map(|line| item(settings, line, currency)).collect();
    let mut body = json!({"customer": customer(settings, receipt), "items": items});
    if settings.tax_system_code > 0 {
        body["tax_system_code"] = settings.tax_system_code.into();
    }
    body
}

/// `POST /receipts`: полный расчёт, предоплата зачтена.
pub(super) fn settlement(settings: &YooKassaSettings, request: &SettlementRequest) -> Value {
    let mut body = of(settings, &request.receipt, &request.currency);
    body["type"] = "payment".into();
    body["payment_id"] = request.provider_payment_id.as_str().into();
    body["send"] = true.into();
    let prepaid: Money = request.receipt.sum();
    body["settlements"] = json!([{"type": "prepayment", "amount": Amount::of(prepaid, &request.currency)}]);
    body
}

/// Куда послать чек; покупателя без адресов заменяет адрес магазина.
fn customer(settings: &YooKassaSettings, receipt: &Receipt) -> Value {
    let mut customer = serde_json::Map::new();
    if let Some(email) = &receipt.email {
        customer.insert("email".into(), email.as_str().into());
    }
    if let Some(phone) = &receipt.phone {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        customer.insert("phone".into(), digits.into());
    }
    if customer.is_empty() {
        customer.insert("email".into(), settings.receipt_email.as_str().into());
    }
    customer.into()
}

fn item(settings: &YooKassaSettings, line: &PricedLine, currency: &str) -> Value {
    json!({
        "description": line.name,
        "quantity": line.quantity,
        "measure": "piece",
        "amount": Amount::of(line.price, currency),
        "vat_code": vat_code(settings, line),
        "payment_subject": match line.subject {
            PaymentSubject::Goods => "commodity",
            PaymentSubject::Service => "service",
        },
        "payment_mode": match line.mode {
            PaymentMode::FullPayment => "full_payment",
            PaymentMode::FullPrepayment => "full_prepayment",
            PaymentMode::PartialPrepayment => "partial_prepayment",
        },
    })
}

/// Код ставки; у предоплаты — расчётной, если магазин так считает.
fn vat_code(settings: &YooKassaSettings, line: &PricedLine) -> u8 {
    let plain = match line.vat_rate {
        Some(0) => 2,
        Some(10) => 3,
        Some(20) => 4,
        Some(5) => 7,
        Some(7) => 8,
        Some(22) => 11,
        _ => settings.vat_code,
    };
    match plain {
        code if !line.mode.is_prepayment() || !settings.extracted_prepayment_vat => code,
        3 => 5,
        4 => 6,
        7 => 9,
        8 => 10,
        11 => 12,
        code => code,
    }
}
