//! Условия платежа: за что, сколько и с каким чеком.

use kernel::{Money, Result, Subject, Work};
use payments::receipts::Receipt;
use payments::services::NewPayment;

use super::letters;
use super::receipt::{Turn, receipt_of};
use crate::models::*;

/// Первый платёж за заказ или за все заказы корзины, которую оплачивают вместе (они даны по порядку номеров).
pub(super) async fn first_terms(work: &Work, orders: &[(&order::Model, &[order_item::Model])]) -> Result<NewPayment> {
    let mut receipts = Vec::with_capacity(orders.len());
    for (order, items) in orders {
        receipts.push(receipt_of(work, order, items, Turn::First).await?);
    }
    let (first, _) = orders[0];
    let share = |(order, _): &(&order::Model, &[order_item::Model])| (order.subject(), order.due_now());
    let parts: Vec<(Subject, Money)> = orders.iter().map(share).collect();
    let numbers: Vec<&str> = orders.iter().map(|(order, _)| order.number.as_str()).collect();
    Ok(NewPayment {
        amount: parts.iter().map(|(_, amount)| *amount).sum(),
        receipt: joined(receipts),
        parts: if parts.len() > 1 { parts } else { Vec::new() },
        ..terms(work, first, first.first_subject(), &numbers.join(", "), "orders.payment_description")
    })
}

/// Второй платёж: остаток неотменённых строк.
pub(super) async fn balance_terms(
    work: &Work,
    order: &order::Model,
    items: &[order_item::Model],
) -> Result<NewPayment> {
    let live: Vec<order_item::Model> = items.iter().filter(|item| item.cancelled_at.is_none()).cloned().collect();
    Ok(NewPayment {
        amount: order.balance_amount,
        receipt: receipt_of(work, order, &live, Turn::Balance).await?,
        ..terms(work, order, order.balance_subject(), &order.number, "orders.balance_description")
    })
}

fn terms(work: &Work, order: &order::Model, subject: Subject, number: &str, words: &str) -> NewPayment {
    let description = work.ctx().texts().get(letters::lang_of(order), words, &serde_json::json!({"number": number}));
    NewPayment {
        subject,
        subject_number: Some(number.to_owned()),
        amount: Money::ZERO,
        currency: order.currency.clone(),
        description,
        user_id: order.user_id,
        provider: Some(order.payment_provider.clone()),
        return_url: letters::order_url(work.ctx(), order),
        receipt: None,
        parts: Vec::new(),
    }
}

/// Один чек на всех: покупатель у заказов корзины один.
fn joined(receipts: Vec<Option<Receipt>>) -> Option<Receipt> {
    let mut all = receipts.into_iter().flatten();
    let first = all.next()?;
    Some(all.fold(first, |mut whole, next| {
        whole.lines.extend(next.lines);
        whole
    }))
}
