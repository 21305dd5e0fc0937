//! Письма покупателю: куда он просит, а не просил — на почту, нет её — SMS. Ставятся в транзакции дела, уходят один раз.

use kernel::{Ctx, Lang, Money, Result, Work};
use notifications::services::tell;
use notifications::{Notice, Person};
use payments::models::payment;
use preorders::events::WaveMoved;
use serde_json::{Value, json};

use super::drop_wave::Gone;
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

/// Волна отменена, из заказа ушли её строки: деньги возвращаются или заказ подешевел.
pub(super) async fn items_cancelled(
    work: &mut Work,
    order: &order::Model,
    items: &[order_item::Model],
    gone: &Gone,
    message: &str,
) -> Result<()> {
    let titles: Vec<String> = items.iter().map(order_item::Model::title).collect();
    let price = gone.price.as_ref();
    let extra = json!({
        "titles": titles,
        "refunded": gone.refunded,
        "message": message,
        "is_cheaper": price.is_some(),
        "to_pay": price.map(|price| price.to_pay),
        "was": price.map(|price| price.was),
        "balance": price.map(|price| price.balance),
        "pay_url": price.and_then(|price| price.pay_url.clone()),
    });
    send(work, order, "items_cancelled", extra).await
}

/// Остаток после задатка всё ещё ждут.
pub(super) async fn balance_reminder(work: &mut Work, order: &order::Model, payment: &payment::Model) -> Result<()> {
    let asked = order.balance_asked_at.map(|at| (at + work.ctx().shop_offset()).format("%d.%m.%Y").to_string());
    let extra = json!({"balance": payment.amount, "asked": asked, "pay_url": payment.pay_url(work.ctx())});
    send(work, order, "balance_reminder", extra).await
}

/// Деньги за отменённый заказ пришли и возвращаются.
pub(super) async fn late_payment_refunded(work: &mut Work, order: &order::Model, amount: Money) -> Result<()> {
    send(work, order, "late_payment_refunded", json!({"amount": amount})).await
}

/// Ответы на то, что покупатель делает прямо сейчас: ночью он их ждёт.
const URGENT: [&str; 2] = ["order_placed", "order_paid"];

async fn send(work: &mut Work, order: &order::Model, letter: &str, extra: Value) -> Result<()> {
    let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let person = Person {
        user_id: order.user_id,
        email: filled(&order.contact_email),
        phone: filled(&order.contact_phone),
        lang: lang_of(order),
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
    let template = format!("orders.letters.{letter}");
    tell(work, &person, &Notice { template, data, urgent: URGENT.contains(&letter) }).await
}
