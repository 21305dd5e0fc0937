//! Админка: заказы — состояния кнопками, строки, деньги, история.

mod actions;
mod panels;
mod sheets;
mod today;

use admin::{Cell, Choice, Filter, Model, Screen, Tone};
use kernel::Money;
use sea_orm::Condition;
use sea_orm::entity::prelude::*;

use crate::models::*;
use crate::permissions::VIEW_ORDER;

pub use panels::orders_of_person;
pub use today::{placed_today, revenue_today};

const STATUSES: &[Choice] = &[
    Choice::new("pending", ("ждёт оплаты", "pending"), Tone::Wait),
    Choice::new("paid", ("оплачен", "paid"), Tone::Good),
    Choice::new("processing", ("собирается", "processing"), Tone::Plain),
    Choice::new("shipped", ("в пути", "shipped"), Tone::Plain),
    Choice::new("delivered", ("доставлен", "delivered"), Tone::Good),
    Choice::new("installed", ("собран у покупателя", "installed"), Tone::Good),
    Choice::new("cancelled", ("отменён", "cancelled"), Tone::Quiet),
    Choice::new("returned", ("возвращён", "returned"), Tone::Quiet),
];

const MONEY: &[Choice] = &[
    Choice::new("pending", ("ждём", "pending"), Tone::Wait),
    Choice::new("succeeded", ("получены", "received"), Tone::Good),
    Choice::new("cancelled", ("отменены", "cancelled"), Tone::Quiet),
    Choice::new("failed", ("не приняты", "failed"), Tone::Bad),
    Choice::new("refunded", ("возвращены", "refunded"), Tone::Quiet),
    Choice::new("attention", ("не сошлись", "need attention"), Tone::Bad),
];

pub fn orders() -> Screen {
    use order::Column;
    Model::<Order>::new("orders", "order", ("Заказы", "Orders"), ("Заказ", "Order"), VIEW_ORDER)
        .label(|order| format!("Заказ {}", order.number))
        .column(("Номер", "Number"), |order| order.number.clone().into())
        .column(("Состояние", "Status"), |order| Cell::coded(STATUSES, &order.status))
        .column(("Деньги", "Money"), |order| Cell::coded(MONEY, &order.payment_status))
        .column(("К оплате", "Total"), |order| order.final_amount.into())
        .column(("Покупатель", "Customer"), |order| order.contact_name.clone().into())
        .column(("Телефон", "Phone"), |order| order.contact_phone.clone().into())
        .column(("Оформлен", "Placed"), |order| order.created_at.into())
        .sorted("placed", Column::CreatedAt)
        .filter(Filter::choice("status", ("Состояние", "Status"), Column::Status, STATUSES))
        .filter(Filter::choice("payment_status", ("Деньги", "Money"), Column::PaymentStatus, MONEY))
        .filter(Filter::days("created", ("Оформлен", "Placed"), Column::CreatedAt))
        .filter(Filter::days("balance_asked", ("Остаток просили", "Balance asked"), Column::BalanceAskedAt))
        .filter(Filter::money("total", ("Сумма, ₽", "Total, ₽"), Column::FinalAmount))
        .search(("номер, телефон, почта", "number, phone, e-mail"), found)
        .group(("Заказ", "Order"))
        .line(("Состояние", "Status"), |order| Cell::coded(STATUSES, &order.status))
        .line(("Причина отмены", "Cancelled because"), |order| order.cancel_reason.clone().into())
        .line(("Оформлен", "Placed"), |order| order.created_at.into())
        .line(("Отгружен", "Shipped"), |order| order.shipped_at.into())
        .line(("Доставлен", "Delivered"), |order| order.delivered_at.into())
        .line(("Комментарий покупателя", "Customer's comment"), |order| {
            Cell::long(order.comment.clone())
        })
        .group(("Деньги", "Money"))
        .line(("Деньги", "Money"), |order| Cell::coded(MONEY, &order.payment_status))
        .line(("Товары", "Goods"), |order| order.items_amount.into())
        .line(("Доставка", "Delivery"), |order| order.delivery_amount.into())
        .line(("Скидка", "Discount"), |order| filled(order.discount_amount))
        .line(("Промокод", "Promo code"), |order| {
            Cell::object("promos.promo_code", order.promo_code_id, order.promo_code.clone().unwrap_or_default())
        })
        .line(("К оплате", "Total"), |order| order.final_amount.into())
        .line(("Получено", "Received"), |order| filled(order.received()))
        .line(("Остаток к доплате", "Balance due"), |order| filled(order.balance_due()))
        .line(("Остаток ждём с", "Balance due since"), |order| match order.balance_due().is_zero() {
            true => Cell::Empty,
            false => order.balance_asked_at.into(),
        })
        .line(("Возвращено", "Refunded"), |order| filled(order.refunded_amount))
        .line(("Оплачен", "Paid"), |order| order.paid_at.into())
        .group(("Покупатель", "Customer"))
        .line(("Имя", "Name"), |order| order.contact_name.clone().into())
        .line(("Телефон", "Phone"), |order| order.contact_phone.clone().into())
        .line(("Почта", "E-mail"), |order| order.contact_email.clone().into())
        .line(("Учётная запись", "Account"), |order| {
            Cell::object("accounts.user", order.user_id, format!("№ {}", order.user_id.unwrap_or_default()))
        })
        .group(("Доставка", "Delivery"))
        .help(("Адрес меняют, пока заказ не уехал.", "The address can be changed until the order ships."))
        .line(("Способ", "Method"), |order| order.delivery_title.clone().into())
        .line(("Адрес", "Address"), |order| order.delivery_address.clone().into())
        .line(("Пункт СДЭК", "CDEK point"), |order| order.cdek_point.clone().into())
        .line(("Трек-номер", "Tracking number"), |order| order.tracking_number.clone().into())
        .document(sheets::packing())
        .document(sheets::invoice())
        .panel(panels::items())
        .panel(panels::payments())
        .panel(panels::history())
        .action(actions::processing())
        .action(actions::ship())
        .action(actions::deliver())
        .action(actions::installed())
        .action(actions::paid())
        .action(actions::balance())
        .action(actions::change())
        .action(actions::refund())
        .action(actions::returned())
        .action(actions::cancel())
        .screen()
}

/// По виду написанного: каждый из столбцов ищется отдельно, чтобы не читать всю таблицу.
fn found(text: &str) -> Condition {
    use order::Column;
    let all = Condition::all();
    if text.contains('@') {
        return all.add(Column::ContactEmail.eq(text.to_lowercase()));
    }
    match accounts::phones::parse(text) {
        Some(phone) => all.add(Column::ContactPhone.eq(phone)),
        None => all.add(Column::Number.eq(text.to_uppercase())),
    }
}

/// Ноль — пусто.
fn filled(money: Money) -> Cell {
    if money.is_zero() { Cell::Empty } else { money.into() }
}
