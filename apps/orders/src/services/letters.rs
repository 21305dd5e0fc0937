//! Письма покупателю: на почту, а если её нет — SMS. Ставятся в транзакции дела, уходят один раз.

use kernel::{Ctx, Lang, Money, Result, Work};
use notifications::services::send_later;
use notifications::{Channel, Message};
use payments::models::payment;
use preorders::events::WaveMoved;
use serde_json::{Value, json};

use crate::models::*;
use crate::settings::OrderSettings;

/// Язык, на котором заказывали.
pub(super) fn lang_of(order: &order::Model) -> Lang {
    if order.lang == Lang::En.code() { Lang::En } else { Lang::Ru }
}

/// Страница заказа на сайте.
pub fn order_url(ctx: &Ctx, order: &order::Model) -> String {
    let site = ctx.settings().kernel.server.public_url.trim_end_matches('/');
    let page = ctx.section::<OrderSettings>().page.replace("{token}", &order.access_token);
    format!("{site}{page}")
}

pub(super) async fn placed(
    work: &mut Work,
    order: &order::Model,
    items: &[order_item::Model],
    pay_url: Option<String>,
) -> Result<()> {
    let lines: Vec<Value> = items
        .iter()
        .map(|item| json!({"title": item.title(), "quantity": item.quantity, "amount": item.amount}))
        .collect();
    let extra = json!({
        "items": lines,
        "delivery": order.delivery_amount,
        "address": order.delivery_address,
        "discount": order.discount_amount,
        "promo_code": order.promo_code,
        "pay_url": pay_url,
        "deposit": order.deposit_amount,
        "balance": order.balance_amount,
    });
    send(work, order, "order_placed", extra).await
}

pub(super) async fn paid(work: &mut Work, order: &order::Model) -> Result<()> {
    let extra = json!({"amount": order.due_now(), "balance": order.balance_amount});
    send(work, order, "order_paid", extra).await
}

pub(super) async fn shipped(work: &mut Work, order: &order::Model) -> Result<()> {
    send(work, order, "order_shipped", json!({"tracking_number": order.tracking_number})).await
}

/// `words` — что сказал об этом магазин, если сказал.
pub(super) async fn cancelled(work: &mut Work, order: &order::Model, reason: &str, words: &str) -> Result<()> {
    // Своих слов покупателю не повторяют.
    let words = if reason == "cancelled_by_customer" { "" } else { words };
    let why = work.ctx().texts().get(lang_of(order), &format!("orders.reasons.{reason}"), &json!({}));
    send(work, order, "order_cancelled", json!({"reason": why, "words": words, "was_paid": order.paid_at.is_some()}))
        .await
}

/// Волна предзаказа перешла дальше.
/// `balance` — платёж за остаток, если его пора просить: письмо всё равно одно.
pub(super) async fn wave_moved(
    work: &mut Work,
    order: &order::Model,
    items: &[order_item::Model],
    moved: &WaveMoved,
    balance: Option<&payment::Model>,
) -> Result<()> {
    let status = format!("preorders.statuses.{}", moved.to.code());
    let words = work.ctx().texts().get(lang_of(order), &status, &json!({}));
    let in_wave = |item: &&order_item::Model| {
        item.product_id == moved.product_id && item.preorder_wave == Some(moved.wave_number)
    };
    let titles: Vec<String> = items.iter().filter(in_wave).map(order_item::Model::title).collect();
    let extra = json!({
        "status": words,
        "message": moved.message,
        "titles": titles,
        "wave": moved.wave_number,
        "balance": balance.map(|payment| payment.amount),
        "pay_url": balance.and_then(|payment| payment.pay_url(work.ctx())),
    });
    send(work, order, "wave_moved", extra).await
}

/// Волна отменена, из заказа ушли её строки.
pub(super) async fn items_cancelled(
    work: &mut Work,
    order: &order::Model,
    items: &[order_item::Model],
    refunded: Money,
    message: &str,
) -> Result<()> {
    let titles: Vec<String> = items.iter().map(order_item::Model::title).collect();
    send(work, order, "items_cancelled", json!({"titles": titles, "refunded": refunded, "message": message})).await
}

/// Деньги за отменённый заказ пришли и возвращаются.
pub(super) async fn late_payment_refunded(work: &mut Work, order: &order::Model, amount: Money) -> Result<()> {
    send(work, order, "late_payment_refunded", json!({"amount": amount})).await
}

async fn send(work: &mut Work, order: &order::Model, letter: &str, extra: Value) -> Result<()> {
    let (channel, to) = match (order.contact_email.as_str(), order.contact_phone.as_str()) {
        ("", "") => return Ok(()),
        ("", phone) => (Channel::Sms, phone),
        (email, _) => (Channel::Email, email),
    };
    let mut data = json!({
        "number": order.number,
        "name": order.contact_name,
        "amount": order.final_amount,
        "url": order_url(work.ctx(), order),
    });
    if let (Value::Object(data), Value::Object(extra)) = (&mut data, extra) {
        data.extend(extra);
    }
    let message = Message {
        channel,
        to: to.to_owned(),
        template: format!("orders.letters.{letter}"),
        lang: lang_of(order),
        data,
        secret: false,
    };
    send_later(work, &message).await
}
